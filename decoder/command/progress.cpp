// SPDX-License-Identifier: Apache-2.0
// Rewrites one line, and wipes it at the end.
#include "decoder/command/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <string_view>

namespace lmlog::decoder {
namespace {

constexpr auto kFirst = std::chrono::seconds(2);
constexpr auto kEvery = std::chrono::milliseconds(500);

volatile std::sig_atomic_t is_shown = 0;

void say(std::string_view text) {
  // Nothing hangs on it: what cannot be written is not written.
  [[maybe_unused]] const auto n = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

Progress::Progress(bool quiet, std::string what)
    : is_active_(!quiet && ::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) != 1),
      what_(std::move(what)),
      next_(std::chrono::steady_clock::now() + kFirst) {}

Progress::~Progress() { wipe(); }

void Progress::wipe() noexcept {
  if (is_shown == 0) return;
  say("\r\x1b[K");
  is_shown = 0;
}

void Progress::show() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kEvery;
  is_shown = 1;
  say(fmt::format("\r\x1b[K{} {}", done_, what_));
}

}  // namespace lmlog::decoder
