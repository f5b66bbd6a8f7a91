// SPDX-License-Identifier: Apache-2.0
// Where readers tell what they could not read. Words go to stderr at once; the exit code follows from what was told.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/result.hpp"

namespace lmlog::decoder {

/// Exit codes of all programs (docs: interface).
enum class ExitCode : int {
  done = 0,
  nothing_matched = 1,
  usage = 2,
  damaged = 3,
  io = 4,
  interrupted = 130,
};

/// Not thread-safe.
class Report {
 public:
  /// Lines go to `descriptor`: stderr, unless a test wants to read or to silence them.
  explicit Report(bool quiet = false, int descriptor = 2) : quiet_(quiet), descriptor_(descriptor) {}

  /// Bytes [offset, offset + length) of `path` could not be used; everything else was.
  void damage(std::string_view path, std::uint64_t offset, std::uint64_t length, std::string_view what);
  void damage(std::string_view path, const formats::Damage& damage);
  /// Ring bytes of the positions [from, to) are nowhere, though what lies at `offset` of `path` follows them.
  void missing(std::string_view path, std::uint64_t offset, std::string_view ring, std::uint64_t from,
               std::uint64_t to);
  /// Bytes [from, to) at the end of `path` are no whole entry or part: the normal trace of a crash, and no damage.
  void torn_end(std::string_view path, std::uint64_t from, std::uint64_t to);
  /// An error of a codec: damage, a version that is too new, or I/O, by its code.
  void error(std::string_view path, const formats::Error& error);
  /// The system refused something; `text` says what and what to do.
  void io(std::string_view path, std::string_view text);
  /// Worth knowing, but nothing is wrong; silenced by --quiet.
  void note(std::string_view text);
  /// The same, but only the first time that this text comes.
  void note_once(const std::string& text);

  [[nodiscard]] bool damaged() const noexcept { return damages_ != 0; }
  [[nodiscard]] bool io_failed() const noexcept { return io_errors_ != 0; }
  [[nodiscard]] std::uint64_t damages() const noexcept { return damages_; }
  [[nodiscard]] bool quiet() const noexcept { return quiet_; }

  /// The worst of what was told, or what `matched` says.
  [[nodiscard]] ExitCode exit_code(bool matched) const noexcept;

 private:
  void say(std::string_view text) const;
  /// What was told already is not told again: reading goes over some bytes more than once.
  [[nodiscard]] bool is_new(const std::string& text);

  bool quiet_;
  int descriptor_;
  std::uint64_t damages_ = 0;
  std::uint64_t io_errors_ = 0;
  std::set<std::string> said_;
};

}  // namespace lmlog::decoder
