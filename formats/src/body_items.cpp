// SPDX-License-Identifier: Apache-2.0
// Items of part bodies.
#include "formats/src/body_items.hpp"

#include <utility>

namespace lmlog::formats {

void write_state(const StateVector& state, ByteWriter& out) {
  ByteWriter bytes;
  state.write(bytes);
  out.str(bytes.str_ref());
}

bool take_state(ByteReader& in, StateVector& state) {
  const auto bytes = in.bytes(in.uv());
  if (!in.ok()) return false;
  auto parsed = StateVector::parse(bytes);
  if (!parsed) return false;
  state = *std::move(parsed);
  return true;
}

void write_losses_list(const LossList& losses, ByteWriter& out) {
  out.uv(losses.size());
  for (const auto& [reason, count] : losses) {
    out.uv(reason);
    out.uv(count);
  }
}

bool take_losses_list(ByteReader& in, LossList& losses) {
  const std::uint64_t n = in.count(2);
  if (n > kLossReasons) return false;
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint32_t reason = take_u32(in);
    const std::uint64_t count = in.uv();
    if (reason >= kLossReasons || (!losses.empty() && reason <= losses.back().first)) return false;
    losses.emplace_back(reason, count);
  }
  return in.ok();
}

void write_ranges(const TimeRanges& ranges, ByteWriter& out) {
  out.put(ranges.min_time);
  out.put(ranges.max_time);
  out.put(ranges.min_key);
  out.put(ranges.max_key);
}

TimeRanges take_ranges(ByteReader& in) noexcept {
  TimeRanges ranges;
  ranges.min_time = in.take<std::uint64_t>();
  ranges.max_time = in.take<std::uint64_t>();
  ranges.min_key = in.take<std::uint64_t>();
  ranges.max_key = in.take<std::uint64_t>();
  return ranges;
}

std::uint32_t take_u32(ByteReader& in) noexcept {
  const std::uint64_t value = in.uv();
  if (value > 0xFFFF'FFFFu) in.fail();
  return static_cast<std::uint32_t>(value);
}

}  // namespace lmlog::formats
