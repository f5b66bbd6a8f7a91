// SPDX-License-Identifier: Apache-2.0
// Described arguments as text: exactly what libfmt 9.1 prints of the C++ types, with all specs that it knows for them,
// and in its manner what it does not print itself (optional, structures, hashes).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "decoder/render/duration_text.hpp"
#include "decoder/render/values.hpp"
#include "lmlog/formats/described_value.hpp"
#include "lmlog/formats/type_description.hpp"

namespace lmlog::decoder {

/// A spec of a described argument, taken apart once for a statement.
struct DescribedFormat {
  bool is_bare = false;                            // a sequence without its brackets: {:n}
  std::unique_ptr<const DescribedFormat> element;  // of a sequence or an optional; null: as without a spec
  std::string leaf;                                // of a single value: "{:spec}"
  std::optional<DurationFormat> duration;          // of a duration
};

/// Null when libfmt has no such spec for the type.
[[nodiscard]] std::unique_ptr<const DescribedFormat> parse_format(const formats::TypeDescription& type,
                                                                  std::string_view spec);

/// The output of a value is bounded by its bytes: a hostile producer may claim long names or wide fields for each.
[[nodiscard]] constexpr std::size_t output_limit(std::size_t payload_bytes) noexcept {
  return (std::size_t{1} << 20) + 32 * payload_bytes;
}

/// Appends a value that has a description; `format` null: as `{}` does. False, and nothing appended, when libfmt
/// refuses the value or its text gets too long.
[[nodiscard]] bool append_described(std::string& out, const Value& value, const DescribedFormat* format);

/// Appends the part at the reader as `{}` does. False, and nothing appended, when it is gone. Throws std::length_error
/// when its text gets longer than `limit`.
[[nodiscard]] bool append_part(std::string& out, const formats::TypeDescription& type, formats::ValueReader& in,
                               std::size_t limit);

}  // namespace lmlog::decoder
