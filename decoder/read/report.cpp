// SPDX-License-Identifier: Apache-2.0
// Writes damage, errors and notes to stderr, one line each, escaped: paths and texts may hold anything.
#include "decoder/read/report.hpp"

#include <unistd.h>

#include <cerrno>

#include "decoder/render/escape.hpp"

namespace lmlog::decoder {
namespace {

/// More texts than this are not remembered: memory has a bound, and a repeated line is no harm.
constexpr std::size_t kMaxRemembered = 10'000;

}  // namespace

void Report::say(std::string_view text) const {
  std::string line = "lmlog-decode: ";
  append_terminal_text(line, text);
  line.push_back('\n');
  for (std::string_view left = line; !left.empty();) {
    const ssize_t n = ::write(descriptor_, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // nobody listens: the exit code still speaks
    left.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Report::damage(std::string_view path, std::uint64_t offset, std::uint64_t length, std::string_view what) {
  std::string text(path);
  if (length != 0) text += ": damaged bytes [" + std::to_string(offset) + ", " + std::to_string(offset + length) + ")";
  text += ": ";
  text += what;
  if (!is_new(text)) return;
  ++damages_;
  say(text);
}

void Report::damage(std::string_view path, const formats::Damage& damage) {
  this->damage(path, damage.offset, damage.length, damage.what);
}

void Report::missing(std::string_view path, std::uint64_t offset, std::string_view ring, std::uint64_t from,
                     std::uint64_t to) {
  damage(path, 0, 0,
         "before the block or entry at byte " + std::to_string(offset) + " the positions " + std::to_string(from) +
             " to " + std::to_string(to) + " of ring " + std::string(ring) + " are missing");
}

void Report::torn_end(std::string_view path, std::uint64_t from, std::uint64_t to) {
  note_once(std::string(path) + ": torn end at bytes [" + std::to_string(from) + ", " + std::to_string(to) +
            "): a collector is writing there, or was killed; it cuts them off when it starts");
}

void Report::error(std::string_view path, const formats::Error& error) {
  if (error.code == formats::ErrorCode::io) return io(path, error.text);
  damage(path, error.offset, error.length, error.text);
}

void Report::io(std::string_view path, std::string_view text) {
  ++io_errors_;
  const std::string line = std::string(path) + ": " + std::string(text);
  if (is_new(line)) say(line);
}

void Report::note(std::string_view text) {
  if (!quiet_) say(text);
}

void Report::note_once(const std::string& text) {
  if (is_new(text)) note(text);
}

bool Report::is_new(const std::string& text) {
  if (said_.contains(text)) return false;
  if (said_.size() < kMaxRemembered) said_.insert(text);
  return true;
}

ExitCode Report::exit_code(bool matched) const noexcept {
  if (io_failed()) return ExitCode::io;
  if (damaged()) return ExitCode::damaged;
  return matched ? ExitCode::done : ExitCode::nothing_matched;
}

}  // namespace lmlog::decoder
