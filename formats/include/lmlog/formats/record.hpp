// SPDX-License-Identifier: Apache-2.0
// The 16-byte record header and the arithmetic of record lengths. Implements formats/spec/shm-abi.md §6.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace lmlog::formats {

struct RecordHeader {
  std::uint64_t time;
  std::uint32_t stamp;
  std::uint32_t id_and_length;  // bits 0–19 id, bits 20–31 length / 8; length 0: extended
};

static_assert(sizeof(RecordHeader) == 16 && std::is_trivially_copyable_v<RecordHeader>);

inline constexpr std::size_t kRecordHeaderBytes = 16;
inline constexpr std::size_t kExtendedHeaderBytes = 24;
inline constexpr std::size_t kRecordAlignment = 8;
inline constexpr std::size_t kMaxShortLength = 4095 * 8;
inline constexpr std::uint64_t kMaxRecordBytes = 8u << 20;  // fits into a range of the journal
inline constexpr std::uint32_t kIdMask = (1u << 20) - 1;

[[nodiscard]] constexpr std::uint64_t round_up_8(std::uint64_t bytes) noexcept {
  return (bytes + 7) & ~std::uint64_t{7};
}

[[nodiscard]] constexpr std::uint64_t round_down(std::uint64_t bytes, std::uint64_t unit) noexcept {
  return bytes - bytes % unit;
}

/// Bytes of a record whose arguments need `argument_bytes`: header, extended if it must be, rounded up to 8.
[[nodiscard]] constexpr std::uint64_t record_length(std::uint64_t argument_bytes) noexcept {
  const std::uint64_t plain = round_up_8(kRecordHeaderBytes + argument_bytes);
  return plain <= kMaxShortLength ? plain : round_up_8(kExtendedHeaderBytes + argument_bytes);
}

/// Bytes of the longest record, pads aside, in a ring of `data_bytes`.
[[nodiscard]] constexpr std::uint64_t max_record_bytes(std::uint64_t data_bytes) noexcept {
  return std::min(data_bytes / 4, kMaxRecordBytes);
}

[[nodiscard]] constexpr std::uint32_t stamp_of(std::uint64_t position) noexcept {
  return static_cast<std::uint32_t>(position >> 3);
}

/// `length` is at most kMaxShortLength and a multiple of 8; 0 marks an extended record.
[[nodiscard]] constexpr std::uint32_t pack_id_and_length(std::uint32_t id, std::size_t length) noexcept {
  return id | static_cast<std::uint32_t>(length / 8) << 20;
}

}  // namespace lmlog::formats
