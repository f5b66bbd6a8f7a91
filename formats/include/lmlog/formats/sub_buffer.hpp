// SPDX-License-Identifier: Apache-2.0
// The head of a sub-buffer of an `overwrite` ring: all that a reader must know that begins there. And the jump of a
// reader over what was overwritten. Implements "overwrite rings" of formats/spec/shm-abi.md §6.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/record.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/ring_layout.hpp"
#include "lmlog/formats/state_vector.hpp"

namespace lmlog::formats {

inline constexpr std::uint64_t kSubBuffers = 8;           // as few as may be: records may be as long as can be
inline constexpr std::uint64_t kMaxSubBufferHead = 2048;  // the longest that a producer writes, with room to spare

[[nodiscard]] constexpr bool is_sub_buffered(const RingDescriptor& ring) noexcept {
  return ring.policy == static_cast<std::uint32_t>(RingPolicy::overwrite);
}

/// Bytes of the longest record in an `overwrite` ring: it must fit behind the head of its sub-buffer.
[[nodiscard]] constexpr std::uint64_t max_record_bytes_overwriting(std::uint64_t data_bytes,
                                                                   std::uint64_t sub_buffer_bytes) noexcept {
  return std::min(max_record_bytes(data_bytes), sub_buffer_bytes - kMaxSubBufferHead);
}

struct SubBufferHead {
  std::uint64_t time = 0;
  LossCounts counters{};  // of the ring's header, when it was written
  StateVector state;      // before it
};

/// Nothing when the record is no head of a sub-buffer, or contradicts itself.
[[nodiscard]] inline std::optional<SubBufferHead> parse_sub_buffer(const RecordView& record) {
  if (record.id != static_cast<std::uint32_t>(RecordKind::sub_buffer)) return std::nullopt;
  ByteReader in(record.body);
  SubBufferHead out;
  out.time = record.time;
  const auto position = in.take<std::uint64_t>();
  const auto index = in.take<std::uint64_t>();
  const auto n = in.take<std::uint32_t>();
  (void)in.take<std::uint32_t>();
  if (!in.ok() || position != record.position || n > kLossReasons) return std::nullopt;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto reason = in.take<std::uint32_t>();
    (void)in.take<std::uint32_t>();
    const auto count = in.take<std::uint64_t>();
    if (!in.ok() || reason >= kLossReasons) return std::nullopt;
    out.counters[reason] = std::max(out.counters[reason], count);
  }
  const auto state_bytes = in.take<std::uint32_t>();
  (void)in.take<std::uint32_t>();
  const auto bytes = in.bytes(state_bytes);
  if (!in.ok()) return std::nullopt;
  auto state = StateVector::parse(bytes);
  if (!state || state->index != index) return std::nullopt;
  out.state = *std::move(state);
  return out;
}

/// The loss record that tells of a jump has the position of the head behind it, and so much, as its cursor.
inline constexpr std::uint64_t kJumpCursor = 3;

/// What a reader that was at `reached` finds at the head of a later sub-buffer: the state before it as the reader has
/// reported it, and the counts that it must report there. Both are cumulative.
struct Jump {
  StateVector state;  // before `counts` are reported
  LossCounts counts{};
};

[[nodiscard]] inline Jump jump_to(const SubBufferHead& head, const StateVector& reached) {
  constexpr auto kOverwritten = static_cast<std::size_t>(LossReason::overwritten);
  Jump out{head.state, reached.losses};
  // What loss records told that are overwritten themselves.
  for (std::size_t i = 0; i < kLossReasons; ++i) out.counts[i] = std::max(out.counts[i], head.state.losses[i]);
  out.counts[kOverwritten] =
      reached.losses[kOverwritten] + (head.state.index - std::min(head.state.index, reached.index));
  out.state.losses = reached.losses;
  return out;
}

}  // namespace lmlog::formats
