// SPDX-License-Identifier: Apache-2.0
// Follows clock and sort key through the records of a run, and gives the run's time ranges in nanoseconds. Ticks are
// converted once per stretch of one clock: the conversion never goes back where ticks do not.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/state_vector.hpp"
#include "lmlog/formats/ticks.hpp"

namespace lmlog::formats {

class RunTimes {
 public:
  /// `clock` is the session's, for rings that have not said theirs.
  RunTimes(const StateVector& begin, std::uint32_t clock, const TickConverter& converter)
      : clock_(begin.clock_kind != 0 ? begin.clock_kind : clock),
        epoch_(begin.clock_epoch),
        key_(begin.sort_key),
        converter_(&converter) {}

  void add(std::uint64_t time) noexcept {
    key_ = std::max(key_, time);
    ticks_.add(time, key_);
  }

  /// A clock record: what it says holds for itself already.
  void add_clock(std::uint64_t time, std::span<const std::byte> body) noexcept {
    ByteReader in(body);
    const auto kind = in.take<std::uint32_t>();
    const auto epoch = in.take<std::uint32_t>();
    if (in.ok() && kind >= 1 && kind <= 4) {
      close_stretch();
      clock_ = kind;
      if (epoch != epoch_) key_ = time;
      epoch_ = epoch;
    }
    add(time);
  }

  [[nodiscard]] TimeRanges finish() noexcept {
    close_stretch();
    return ranges_;
  }

 private:
  void close_stretch() noexcept {
    if (ticks_.min_time <= ticks_.max_time) {
      ranges_.add(ns(ticks_.min_time), ns(ticks_.min_key));
      ranges_.add(ns(ticks_.max_time), ns(ticks_.max_key));
    }
    ticks_ = {};
  }

  /// Times before the epoch count as 0: the ranges are unsigned.
  [[nodiscard]] std::uint64_t ns(std::uint64_t time) const noexcept {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, converter_->record_ns(time, clock_)));
  }

  std::uint32_t clock_;
  std::uint32_t epoch_;
  std::uint64_t key_;
  const TickConverter* converter_;
  TimeRanges ticks_;  // of the stretch, in the clock's unit
  TimeRanges ranges_;
};

}  // namespace lmlog::formats
