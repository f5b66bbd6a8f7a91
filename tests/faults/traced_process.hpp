// SPDX-License-Identifier: Apache-2.0
// A process that stops before each system call of chosen kinds, in whichever of its threads. Unlike `strace -e inject`
// the threads can be told apart: strace counts calls per thread and cannot name one, so that the first calls of a later
// thread hide behind those of the main thread. x86-64 Linux.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lmlog::faults {

struct CallKind {
  std::string_view name;
  long number;
  int path_argument;        // -1: none
  int descriptor_argument;  // -1: none
};

/// All kinds that are known by name.
[[nodiscard]] const std::vector<CallKind>& call_kinds();
/// nullptr when there is none.
[[nodiscard]] const CallKind* call_kind(std::string_view name);

/// A thread about to make a call. What is asked of it is done when the handler returns.
class StoppedCall {
 public:
  StoppedCall(pid_t thread, int index);

  [[nodiscard]] const CallKind* kind() const noexcept { return kind_; }
  /// In the order of their beginning; the main thread is 0.
  [[nodiscard]] int index() const noexcept { return index_; }
  /// The file that it is about; empty when there is none.
  [[nodiscard]] std::string path() const;
  /// Of an open regular file: what it is, whatever its name is by now; 0 of all else.
  [[nodiscard]] std::uint64_t inode() const;
  [[nodiscard]] std::uint64_t argument(int which) const noexcept { return arguments_[static_cast<std::size_t>(which)]; }

  /// The call is not made, and fails with this error.
  void fail(int error_number) const;
  /// The call (read, write and their kin) is made for half of its bytes. False when it has fewer than two.
  [[nodiscard]] bool shorten() const;

 private:
  [[nodiscard]] std::string text_at(std::uint64_t address) const;

  pid_t thread_;
  int index_;
  const CallKind* kind_ = nullptr;
  std::array<std::uint64_t, 6> arguments_{};
};

enum class Then : std::uint8_t { go_on, kill };

/// Runs `command` to its end and gives what waitpid says of it. `handler` sees every call of `kinds`. SIGTERM and
/// SIGINT of this process are passed on.
[[nodiscard]] int run_traced(const std::vector<std::string>& command, const std::vector<const CallKind*>& kinds,
                             const std::function<Then(const StoppedCall&)>& handler);

}  // namespace lmlog::faults
