// SPDX-License-Identifier: Apache-2.0
// Rewrites one line, and wipes it at the end.
#include "decoder/command/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace lmlog::decoder {
namespace {

constexpr auto kFirst = std::chrono::seconds(2);
constexpr auto kEvery = std::chrono::milliseconds(500);

void say(const std::string& text) {
  // Nothing hangs on it: what cannot be written is not written.
  [[maybe_unused]] const auto n = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

Progress::Progress(bool quiet, std::string what)
    : is_active_(!quiet && ::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) != 1),
      what_(std::move(what)),
      next_(std::chrono::steady_clock::now() + kFirst) {}

Progress::~Progress() {
  if (is_shown_) say("\r\x1b[K");
}

void Progress::show() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kEvery;
  is_shown_ = true;
  say(fmt::format("\r\x1b[K{} {}", done_, what_));
}

}  // namespace lmlog::decoder
