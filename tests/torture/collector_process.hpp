// SPDX-License-Identifier: Apache-2.0
// The collector under torture: one after the other, each told beforehand where it has to die, or killed from outside.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/torture/collector_phase.hpp"
#include "tests/torture/random.hpp"

namespace lmlog::torture {

/// Deaths by phase.
using Histogram = std::array<std::uint64_t, kPhases>;

class CollectorProcess {
 public:
  /// `command` serves; `words` is the path of the file that driver and shim share; stderr is appended to `errors`.
  CollectorProcess(std::vector<std::string> command, std::string shim, const std::string& words, std::string errors);
  ~CollectorProcess();
  CollectorProcess(const CollectorProcess&) = delete;
  CollectorProcess& operator=(const CollectorProcess&) = delete;

  /// With a plan: a phase, a moment and a call of it by the dice.
  void start(Random& random, bool with_plan);
  void kill();

  enum class End : std::uint8_t { none, killed, by_itself };
  /// Whether it is dead by now; `deaths` gets the phase of one that was killed.
  [[nodiscard]] End look(Histogram& deaths);
  [[nodiscard]] bool is_running() const noexcept { return pid_ > 0; }
  [[nodiscard]] bool has_drained() const noexcept { return words_->has_drained != 0; }
  [[nodiscard]] int status() const noexcept { return status_; }

  /// Runs the command with one more argument to its end, without the shim.
  [[nodiscard]] bool run_with(const std::string& argument);

 private:
  [[nodiscard]] pid_t spawn(const std::vector<std::string>& command, bool with_shim) const;

  std::vector<std::string> command_;
  std::string shim_;
  std::string words_path_;
  std::string errors_;
  ShimWords* words_ = nullptr;
  pid_t pid_ = 0;
  int status_ = 0;
};

/// Starts a program; its output goes to the files that are named, stdin is empty. Throws std::system_error.
[[nodiscard]] pid_t start_program(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                                  const std::string& errors, int output = -1);

/// Makes and maps a file of zeros that other processes map too. Throws std::system_error.
[[nodiscard]] void* map_shared(const std::string& path, std::size_t bytes);

}  // namespace lmlog::torture
