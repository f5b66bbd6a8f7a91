// SPDX-License-Identifier: Apache-2.0
// Records as JSON: one object per line, or indented for people. Keys, order and types are those of the documented
// JSON record.
#pragma once

#include <string>
#include <string_view>

#include "decoder/read/row_batch.hpp"
#include "decoder/render/time_text.hpp"
#include "decoder/render/values.hpp"

namespace lmlog::decoder {

struct JsonOptions {
  bool pretty = false;
  bool int64_as_string = false;  // for readers that keep numbers as doubles
};

/// Appends the value of a field. Floats always have a point or an exponent; NaN and the infinities are the strings
/// "NaN", "Infinity" and "-Infinity"; pointers are strings "0x…"; chars are strings of one character.
void append_json_value(std::string& out, Values& values, std::size_t index, bool int64_as_string);

/// Not thread-safe.
class JsonRenderer {
 public:
  explicit JsonRenderer(JsonOptions options) : options_(options) {}

  /// `values` hold the record's arguments, `message` is its raw message.
  void append(std::string& out, const Record& record, Values& values, std::string_view message);

 private:
  void append_line(std::string& out, const Record& record, Values& values, std::string_view message);
  void append_pretty(std::string& out, const Record& record, Values& values, std::string_view message);

  JsonOptions options_;
  TimeText time_;
};

}  // namespace lmlog::decoder
