// SPDX-License-Identifier: Apache-2.0
// All chance of a simulated run: one seed, one stream, the same on every machine.
#pragma once

#include <cstdint>
#include <cstring>

#include <lmlog/formats/id128.hpp>

namespace lmlog::collector::simulation {

/// SplitMix64: small, and every seed is a good one. (The distributions of the standard library differ between
/// libraries.)
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}

  [[nodiscard]] std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// 0 … n − 1; n is small beside 2^64.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) noexcept { return next() % n; }
  /// Both included.
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  /// True once in `n` times.
  [[nodiscard]] bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }

  [[nodiscard]] formats::Id128 id() noexcept {
    const std::uint64_t halves[] = {next(), next()};
    formats::Id128 out;
    std::memcpy(out.bytes.data(), halves, sizeof(halves));
    return out;
  }

 private:
  std::uint64_t state_;
};

}  // namespace lmlog::collector::simulation
