// SPDX-License-Identifier: Apache-2.0
// The torture's dice: small, repeatable from a seed; quality does not matter.
#pragma once

#include <cstdint>

namespace lmlog::torture {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_((seed + 1) * 0x9E3779B97F4A7C15ULL | 1) {
    for (int i = 0; i < 4; ++i) (void)next();
  }

  std::uint64_t next() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::uint64_t below(std::uint64_t limit) noexcept { return (next() >> 11) % limit; }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept { return low + below(high - low + 1); }
  bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace lmlog::torture
