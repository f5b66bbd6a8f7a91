// SPDX-License-Identifier: Apache-2.0
// The text that tells a reader what the bytes of an argument mean, made from its C++ type at compile time.
// Implements "Type descriptions" of formats/spec/registry.md; the codecs say their part of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lmlog::detail {

inline constexpr std::size_t kMaxDescription = 4096;
inline constexpr std::size_t kMaxDescriptionDepth = 32;
inline constexpr std::size_t kMaxDescriptionParts = 255;

/// Counts what it is told, and keeps it if it was given a place.
class DescriptionWriter {
 public:
  constexpr explicit DescriptionWriter(char* out = nullptr) noexcept : out_(out) {}

  constexpr void text(std::string_view text) noexcept {
    for (const char c : text) {
      if (out_ != nullptr) out_[bytes_] = c;
      ++bytes_;
    }
  }

  constexpr void decimal(std::uintmax_t value) noexcept {
    if (value >= 10) decimal(value / 10);
    const char digit = static_cast<char>('0' + value % 10);
    text({&digit, 1});
  }

  [[nodiscard]] constexpr std::size_t bytes() const noexcept { return bytes_; }

 private:
  char* out_;
  std::size_t bytes_ = 0;
};

/// The description that `Codec::describe` gives, as a static text.
template <class Codec> struct [[gnu::visibility("hidden")]] Description {
  static constexpr std::size_t kBytes = [] {
    DescriptionWriter counter;
    Codec::describe(counter);
    return counter.bytes();
  }();
  static constexpr std::array<char, kBytes> kText = [] {
    std::array<char, kBytes> text{};
    DescriptionWriter writer(text.data());
    Codec::describe(writer);
    return text;
  }();
  [[nodiscard]] static constexpr std::string_view view() noexcept { return {kText.data(), kBytes}; }
};

}  // namespace lmlog::detail
