// SPDX-License-Identifier: Apache-2.0
// The stable 64-bit identity of a site: a hash of level, argument shapes and format string, computed at compile time
// by the producer and again by every reader. Implements "Site hash" of formats/spec/registry.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "lmlog/formats/registry.hpp"

namespace lmlog::formats {

class SiteHasher {
 public:
  constexpr SiteHasher(std::uint8_t level, std::uint8_t argument_count) noexcept {
    byte(level);
    byte(argument_count);
  }

  /// `name` is empty for an argument without a name of its own; `description` counts with the flag `described` alone.
  constexpr void argument(std::uint8_t type, std::uint8_t flags, std::string_view name,
                          std::string_view description = {}) noexcept {
    byte(type);
    byte(flags);
    short_text(name);
    if ((flags & kArgDescribed) != 0) short_text(description);
  }

  [[nodiscard]] constexpr std::uint64_t finish(std::string_view format) noexcept {
    for (int shift = 0; shift < 32; shift += 8) byte(static_cast<std::uint8_t>(format.size() >> shift));
    text(format);
    std::uint64_t h = hash_;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    h ^= h >> 33;
    return h;
  }

 private:
  constexpr void short_text(std::string_view value) noexcept {
    byte(static_cast<std::uint8_t>(value.size()));
    byte(static_cast<std::uint8_t>(value.size() >> 8));
    text(value);
  }
  constexpr void byte(std::uint8_t value) noexcept { hash_ = (hash_ ^ value) * 1099511628211ULL; }
  constexpr void text(std::string_view value) noexcept {
    for (char c : value) byte(static_cast<std::uint8_t>(c));
  }

  std::uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace lmlog::formats
