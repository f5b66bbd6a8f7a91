// SPDX-License-Identifier: Apache-2.0
// The arguments of one record, taken from its body (registry.md, Arguments) once and then read by all renderers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "lmlog/formats/catalog.hpp"
#include "lmlog/formats/type_description.hpp"

namespace lmlog::decoder {

/// Where each argument of a statement lies in the bodies of its records.
struct ArgumentLayout {
  struct Place {
    formats::ArgType type{};
    std::uint32_t offset = 0;  // in the fixed part; unused for variable types
    const formats::TypeDescription* described = nullptr;
  };
  std::vector<Place> places;
  std::vector<std::unique_ptr<const formats::TypeDescription>> descriptions;  // of the places that have one
  std::uint32_t fixed_bytes = 0;

  [[nodiscard]] static ArgumentLayout of(const formats::Statement& statement);
};

struct Value {
  formats::ArgType type{};
  std::uint64_t bits = 0;      // signed types sign-extended, others zero-extended, floats as bit patterns
  std::string_view text;       // variable types
  bool is_unreadable = false;  // there is a value, but nobody here can tell which
  bool is_truncated = false;   // of `text` the producer wrote the beginning only
  const formats::TypeDescription* described = nullptr;  // what the value means beyond its type
};

/// Holds the values of the last record that was loaded. Not thread-safe.
class Values {
 public:
  /// False when the body is too short for the layout: then there are no values.
  /// `unreadable`: arguments that only have a place in the body; null: none.
  [[nodiscard]] bool load(const ArgumentLayout& layout, std::span<const std::byte> body,
                          const std::vector<bool>* unreadable = nullptr);

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// The producer cut one of them.
  [[nodiscard]] bool any_truncated() const noexcept { return any_truncated_; }
  [[nodiscard]] const Value& operator[](std::size_t i) const noexcept { return values_[i]; }

  /// Shortest text that reads back, as libfmt writes it with {}; formatted once for a record, however often it is
  /// asked.
  [[nodiscard]] std::string_view float_text(std::size_t i);

 private:
  static constexpr std::size_t kMaxArguments = 256;  // the catalog counts them in one byte
  static constexpr std::size_t kMaxFloatText = 40;

  std::size_t count_ = 0;
  bool any_truncated_ = false;
  std::array<Value, kMaxArguments> values_;
  std::array<std::array<char, kMaxFloatText>, kMaxArguments> float_texts_;
  std::array<std::uint8_t, kMaxArguments> float_lengths_{};  // 0: not formatted yet
};

}  // namespace lmlog::decoder
