// SPDX-License-Identifier: Apache-2.0
// Descriptions and values of hostile producers: parsing ends within their bounds, and the text and JSON of a value are
// bounded by its bytes. Input: u8 truncated, u8 length of the spec, u16 length of the description, spec, description,
// bytes of the value.

#include <cstring>
#include <string>

#include "decoder/render/described_json.hpp"
#include "decoder/render/described_text.hpp"
#include "decoder/render/json.hpp"
#include "lmlog/formats/described_value.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace formats = lmlog::formats;
using lmlog::fuzz::expect;

namespace {

/// One part more than the limit may be there when it is found out; its text is bounded by its bytes or its spec.
constexpr std::size_t kOnePart = 64 << 10;

std::size_t levels(const formats::TypeDescription& type) {
  std::size_t most = 0;
  for (const auto& part : type.parts) most = std::max(most, levels(part));
  return most + 1;
}

void expect_bounded(const std::string& out, std::size_t payload) {
  expect(out.size() <= lmlog::decoder::output_limit(payload) + 8 * payload + kOnePart, "output is bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  std::uint16_t description_bytes;
  std::memcpy(&description_bytes, data + 2, sizeof(description_bytes));
  const std::size_t head = 4 + std::size_t{data[1]} + description_bytes;
  if (size < head) return 0;
  const std::string all = lmlog::fuzz::as_string(data, size);
  const std::string_view spec = std::string_view(all).substr(4, data[1]);
  const std::string_view payload = std::string_view(all).substr(head);
  const auto type =
      formats::parse_type_description(std::string_view(all).substr(4 + std::size_t{data[1]}, description_bytes));
  if (!type) return 0;
  expect(levels(*type) <= formats::kMaxTypeDepth, "a description has few levels");

  const bool is_truncated = (data[0] & 1) != 0;
  const auto bytes = std::as_bytes(std::span(payload.data(), payload.size()));
  formats::ValueReader in(bytes, is_truncated);
  const bool is_there = formats::skip_value(*type, in);
  expect(in.left() <= payload.size(), "the walk stays in the value");
  expect(is_truncated || is_there == in.ok(), "nothing is gone of a value that was not cut");
  if (!formats::value_fits(*type, bytes, is_truncated)) return 0;

  if (!formats::described_type(formats::ArgType::structured, all.substr(4 + std::size_t{data[1]}, description_bytes)))
    return 0;
  lmlog::decoder::Value value;
  value.type = formats::ArgType::structured;
  value.text = payload;
  value.is_truncated = is_truncated;
  value.described = &*type;
  std::string text;
  (void)lmlog::decoder::append_described(text, value, nullptr);
  expect_bounded(text, payload.size());
  std::string json;
  const bool is_shown = lmlog::decoder::append_json_described(json, value, is_truncated);
  expect(is_shown != json.empty(), "a value is JSON, or nothing");
  expect_bounded(json, payload.size());
  // The decoder takes no more than four digits of a width.
  std::size_t digits = 0;
  for (const char c : spec) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 4 || c == '{' || c == '}') return 0;
  }
  if (const auto format = lmlog::decoder::parse_format(*type, spec)) {
    std::string formatted;
    (void)lmlog::decoder::append_described(formatted, value, format.get());
    expect_bounded(formatted, payload.size());
  }
  return 0;
}
