// SPDX-License-Identifier: Apache-2.0
// The JSON record: keys, their order, types and special values.
#include "decoder/render/json.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include "tests/decoder/render/rendering_script.hpp"

namespace lmlog::decoder {
namespace {

using formats::ArgType;
using script::RecordScript;
namespace fs = formats::script;

std::string render(const RecordScript& record, JsonOptions options = {}) {
  Values values;
  EXPECT_TRUE(values.load(record.text().layout, record.record().body()));
  std::string message;
  record.text().message.append(message, values);
  std::string out;
  JsonRenderer(options).append(out, record.record(), values, message);
  return out;
}

/// The value of the only field.
std::string field(ArgType type, const fs::Arguments& arguments, JsonOptions options = {}) {
  const std::string line = render(RecordScript(formats::Level::info, "x", {{type, "v"}}, arguments), options);
  const std::size_t begin = line.find("\"fields\":{\"v\":") + 14;
  return line.substr(begin, line.find("},\"session\"") - begin);
}

TEST(Json, HasTheDocumentedKeysInTheirOrder) {
  const RecordScript record(formats::Level::warn, "order {id} filled at {px}",
                            {{ArgType::i64, "id"}, {ArgType::f64, "px"}, {ArgType::string, "why"}},
                            fs::Arguments().fixed(std::int64_t{9007199254740993}).fixed(48.0).string("a\"b"));
  EXPECT_EQ(render(record),
            R"({"time":"2026-11-22T21:44:15.123456789Z","time_unix_nano":"1795383855123456789","severity":"WARN",)"
            R"("severity_number":13,"service":"orders","host":"host-1","pid":4242,"tid":7,"thread":"worker",)"
            R"("message":"order 9007199254740993 filled at 48","template":"order {id} filled at {px}",)"
            R"("site":")" +
                fmt::format("{:016x}", record.record().row->statement->statement->site_hash) +
                R"(","file":"main.cpp","line":10,"function":"run",)"
                R"("fields":{"id":9007199254740993,"px":48.0,"why":"a\"b"},)"
                R"("session":"101112131415161718191a1b1c1d1e1f","cursor":"202122232425262728292a2b2c2d2e2f:88"})"
                "\n");
}

TEST(Json, LeavesOutWhatIsEmpty) {
  RecordScript record(formats::Level::info, "started", {});
  record.thread().is_known = false;
  const std::string line = render(record);
  for (const char* key : {"\"fields\"", "\"tid\"", "\"thread\"", "\"context\"", "\"weight\"", "\"trace_id\""})
    EXPECT_EQ(line.find(key), std::string::npos) << key;
}

TEST(Json, NamesUnnamedArgumentsByTheirIndex) {
  const RecordScript record(formats::Level::info, "{} {}", {{ArgType::i32, ""}, {ArgType::boolean, ""}},
                            fs::Arguments().fixed(std::int32_t{-1}).fixed(true));
  EXPECT_NE(render(record).find(R"("fields":{"0":-1,"1":true})"), std::string::npos);
}

TEST(Json, KeepsIntegersExact) {
  EXPECT_EQ(field(ArgType::i64, fs::Arguments().fixed(std::numeric_limits<std::int64_t>::min())),
            "-9223372036854775808");
  EXPECT_EQ(field(ArgType::u64, fs::Arguments().fixed(std::numeric_limits<std::uint64_t>::max())),
            "18446744073709551615");
  EXPECT_EQ(field(ArgType::i8, fs::Arguments().fixed(std::int8_t{-128})), "-128");
  EXPECT_EQ(field(ArgType::u16, fs::Arguments().fixed(std::uint16_t{65535})), "65535");
}

TEST(Json, WritesOnly64BitIntegersAsStringsWhenAsked) {
  const JsonOptions options{.pretty = false, .int64_as_string = true};
  EXPECT_EQ(field(ArgType::i64, fs::Arguments().fixed(std::int64_t{-7}), options), "\"-7\"");
  EXPECT_EQ(field(ArgType::u64, fs::Arguments().fixed(std::uint64_t{7}), options), "\"7\"");
  EXPECT_EQ(field(ArgType::i32, fs::Arguments().fixed(std::int32_t{7}), options), "7");
}

TEST(Json, GivesFloatsAPointOrAnExponent) {
  EXPECT_EQ(field(ArgType::f64, fs::Arguments().fixed(48.0)), "48.0");
  EXPECT_EQ(field(ArgType::f64, fs::Arguments().fixed(-0.0)), "-0.0");
  EXPECT_EQ(field(ArgType::f64, fs::Arguments().fixed(0.1)), "0.1");
  EXPECT_EQ(field(ArgType::f64, fs::Arguments().fixed(1e300)), "1e+300");
  EXPECT_EQ(field(ArgType::f64, fs::Arguments().fixed(123456789012345680.0)), "1.2345678901234568e+17");
  EXPECT_EQ(field(ArgType::f32, fs::Arguments().fixed(0.1f)), "0.1");
  EXPECT_EQ(field(ArgType::f32, fs::Arguments().fixed(16777216.0f)), "16777216.0");
}

TEST(Json, WritesFloatsThatReadBack) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const std::string text = field(ArgType::f64, fs::Arguments().fixed(value));
    ASSERT_EQ(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)), std::bit_cast<std::uint64_t>(value))
        << text;
  }
}

TEST(Json, WritesWhatIsNoNumberAsAString) {
  EXPECT_EQ(field(ArgType::f64, fs::Arguments().fixed(std::numeric_limits<double>::quiet_NaN())), "\"NaN\"");
  EXPECT_EQ(field(ArgType::f64, fs::Arguments().fixed(-std::numeric_limits<double>::quiet_NaN())), "\"NaN\"");
  EXPECT_EQ(field(ArgType::f64, fs::Arguments().fixed(std::numeric_limits<double>::infinity())), "\"Infinity\"");
  EXPECT_EQ(field(ArgType::f32, fs::Arguments().fixed(-std::numeric_limits<float>::infinity())), "\"-Infinity\"");
}

TEST(Json, WritesCharsPointersAndStrings) {
  EXPECT_EQ(field(ArgType::character, fs::Arguments().fixed('"')), R"("\"")");
  EXPECT_EQ(field(ArgType::character, fs::Arguments().fixed('\xe9')), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(field(ArgType::pointer, fs::Arguments().fixed(std::uint64_t{0x7ffe})), "\"0x7ffe\"");
  EXPECT_EQ(field(ArgType::string, fs::Arguments().string("a\nb")), R"("a\nb")");
  EXPECT_EQ(field(ArgType::boolean, fs::Arguments().fixed(std::uint8_t{2})), "true");
}

TEST(Json, ShowsTheContextOfTheThread) {
  formats::ByteWriter body;
  for (std::uint8_t i = 0; i < 24; ++i) body.put(i);
  body.put(std::uint32_t{1});  // flags and padding
  body.put(std::uint32_t{1});
  for (const std::string_view text : {"user", "x\"y"}) {
    body.put(static_cast<std::uint32_t>(text.size()));
    body.text(text);
  }
  RecordScript record(formats::Level::info, "x", {});
  record.thread().context = body.str_ref();
  EXPECT_NE(render(record).find(R"(,"context":{"user":"x\"y"},"trace_id":"000102030405060708090a0b0c0d0e0f",)"
                                R"("span_id":"1011121314151617","trace_flags":1,"session")"),
            std::string::npos)
      << render(record);
}

TEST(Json, ShowsAWeightThatIsNotOne) {
  RecordScript record(formats::Level::info, "x", {});
  record.row().weight = 10;
  EXPECT_NE(render(record).find(R"(,"weight":10,"session")"), std::string::npos);
}

TEST(Json, IndentsTheSameKeysWhenPretty) {
  const RecordScript record(formats::Level::info, "n {n}", {{ArgType::i32, "n"}},
                            fs::Arguments().fixed(std::int32_t{1}));
  std::string flat;
  for (const char c : render(record, {.pretty = true, .int64_as_string = false}))
    if (c != '\n') flat.push_back(c);
  std::string without_blanks;
  bool in_string = false;
  for (const char c : flat) {
    if (c == '"') in_string = !in_string;
    if (c != ' ' || in_string) without_blanks.push_back(c);
  }
  EXPECT_EQ(without_blanks + "\n", render(record));
}

}  // namespace
}  // namespace lmlog::decoder
