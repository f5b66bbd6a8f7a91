// SPDX-License-Identifier: Apache-2.0
// Described arguments in JSON: what keeps its type, what becomes text, and what was cut.
#include "decoder/render/described_json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/decoder/render/described_record.hpp"
#include "tests/decoder/render/described_script.hpp"

namespace lmlog::decoder {
namespace {

using formats::ArgType;
using script::DescribedRecord;
using script::payload;
using script::Wire;

std::string json_of(std::string_view type, std::string_view bytes, ArgType tag = ArgType::structured) {
  return DescribedRecord("{x}", type, bytes, false, tag).json();
}

template <class T> std::string json_value(const T& value, bool int64_as_string = false) {
  return DescribedRecord("{x}", Wire<T>::type(), payload(value)).json(int64_as_string);
}

TEST(DescribedJson, SequencesSetsAndTuplesAreArrays) {
  EXPECT_EQ(json_value(std::vector<int>{1, -2}), "[1,-2]");
  EXPECT_EQ(json_value(std::vector<int>{}), "[]");
  EXPECT_EQ(json_value(std::set<std::string>{"b", "a\""}), R"(["a\"","b"])");
  EXPECT_EQ(json_value(std::tuple<bool, char, double, float>(true, 'c', 48, 0.5f)), R"([true,"c",48.0,0.5])");
  EXPECT_EQ(json_value(std::vector<double>{NAN, INFINITY, -INFINITY}), R"(["NaN","Infinity","-Infinity"])");
  EXPECT_EQ(json_value(std::vector<std::vector<const void*>>{{reinterpret_cast<const void*>(8)}}), R"([["0x8"]])");
}

TEST(DescribedJson, LargeIntegersInsideAreStringsIfAsked) {
  const std::tuple<std::int64_t, std::uint64_t, std::int32_t> value(-1, std::numeric_limits<std::uint64_t>::max(), 3);
  EXPECT_EQ(json_value(value), "[-1,18446744073709551615,3]");
  EXPECT_EQ(json_value(value, true), R"(["-1","18446744073709551615",3])");
}

TEST(DescribedJson, MapsAreObjectsWithTheTextOfTheirKeys) {
  EXPECT_EQ(json_value(std::map<std::string, int>{{"a\n", 1}, {"b", 2}}), R"({"a\n":1,"b":2})");
  EXPECT_EQ(json_value(std::map<int, std::map<char, bool>>{{-1, {{'c', true}}}}), R"({"-1":{"c":true}})");
  EXPECT_EQ(json_value(std::map<std::pair<int, std::string>, int>{{{1, "x"}, 2}}), "{\"(1, \\\"x\\\")\":2}");
  EXPECT_EQ(json_value(std::map<std::filesystem::path, int>{{"/a", 2}}), R"({"/a":2})");
  EXPECT_EQ(json_value(std::multimap<int, std::string>{{1, "a"}, {1, "b"}}), R"([[1,"a"],[1,"b"]])");
}

TEST(DescribedJson, OptionalsAndVariantsAreWhatTheyHold) {
  EXPECT_EQ(json_value(std::vector<std::optional<int>>{1, {}}), "[1,null]");
  using Any = std::variant<std::monostate, std::string, std::vector<int>>;
  EXPECT_EQ(json_value(std::vector<Any>{Any(), Any("s"), Any(std::vector<int>{1})}), R"([null,"s",[1]])");
  EXPECT_EQ(json_of("<i4>", "\xff"), "null") << "valueless";
  EXPECT_EQ(json_of(".", ""), "null");
}

TEST(DescribedJson, StructuresAreObjects) {
  EXPECT_EQ(json_of("@Order{id=i8;px=f8;in=@I{a=?s;};}",
                    payload(std::int64_t{1}) + payload(2.5) + payload(std::optional<std::string>("x"))),
            R"({"id":1,"px":2.5,"in":{"a":"x"}})");
}

TEST(DescribedJson, DurationsAreTheirText) {
  EXPECT_EQ(json_of("d1/1000:i8", payload(std::int64_t{42}), ArgType::i64), R"("42ms")");
  EXPECT_EQ(json_of("d1/1:f8", payload(1.5), ArgType::f64), R"("1.5s")");
  EXPECT_EQ(json_value(std::vector<std::chrono::microseconds>{std::chrono::microseconds(1)}), R"(["1µs"])");
}

TEST(DescribedJson, PointsInTimeAreRfc3339) {
  const auto time = [](std::string_view type, auto count) {
    return json_of(type, payload(count), std::is_same_v<decltype(count), double> ? ArgType::f64 : ArgType::i64);
  };
  EXPECT_EQ(time("t1/1000000000:i8", std::int64_t{1'795'383'855'123'456'789}), R"("2026-11-22T21:44:15.123456789Z")");
  EXPECT_EQ(time("t1/1000:i8", std::int64_t{-1}), R"("1969-12-31T23:59:59.999000000Z")");
  EXPECT_EQ(time("t1/1:i8", std::int64_t{-62'167'219'200}), R"("0000-01-01T00:00:00.000000000Z")");
  EXPECT_EQ(time("t1/1:i8", std::int64_t{-62'167'219'201}), R"("-0001-12-31T23:59:59.000000000Z")");
  EXPECT_EQ(time("t1/1:i8", std::int64_t{253'402'300'800}), R"("+10000-01-01T00:00:00.000000000Z")");
  EXPECT_EQ(time("t86400/1:i8", std::int64_t{1}), R"("1970-01-02T00:00:00.000000000Z")");
  EXPECT_EQ(time("t1/3:i8", std::int64_t{4}), R"("1970-01-01T00:00:01.333333333Z")");
  EXPECT_EQ(time("t1/1:f8", 1.5), R"("1970-01-01T00:00:01.500000000Z")");
  EXPECT_EQ(time("t1/1:i8", std::numeric_limits<std::int64_t>::max()), R"("9223372036854775807s")");
}

TEST(DescribedJson, PathsAndHashesAreStrings) {
  EXPECT_EQ(json_of("P", "/a b", ArgType::string), R"("/a b")");
  EXPECT_EQ(json_value(std::vector<std::filesystem::path>{"/a\""}), R"(["/a\""])");
  EXPECT_EQ(json_of("h", payload(std::uint64_t{0xABC}), ArgType::u64), R"("0000000000000abc")");
}

TEST(DescribedJson, ErrorCodesHaveAMessageWhereTheSystemKnowsIt) {
  EXPECT_EQ(json_value(std::make_error_code(std::errc::no_such_file_or_directory)),
            R"({"category":"generic","value":2,"message":"No such file or directory"})");
  EXPECT_EQ(json_value(std::error_code(2, std::system_category())),
            R"({"category":"system","value":2,"message":"No such file or directory"})");
  EXPECT_EQ(json_of("E", payload(std::int32_t{-7}) + payload(std::string("my\"own"))),
            R"({"category":"my\"own","value":-7})");
}

TEST(DescribedJson, EndsWhereAValueWasCut) {
  const auto cut = [](std::string_view type, std::string_view bytes, std::size_t length) {
    return DescribedRecord("{x}", type, bytes.substr(0, length), true).json();
  };
  const std::string map = payload(std::map<std::string, std::string>{{"a", "xyz"}, {"b", "c"}});
  EXPECT_EQ(cut("{s:s}", map, 15), R"({"a":"xy"})");
  EXPECT_EQ(cut("{s:s}", map, 22), R"({"a":"xyz"})") << "a key without its value";
  EXPECT_EQ(cut("{s*s}", map, 22), R"([["a","xyz"]])");
  EXPECT_EQ(json_value(std::map<std::pair<int, std::string>, int>{{{1, "x"}, 2}}), "{\"(1, \\\"x\\\")\":2}");
  EXPECT_EQ(cut("(i4i4)", payload(std::tuple<int, int>(1, 2)), 3), "[]");
  EXPECT_EQ(cut("[?i4]", payload(std::vector<std::optional<int>>{1, 2}), 10), "[1]");
}

TEST(DescribedJson, BytesThatDoNotFitAreOpaque) {
  EXPECT_EQ(json_of("[s]", "abc"), R"("<3 bytes>")");
  EXPECT_EQ(json_of("[@S{" + std::string(3000, 'm') + "=b;}]", payload(std::vector<bool>(100'000, true))),
            R"("<100004 bytes>")")
      << "output is bounded by the bytes of the value";
}

TEST(TruncatedArguments, AreNamedBehindTheFieldsAndAtTheEndOfTheLine) {
  DescribedRecord record("{x}", "", "abc", true, ArgType::string);
  const std::string json = record.json_record();
  EXPECT_NE(json.find(R"("fields":{"x":"abc"},"truncated":["x"],"session")"), std::string::npos) << json;
  const std::string pretty = record.json_record(true);
  EXPECT_NE(pretty.find("\"x\": \"abc\"\n  },\n  \"truncated\": [\"x\"],\n  \"session\""), std::string::npos) << pretty;
  EXPECT_TRUE(record.text_record().ends_with("[worker] abc truncated=x\n")) << record.text_record();
}

TEST(TruncatedArguments, AreNotNamedWhereThereAreNone) {
  DescribedRecord record("{x}", "[s]", payload(std::vector<std::string>{"a"}));
  EXPECT_EQ(record.json_record().find("truncated"), std::string::npos);
  EXPECT_EQ(record.json_record(true).find("truncated"), std::string::npos);
  EXPECT_EQ(record.text_record().find("truncated"), std::string::npos);
}

TEST(TruncatedArguments, AreListedInTheOrderOfTheArguments) {
  namespace fs = formats::script;
  const script::RecordScript record(
      formats::Level::info, "{a} {b}",
      {{ArgType::string, "a"}, {ArgType::string, "b"}, {ArgType::structured, "c", "[i4]"}, {ArgType::i32, "d"}},
      fs::Arguments()
          .string("x", true)
          .string("y")
          .string(payload(std::vector<int>{1, 2}).substr(0, 8), true)
          .fixed(4));
  Values values;
  ASSERT_TRUE(values.load(record.text().layout, record.record().body()));
  std::string json;
  JsonRenderer({false, false}).append(json, record.record(), values, "x y");
  EXPECT_NE(json.find(R"("fields":{"a":"x","b":"y","c":[1],"d":4},"truncated":["a","c"],)"), std::string::npos) << json;
  std::string text;
  TextRenderer(false).append(text, record.record(), values, "x y");
  EXPECT_TRUE(text.ends_with(" x y c=[1] d=4 truncated=a,c\n")) << text;
}

}  // namespace
}  // namespace lmlog::decoder
