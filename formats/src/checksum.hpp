// SPDX-License-Identifier: Apache-2.0
// The one checksum of journal and segment: xxh3-64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <xxhash.h>

namespace lmlog::formats {

[[nodiscard]] inline std::uint64_t checksum(std::span<const std::byte> bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

/// Whether the bytes have the checksum. Fuzz targets link another definition, which always says yes.
[[nodiscard]] bool checksum_fits(std::span<const std::byte> bytes, std::uint64_t expected) noexcept;

/// The bytes of a wire struct, and of a buffer.
template <class T>
[[nodiscard]] std::span<const std::byte> bytes_of(const T& value, std::size_t count = sizeof(T)) noexcept {
  return std::as_bytes(std::span(&value, 1)).first(count);
}

[[nodiscard]] inline std::span<const std::byte> view(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace lmlog::formats
