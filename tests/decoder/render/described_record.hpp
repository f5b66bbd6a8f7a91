// SPDX-License-Identifier: Apache-2.0
// One record with one described argument, and what the decoder makes of it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "decoder/render/json.hpp"
#include "decoder/render/text.hpp"
#include "tests/decoder/render/rendering_script.hpp"

namespace lmlog::decoder::script {

class DescribedRecord {
 public:
  /// `payload`: the bytes of a variable argument, without their length.
  DescribedRecord(std::string_view format, std::string_view description, std::string_view payload,
                  bool is_truncated = false, formats::ArgType tag = formats::ArgType::structured)
      : record_(formats::Level::info, format, {{tag, name_in(format), description}},
                arguments(tag, payload, is_truncated)) {
    EXPECT_TRUE(values_.load(record_.text().layout, record_.record().body()));
    record_.text().message.append(message_, values_);
  }

  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] std::string json(bool int64_as_string = false) {
    std::string out;
    append_json_value(out, values_, 0, int64_as_string);
    return out;
  }
  [[nodiscard]] std::string json_record(bool is_pretty = false) {
    std::string out;
    JsonRenderer({is_pretty, false}).append(out, record_.record(), values_, message_);
    return out;
  }
  [[nodiscard]] std::string text_record() {
    std::string out;
    TextRenderer(false).append(out, record_.record(), values_, message_);
    return out;
  }

 private:
  static std::string_view name_in(std::string_view format) { return format.find("{x") == format.npos ? "" : "x"; }
  static fs::Arguments arguments(formats::ArgType tag, std::string_view payload, bool is_truncated) {
    fs::Arguments out;
    if (formats::is_variable(tag)) return out.string(payload, is_truncated);
    std::uint64_t bits = 0;
    std::memcpy(&bits, payload.data(), sizeof(bits));
    return out.fixed(bits);
  }

  RecordScript record_;
  Values values_;
  std::string message_;
};

/// The message of a record with a structured argument and the format `{x}`.
[[nodiscard]] inline std::string shown(std::string_view description, std::string_view payload,
                                       bool is_truncated = false) {
  return DescribedRecord("{x}", description, payload, is_truncated).message();
}

}  // namespace lmlog::decoder::script
