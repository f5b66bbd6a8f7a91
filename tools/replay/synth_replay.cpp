// SPDX-License-Identifier: Apache-2.0
// Log statements of the synthetic workloads and the loop around them.
#include "tools/replay/synth_replay.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <lmlog/lmlog.hpp>

#include "tools/replay/stop_flag.hpp"

namespace lmlog::tools {
namespace {

constexpr std::uint64_t kNames = 1000;
constexpr std::size_t kNameLength = 32;
constexpr std::uint64_t kWarnEvery = 1000;
constexpr std::uint64_t kStepNs = 1000;  // between two records of the clock user_ns

// One statement for each workload, clock and level; `now` and `at` differ in who reads the clock.
struct Heartbeat {
  [[gnu::always_inline]] void now() const noexcept { LMLOG_INFO("heartbeat"); }
  [[gnu::always_inline]] void at(std::uint64_t time) const noexcept { LMLOG_INFO_AT(time, "heartbeat"); }
  void warn_now() const noexcept { LMLOG_WARN("heartbeat"); }
  void warn_at(std::uint64_t time) const noexcept { LMLOG_WARN_AT(time, "heartbeat"); }
};

struct Sequence {
  std::int32_t n;
  [[gnu::always_inline]] void now() const noexcept { LMLOG_INFO("seq {n}", n); }
  [[gnu::always_inline]] void at(std::uint64_t time) const noexcept { LMLOG_INFO_AT(time, "seq {n}", n); }
  void warn_now() const noexcept { LMLOG_WARN("seq {n}", n); }
  void warn_at(std::uint64_t time) const noexcept { LMLOG_WARN_AT(time, "seq {n}", n); }
};

struct Order {
  std::int64_t id;
  double px;
  std::int32_t qty;
  [[gnu::always_inline]] void now() const noexcept { LMLOG_INFO("order {id} px {px} qty {qty}", id, px, qty); }
  [[gnu::always_inline]] void at(std::uint64_t time) const noexcept {
    LMLOG_INFO_AT(time, "order {id} px {px} qty {qty}", id, px, qty);
  }
  void warn_now() const noexcept { LMLOG_WARN("order {id} px {px} qty {qty}", id, px, qty); }
  void warn_at(std::uint64_t time) const noexcept { LMLOG_WARN_AT(time, "order {id} px {px} qty {qty}", id, px, qty); }
};

struct User {
  std::int32_t id;
  std::string_view name;
  [[gnu::always_inline]] void now() const noexcept { LMLOG_INFO("user {id} name {name}", id, name); }
  [[gnu::always_inline]] void at(std::uint64_t time) const noexcept {
    LMLOG_INFO_AT(time, "user {id} name {name}", id, name);
  }
  void warn_now() const noexcept { LMLOG_WARN("user {id} name {name}", id, name); }
  void warn_at(std::uint64_t time) const noexcept { LMLOG_WARN_AT(time, "user {id} name {name}", id, name); }
};

struct Eight {
  std::array<std::int32_t, 8> v;
  [[gnu::always_inline]] void now() const noexcept {
    LMLOG_INFO("{a} {b} {c} {d} {e} {f} {g} {h}", v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
  }
  [[gnu::always_inline]] void at(std::uint64_t time) const noexcept {
    LMLOG_INFO_AT(time, "{a} {b} {c} {d} {e} {f} {g} {h}", v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
  }
  void warn_now() const noexcept {
    LMLOG_WARN("{a} {b} {c} {d} {e} {f} {g} {h}", v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
  }
  void warn_at(std::uint64_t time) const noexcept {
    LMLOG_WARN_AT(time, "{a} {b} {c} {d} {e} {f} {g} {h}", v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
  }
};

/// The i-th record of each workload.
template <Workload> auto record_of(std::uint64_t i) noexcept;
template <> auto record_of<Workload::w1>(std::uint64_t) noexcept { return Heartbeat{}; }
template <> auto record_of<Workload::w2>(std::uint64_t i) noexcept { return Sequence{static_cast<std::int32_t>(i)}; }
template <> auto record_of<Workload::w3>(std::uint64_t i) noexcept {
  return Order{static_cast<std::int64_t>(i), static_cast<double>(10'000 + i % 10'000) / 100.0,
               static_cast<std::int32_t>(1 + i % 100)};
}
template <> auto record_of<Workload::w4>(std::uint64_t i) noexcept {
  return User{static_cast<std::int32_t>(i), user_name(i)};
}
template <> auto record_of<Workload::w5>(std::uint64_t i) noexcept {
  Eight out{};
  for (std::uint64_t k = 0; k < 8; ++k) out.v[k] = static_cast<std::int32_t>(i + k);
  return out;
}

class SynthThread {
 public:
  SynthThread(Workload workload, std::uint64_t records, const ReplayOptions& options)
      : workload_(workload), records_(records), given_time_(options.clock == lmlog::Clock::user_ns) {}

  void operator()(CallMeter& meter, Pacer& pacer) const {
    switch (workload_) {
      case Workload::w1:
        return same<Workload::w1>(meter, pacer);
      case Workload::w2:
        return same<Workload::w2>(meter, pacer);
      case Workload::w3:
        return same<Workload::w3>(meter, pacer);
      case Workload::w4:
        return same<Workload::w4>(meter, pacer);
      case Workload::w5:
        return same<Workload::w5>(meter, pacer);
      case Workload::mix:
        return mixed(meter, pacer);
    }
  }

 private:
  template <Workload W> void same(CallMeter& meter, Pacer& pacer) const {
    for (std::uint64_t i = 0; i < records_; ++i) {
      pacer.wait();
      if (stop_requested()) return;
      one<W>(i, meter);
    }
  }

  void mixed(CallMeter& meter, Pacer& pacer) const {
    for (std::uint64_t i = 0; i < records_; ++i) {
      pacer.wait();
      if (stop_requested()) return;
      switch (i % 5) {
        case 0:
          one_of_mix<Workload::w1>(i, meter);
          break;
        case 1:
          one_of_mix<Workload::w2>(i, meter);
          break;
        case 2:
          one_of_mix<Workload::w3>(i, meter);
          break;
        case 3:
          one_of_mix<Workload::w4>(i, meter);
          break;
        default:
          one_of_mix<Workload::w5>(i, meter);
          break;
      }
    }
  }

  template <Workload W> void one(std::uint64_t i, CallMeter& meter) const {
    const auto record = record_of<W>(i);
    if (given_time_)
      meter([&] { record.at(start_ns_ + i * kStepNs); });
    else
      meter([&] { record.now(); });
  }

  template <Workload W> void one_of_mix(std::uint64_t i, CallMeter& meter) const {
    if (i % kWarnEvery != kWarnEvery - 1) return one<W>(i, meter);
    const auto record = record_of<W>(i);
    if (given_time_)
      meter([&] { record.warn_at(start_ns_ + i * kStepNs); });
    else
      meter([&] { record.warn_now(); });
  }

  Workload workload_;
  std::uint64_t records_;
  bool given_time_;
  std::uint64_t start_ns_ = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
};

}  // namespace

std::optional<Workload> workload_of(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 6> names{"W1", "W2", "W3", "W4", "W5", "mix"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Workload>(found - names.begin());
}

std::string_view user_name(std::uint64_t i) {
  static const std::string names = [] {
    std::string out;
    for (std::uint64_t n = 0; n < kNames; ++n)
      out += fmt::format("customer-{:03}-of-a-trading-desk---", n).substr(0, kNameLength);
    return out;
  }();
  return std::string_view(names).substr(static_cast<std::size_t>(i % kNames) * kNameLength, kNameLength);
}

std::vector<ReplayThread> synth_threads(Workload workload, unsigned threads, std::uint64_t records,
                                        const ReplayOptions& options) {
  std::vector<ReplayThread> out;
  std::uint64_t left = options.limit == 0 ? records * threads : std::min(options.limit, records * threads);
  for (unsigned t = 0; t < threads; ++t) {
    const std::uint64_t share = left / (threads - t);
    left -= share;
    out.push_back({fmt::format("synth-{}", t), share, SynthThread(workload, share, options)});
  }
  return out;
}

}  // namespace lmlog::tools
