// SPDX-License-Identifier: Apache-2.0
// Columns of variable types: constant, plain, dictionary. Implements "Column encodings" of
// formats/spec/segment-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/src/string_dictionary.hpp"
#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

/// Encodes string columns one after the other; its dictionary is reused. Not thread-safe.
class StringEncoder {
 public:
  /// Replaces `out` by the values, which are at least one: constant, a dictionary where at most half are distinct, else
  /// plain.
  [[nodiscard]] Encoding encode(std::span<const StringValue> values, std::string& out);

 private:
  StringDictionary dictionary_;
};

/// True when `bytes` are exactly `count` strings. The encoding is one of the three; the views point into `bytes`.
[[nodiscard]] bool decode_strings(Encoding encoding, std::span<const std::byte> bytes, std::uint64_t count,
                                  std::vector<std::string_view>& out, std::vector<bool>& truncated);

[[nodiscard]] constexpr bool is_string_encoding(std::uint8_t encoding) noexcept {
  return encoding == 1 || encoding == 16 || encoding == 17;
}

}  // namespace lmlog::formats
