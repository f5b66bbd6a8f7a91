// SPDX-License-Identifier: Apache-2.0
// Takes every checksum for right, so that fuzzers reach what lies behind it. In place of formats/src/checksum.cpp.
#include "formats/src/checksum.hpp"

namespace lmlog::formats {

bool checksum_fits(std::span<const std::byte> bytes, std::uint64_t expected) noexcept {
  (void)bytes;
  (void)expected;
  return true;
}

}  // namespace lmlog::formats
