// SPDX-License-Identifier: Apache-2.0
// See clock_source.hpp.
#include "libproducer/src/clock_source.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <limits>
#include <string_view>

#include <lmlog/clock.hpp>

#include "libproducer/src/cancellation_waits.hpp"
#include "libproducer/src/counter_facts.hpp"

namespace lmlog::detail {

namespace {

std::int64_t clock_ns(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

bool kernel_keeps_time_by_tsc() noexcept {
  const CancellationWaits cancellation;  // dlopen() may bring us into a thread that is cancelled
  const int fd = ::open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  std::array<char, 16> text{};
  const ssize_t length = ::read(fd, text.data(), text.size());
  ::close(fd);
  return length > 0 && std::string_view(text.data(), static_cast<std::size_t>(length)).starts_with("tsc");
}

bool detect_invariant_tsc() noexcept { return counter_is_said_to_be_steady() || kernel_keeps_time_by_tsc(); }

// Half a millisecond keeps the error of two readings, some tens of ns each, near 100 ppm: good until the first anchor a
// second later.
constexpr std::int64_t kMeasureNs = 500'000;

// Taken when the library is loaded: usually the measurement is over before the first record asks for it.
const formats::Anchor load_anchor = take_anchor();

std::uint64_t measure_hz() noexcept {
  if (!tsc_is_invariant()) return 0;
  if (const std::uint64_t stated = stated_counter_hz(); stated != 0) return stated;
  // A static constructor of another file may come here before load_anchor is set.
  const formats::Anchor from = load_anchor.tsc == 0 ? take_anchor() : load_anchor;
  formats::Anchor to = take_anchor();
  while (to.monotonic_raw_ns - from.monotonic_raw_ns < kMeasureNs) to = take_anchor();
  const auto ticks = static_cast<double>(to.tsc - from.tsc);
  const auto ns = static_cast<double>(to.monotonic_raw_ns - from.monotonic_raw_ns);
  return static_cast<std::uint64_t>(ticks * 1e9 / ns);
}

}  // namespace

// Without a session: the clock that the default one would have. Asked for once, when the library is loaded.
std::atomic<bool> clock_is_tsc{tsc_is_invariant()};

std::uint64_t realtime_ns() noexcept { return static_cast<std::uint64_t>(clock_ns(CLOCK_REALTIME)); }

bool tsc_is_invariant() noexcept {
  static const bool invariant = detect_invariant_tsc();
  return invariant;
}

formats::Anchor take_anchor() noexcept {
  formats::Anchor best{};
  std::uint64_t best_width = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 3; ++i) {  // an interrupt in between widens one reading, hardly three
    const std::uint64_t before = read_tsc();
    const std::int64_t realtime = clock_ns(CLOCK_REALTIME);
    const std::int64_t raw = clock_ns(CLOCK_MONOTONIC_RAW);
    const std::uint64_t width = read_tsc() - before;
    if (width < best_width) {
      best_width = width;
      best = {before + width / 2, realtime, raw};
    }
  }
  return best;
}

std::uint64_t tsc_hz() noexcept {
  static const std::uint64_t hz = measure_hz();
  return hz;
}

std::int64_t coarse_monotonic_ns() noexcept { return clock_ns(CLOCK_MONOTONIC_COARSE); }

}  // namespace lmlog::detail
