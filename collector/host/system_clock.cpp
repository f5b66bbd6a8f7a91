// SPDX-License-Identifier: Apache-2.0
// clock_gettime, the time-stamp counter, and the boot id that the kernel publishes.
#include "collector/host/system_clock.hpp"

#include <ctime>
#include <fstream>
#include <string>

#include <lmlog/formats/counter.hpp>

namespace lmlog::collector {

namespace {

std::int64_t read(clockid_t id) {
  timespec now{};
  ::clock_gettime(id, &now);
  return static_cast<std::int64_t>(now.tv_sec) * kNsPerSecond + now.tv_nsec;
}

formats::Id128 read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  std::getline(file, text);
  std::erase(text, '-');
  return formats::Id128::parse(text).value_or(formats::Id128{});
}

}  // namespace

SystemClock::SystemClock() : boot_id_(read_boot_id()) {}

std::int64_t SystemClock::realtime_ns() const { return read(CLOCK_REALTIME); }
std::int64_t SystemClock::monotonic_ns() const { return read(CLOCK_MONOTONIC); }

formats::Anchor SystemClock::anchor() const {
  formats::Anchor best{};
  std::uint64_t narrowest = ~std::uint64_t{0};
  // The narrowest of a few tries: an interrupt between two readings costs microseconds of accuracy.
  constexpr int kTries = 5;
  for (int i = 0; i < kTries; ++i) {
    const std::uint64_t before = formats::read_counter();
    const std::int64_t realtime = read(CLOCK_REALTIME);
    const std::uint64_t middle = formats::read_counter();
    const std::int64_t raw = read(CLOCK_MONOTONIC_RAW);
    const std::uint64_t width = middle - before;
    if (width >= narrowest) continue;
    narrowest = width;
    best = {before + width / 2, realtime, raw};
  }
  return best;
}

void SystemClock::sleep_ns(std::int64_t duration) const {
  if (duration <= 0) return;
  const timespec time{duration / kNsPerSecond, duration % kNsPerSecond};
  ::nanosleep(&time, nullptr);  // a signal may end it early: callers look at the time again
}

}  // namespace lmlog::collector
