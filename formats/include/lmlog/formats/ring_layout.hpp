// SPDX-License-Identifier: Apache-2.0
// The header page of a ring file as it lies in shared memory. Implements formats/spec/shm-abi.md §3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/session_layout.hpp"

namespace lmlog::formats {

inline constexpr std::uint64_t kRingMagic = 0x474E52474F4C4D4CULL;  // "LMLOGRNG"
inline constexpr std::uint64_t kMinRingBytes = std::uint64_t{64} << 10;
inline constexpr std::uint64_t kMaxRingBytes = std::uint64_t{1} << 30;
inline constexpr std::uint64_t kDefaultRingBytes = std::uint64_t{1} << 20;
inline constexpr std::uint32_t kRingDataOffset = kHeaderBytes;

/// The static part: written before the file gets its name, never changed.
struct RingDescriptor {
  std::uint64_t magic;
  std::uint16_t major;
  std::uint16_t minor;
  std::uint32_t data_offset;
  std::uint64_t incompatible;
  std::uint64_t compatible;
  Id128 ring_id;
  Id128 session_id;
  std::uint64_t data_bytes;
  std::uint32_t number;
  std::uint32_t policy;  // RingPolicy
  std::uint64_t sub_buffer_bytes;
};

static_assert(sizeof(RingDescriptor) == 88 && std::is_trivially_copyable_v<RingDescriptor>);
static_assert(offsetof(RingDescriptor, ring_id) == 32 && offsetof(RingDescriptor, data_bytes) == 64);

inline constexpr std::size_t kHeadOffset = 256;
inline constexpr std::size_t kTailOffset = 320;
inline constexpr std::size_t kRingRetiredOffset = 384;
inline constexpr std::size_t kRingLossesOffset = 448;
inline constexpr std::size_t kFloorOffset = 704;
inline constexpr std::size_t kOwnerOffset = 768;
inline constexpr std::size_t kOwnerThreadOffset = 832;

/// The latest owner, for people who look from outside; written with its thread record, in no order to anything.
struct OwnerThread {
  std::uint32_t tid;
  std::uint32_t name_length;  // at most kNameBytes; more is a torn or foreign value
  char name[kNameBytes];
};

static_assert(sizeof(OwnerThread) == 72 && std::is_trivially_copyable_v<OwnerThread>);

/// What the collector answers, in one write: how far the bytes may be reused, and how many records of
/// statements that were.
struct TailLine {
  std::uint64_t tail;
  std::uint64_t not_tail;
  std::uint64_t drained;
  std::uint64_t not_drained;

  [[nodiscard]] static constexpr TailLine of(std::uint64_t tail, std::uint64_t drained) noexcept {
    return {tail, ~tail, drained, ~drained};
  }
  [[nodiscard]] constexpr bool is_whole() const noexcept { return tail == ~not_tail && drained == ~not_drained; }
  [[nodiscard]] constexpr bool operator==(const TailLine&) const noexcept = default;
};

static_assert(sizeof(TailLine) == 32 && std::is_trivially_copyable_v<TailLine>);

[[nodiscard]] constexpr bool is_valid_ring_size(std::uint64_t bytes) noexcept {
  return bytes >= kMinRingBytes && bytes <= kMaxRingBytes && (bytes & (bytes - 1)) == 0;
}

}  // namespace lmlog::formats
