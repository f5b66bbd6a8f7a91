// SPDX-License-Identifier: Apache-2.0
// Headers of the records that the library itself writes: state, heads of sub-buffers, pads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <lmlog/formats/record.hpp>
#include <lmlog/formats/registry.hpp>

namespace lmlog::detail {

/// Header and, where the length does not fit in it, the extended length. Returns where the body goes.
inline std::byte* write_header(std::byte* at, std::uint64_t position, formats::RecordKind kind, std::uint64_t bytes,
                               std::uint64_t time) noexcept {
  const bool extended = bytes > formats::kMaxShortLength;
  const formats::RecordHeader header{
      time, formats::stamp_of(position),
      formats::pack_id_and_length(static_cast<std::uint32_t>(kind), extended ? 0 : bytes)};
  std::memcpy(at, &header, sizeof(header));
  if (extended) std::memcpy(at + sizeof(header), &bytes, sizeof(bytes));
  return at + (extended ? formats::kExtendedHeaderBytes : formats::kRecordHeaderBytes);
}

}  // namespace lmlog::detail
