// SPDX-License-Identifier: Apache-2.0
// The check itself, in a library of its own: fuzz targets put another in its place.
#include "formats/src/checksum.hpp"

namespace lmlog::formats {

bool checksum_fits(std::span<const std::byte> bytes, std::uint64_t expected) noexcept {
  return checksum(bytes) == expected;
}

}  // namespace lmlog::formats
