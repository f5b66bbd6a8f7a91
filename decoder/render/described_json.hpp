// SPDX-License-Identifier: Apache-2.0
// Values as JSON: single ones, and those that a type description takes apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "decoder/render/values.hpp"

namespace lmlog::decoder {

/// Appends a float from its text: always with a point or an exponent; "NaN", "Infinity" and "-Infinity" are strings.
void append_json_float(std::string& out, std::string_view text);

/// Appends a value of a fixed type: chars are strings of one character, pointers strings "0x…".
void append_json_scalar(std::string& out, formats::ArgType type, std::uint64_t bits, bool int64_as_string);

/// Appends a value that has a description: sequences, sets and tuples as arrays, maps and structures as objects, a map
/// with equal keys as an array of pairs, variants and optionals as what they hold or null, times, durations, paths and
/// hashes as strings. False, and nothing appended, when its text gets too long.
[[nodiscard]] bool append_json_described(std::string& out, const Value& value, bool int64_as_string);

}  // namespace lmlog::decoder
