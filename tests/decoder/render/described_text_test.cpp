// SPDX-License-Identifier: Apache-2.0
// Described arguments in messages, compared with what libfmt prints of the C++ types themselves: for all specs that
// make sense, and for random ones. What libfmt 9.1 cannot print is compared with what later versions print.
#include "decoder/render/described_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/os.h>
#include <fmt/ranges.h>
#include <fmt/std.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include "tests/decoder/render/described_record.hpp"
#include "tests/decoder/render/described_script.hpp"

namespace lmlog::decoder {
namespace {

using formats::ArgType;
using script::DescribedRecord;
using script::payload;
using script::shown;
using script::Wire;
using std::chrono::duration;
using Strings = std::vector<std::string>;

/// libfmt 9.1 prints points in time in the zone of the process; records have none, so they are shown in UTC.
class DescribedText : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("TZ", "UTC", 1);
    tzset();
  }
};

template <class T> ArgType tag_of() {
  const std::string type = Wire<T>::type();
  if (type == "P") return ArgType::string;
  if (type[0] != 'd' && type[0] != 't') return ArgType::structured;
  return type.back() == '8' && type[type.size() - 2] == 'f' ? ArgType::f64 : ArgType::i64;
}

template <class T> std::string rendered(const T& value, const std::string& format) {
  constexpr bool is_path = std::is_same_v<T, std::filesystem::path>;
  std::string bytes;
  if constexpr (is_path) {
    bytes = value.native();
  } else {
    bytes = payload(value);
  }
  return DescribedRecord(format, Wire<T>::type(), bytes, false, tag_of<T>()).message();
}

/// What libfmt gives for the format, or for {} where it refuses.
template <class T> std::string expected(const T& value, const std::string& format) {
  try {
    return fmt::vformat(format, fmt::make_format_args(value));
  } catch (const std::exception&) {
    return fmt::format("{}", value);
  }
}

// Not in the template below, which is compiled for a hundred types.
void expect_same(const std::string& got, const std::string& wanted, const std::string& type,
                 const std::string& format) {
  EXPECT_EQ(got, wanted) << type << ' ' << format;
}

template <class T> void compare(const T& value, std::initializer_list<const char*> specs) {
  const auto compare_in = [&value](const std::string& format) {
    expect_same(rendered(value, format), fmt::vformat(format, fmt::make_format_args(value)), Wire<T>::type(), format);
  };
  compare_in("{}");
  for (const std::string spec : specs) compare_in("{:" + spec + "}");
}

const Strings kTexts = {"a", "two words", "q\"uote", "new\nline", "grün", "\xff", ""};

TEST_F(DescribedText, SequencesPrintAsInLibfmt) {
  compare(std::vector<int>{1, -2, 30}, {"n", ":", ":x", ":>5", ":#x", "n:03", ":+"});
  compare(std::vector<int>{}, {"n", ":>5"});
  compare(std::vector<std::uint8_t>{1, 255}, {":02x"});
  compare(std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min()}, {":>30"});
  compare(std::vector<double>{1, 2.5, -0.0, 1e300, NAN, INFINITY}, {":.2f", ":>8.1", "n:e"});
  compare(std::vector<float>{0.1f}, {":.3f"});
  compare(std::vector<bool>{true, false}, {":d", ":>7"});
  compare(std::vector<char>{'a', '\n', '"', '\'', '\xe9'}, {":", ":d", ":?", ":>3"});
  compare(std::vector<const void*>{reinterpret_cast<const void*>(8)}, {":>6", ":p"});
  compare(kTexts, {"n", ":", "n:", ":>5", ":.2", ":?", ":>9?", ":s"});
  compare(std::array<int, 3>{1, 2, 3}, {"n:02"});
}

TEST_F(DescribedText, SequencesInSequencesPrintAsInLibfmt) {
  compare(std::vector<std::vector<int>>{{1, 2}, {}, {3}}, {":", ":n", "n:n", "::x", "n:n:03", "::>4", "n::x"});
  compare(std::vector<Strings>{kTexts, {}}, {":", "::", ":n", "n:n", "n:n:", "::>3", "::?"});
  compare(std::vector<std::vector<std::vector<std::string>>>{{kTexts}}, {":", "::", ":::", ":n:n", "n:n:n:>4"});
  compare(std::vector<std::vector<char>>{{'x', '\n'}}, {":", "::"});
}

TEST_F(DescribedText, SetsAndMapsPrintAsInLibfmt) {
  compare(std::set<int>{3, 1}, {"n", ":x", "n:03"});
  compare(std::set<std::string>{"b", "a\n"}, {"n", ":", ":>4"});
  compare(std::set<char>{'a'}, {":"});
  compare(std::map<std::string, int>{{"k\n", 1}, {"l", 2}}, {"n", ":", "n:"});
  compare(std::map<char, Strings>{{'c', kTexts}}, {"n", ":"});
  compare(std::map<int, std::map<int, std::string>>{{1, {{2, "x\n"}}}}, {"n"});
  compare(std::multimap<int, std::string>{{1, "a"}, {1, "b"}}, {"n"});
  compare(std::vector<std::map<std::string, std::string>>{{{"a", "b"}}}, {":", ":n", "n:n", "::"});
  compare(std::map<std::filesystem::path, bool>{{"/a b", true}}, {"n"});
}

TEST_F(DescribedText, TuplesAndVariantsPrintAsInLibfmt) {
  compare(std::tuple<>(), {});
  compare(std::pair<int, std::string>(1, "s\n"), {});
  compare(
      std::tuple<std::string, Strings, char, bool, double, std::filesystem::path>("s", kTexts, 'c', true, 1.5, "/p"),
      {});
  compare(std::tuple<std::tuple<std::string>, std::set<char>, const void*>({"a"}, {'b'}, nullptr), {});
  compare(std::vector<std::tuple<std::string, int>>{{"a", 1}}, {"n", ":"});
  using Any = std::variant<std::monostate, std::string, char, Strings, std::filesystem::path, double, std::error_code>;
  for (const Any& value : {Any(), Any(std::string("x\n")), Any('c'), Any(kTexts), Any(std::filesystem::path("/x")),
                           Any(1.0), Any(std::make_error_code(std::errc::io_error))}) {
    compare(value, {});
    compare(std::vector<Any>{value}, {"n", ":"});
    compare(std::tuple<Any>(value), {});
  }
  compare(std::monostate(), {});
  EXPECT_EQ(shown("<i4>", "\xff"), "variant(valueless by exception)");
}

TEST_F(DescribedText, PathsAndErrorCodesPrintAsInLibfmt) {
  for (const char* path : {"/a", "/a b", "/q\"uote\\", "/grün\xff\n", ""}) {
    compare(std::filesystem::path(path), {">12", ".3", "?", "*^20", "s"});
    compare(std::vector<std::filesystem::path>{path}, {"n", ":", ":>12", ":?"});
  }
  compare(std::make_error_code(std::errc::no_such_file_or_directory), {});
  compare(std::error_code(-1, std::system_category()), {});
  compare(std::vector<std::error_code>{std::make_error_code(std::errc::io_error)}, {"n", ":"});
}

template <class Duration> void compare_durations(std::initializer_list<typename Duration::rep> counts) {
  for (const auto count : counts) {
    compare(Duration(count), {"%H:%M:%S", "%T", "%R", "%r", "%I %p", "%Q%q", "%Q %Q", ">20", "<20", "*^20%T", "010",
                              "L", "%OH%OI%OM%OS", "%n%t%%", "text", "ü>9%S", "%S%S"});
    compare(std::vector<Duration>{Duration(count)}, {"n", ":", ":%T", ":>12"});
    compare(std::tuple<Duration>(Duration(count)), {});
  }
}

TEST_F(DescribedText, DurationsPrintAsInLibfmt) {
  using namespace std::chrono;
  compare_durations<nanoseconds>(
      {0, 1, -1, 1'500'000'000, 86'399'999'999'999, std::numeric_limits<std::int64_t>::min()});
  compare_durations<microseconds>({42, -1'000'001});
  compare_durations<milliseconds>({0, 42, 1500, -3'723'004, 43'200'000});
  compare_durations<seconds>({0, 59, 3600, -86'400});
  compare_durations<minutes>({3, -61});
  compare_durations<hours>({25});
  compare_durations<days>({2});
  compare_durations<weeks>({1});
  compare_durations<duration<std::int64_t, std::ratio<1, 3>>>({4, -2});
  compare_durations<duration<std::int64_t, std::ratio<7, 3>>>({4});
  compare_durations<duration<std::int64_t, std::ratio<1001, 30000>>>({12345});
  compare_durations<duration<std::int64_t, std::atto>>({1'500'000'000'000'000'000});
  compare_durations<duration<std::int64_t, std::femto>>({7});
  compare_durations<duration<std::int64_t, std::pico>>({7});
  compare_durations<duration<std::int64_t, std::centi>>({7});
  compare_durations<duration<std::int64_t, std::deci>>({7});
  compare_durations<duration<std::int64_t, std::deca>>({7});
  compare_durations<duration<std::int64_t, std::hecto>>({7});
  compare_durations<duration<std::int64_t, std::kilo>>({7});
  compare_durations<duration<std::int64_t, std::mega>>({7});
  compare_durations<duration<std::int64_t, std::giga>>({7});
  compare_durations<duration<std::int64_t, std::tera>>({7});
  compare_durations<duration<std::int64_t, std::peta>>({7});
  compare_durations<duration<std::int64_t, std::exa>>({7});
}

TEST_F(DescribedText, DurationsInFloatsPrintAsInLibfmt) {
  compare_durations<duration<double>>({0, -0.0, 1.5, 3.5, -13.5, 59.999, 1e6, 1234567.891, NAN, INFINITY, -INFINITY});
  compare_durations<duration<double, std::milli>>({1.23456, -13'123.5, 1e9});
  compare_durations<duration<double, std::ratio<3600>>>({0.25});
  compare(duration<double>(1.23456), {".3", ".0", ">12.1%Q%q", "10.2%S", ".1L%Q"});
  compare(duration<double, std::micro>(-5), {".3", ".1%Q"});
}

TEST_F(DescribedText, PointsInTimePrintAsInLibfmtInUtc) {
  using std::chrono::system_clock;
  const std::initializer_list<const char*> specs = {"%H:%M:%S",
                                                    "%F",
                                                    "%T",
                                                    "%F %T",
                                                    "%Y-%m-%d",
                                                    "%c|%x|%X|%D|%e|%j",
                                                    "%G-%V|%g|%U|%W|%a|%A|%b|%B|%h",
                                                    "%C|%y|%u|%w",
                                                    "%I|%p|%r|%R|%n%t%%",
                                                    "%z %Z",
                                                    "%EY %Ec %Od %OH",
                                                    ">30",
                                                    "text",
                                                    ">30%F"};
  for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{1'795'383'855'123'456'789}, std::int64_t{-500'000'000},
                                std::int64_t{-86'400'000'000'001}, std::int64_t{951'782'400'000'000'000}}) {
    const system_clock::time_point time{std::chrono::nanoseconds(ns)};
    compare(time, specs);
    compare(std::vector<system_clock::time_point>{time}, {"n", ":", ":%F", ":>30"});
    compare(std::tuple<system_clock::time_point>(time), {});
    compare(std::chrono::time_point_cast<std::chrono::milliseconds>(time), specs);
    compare(std::chrono::time_point_cast<std::chrono::seconds>(time), specs);
  }
}

class RandomSpecs {
 public:
  std::string next() {
    static const std::string pieces[] = {"n",  ":", ":",  "<",  ">",  "^",  "*",  "5",  "2",  ".3",
                                         ".0", "x", "d",  "s",  "?",  "c",  "e",  "#",  "0",  "+",
                                         " ",  "L", "%H", "%S", "%T", "%Q", "%q", "%F", "%O", "%"};
    std::string out;
    for (std::size_t i = random_() % 5; i > 0; --i) out += pieces[random_() % std::size(pieces)];
    return out;
  }

 private:
  std::mt19937 random_{7};
};

TEST_F(DescribedText, RandomSpecsPrintAsInLibfmtOrAsWithoutASpecWhereItRefusesThem) {
  RandomSpecs random;
  int accepted = 0;
  const auto check = [&](const auto& value) {
    const std::string spec = random.next();
    const std::string format = "{:" + spec + "}";
    const std::string wanted = expected(value, format);
    EXPECT_EQ(rendered(value, format), wanted) << Wire<std::decay_t<decltype(value)>>::type() << ' ' << format;
    accepted += wanted == fmt::format("{}", value) ? 0 : 1;
  };
  for (int i = 0; i < 2000 && !HasFailure(); ++i) {
    check(std::vector<int>{1, -20});
    check(std::vector<double>{1.5});
    check(Strings{"a", "b\n"});
    check(std::vector<std::vector<char>>{{'x'}});
    check(std::set<bool>{true});
    check(std::map<std::string, double>{{"k", 2.5}});
    check(std::tuple<int, std::string>(1, "x"));
    check(std::chrono::milliseconds(-3'723'004));
    check(std::chrono::duration<double>(1.23456));
    check(std::vector<std::chrono::seconds>{std::chrono::seconds(61)});
    check(std::chrono::system_clock::time_point(std::chrono::nanoseconds(1'795'383'855'123'456'789)));
    check(std::filesystem::path("/a b"));
    check(std::make_error_code(std::errc::io_error));
    check(std::variant<int, std::string>("x"));
  }
  EXPECT_GT(accepted, 2500) << "too few specs fit their values for the comparison to mean anything";
}

TEST_F(DescribedText, OptionalsPrintAsInLaterLibfmt) {
  const auto held = [](auto value) { return std::optional<decltype(value)>(value); };
  EXPECT_EQ(rendered(held(42), "{}"), "optional(42)");
  EXPECT_EQ(rendered(std::optional<int>(), "{}"), "none");
  EXPECT_EQ(rendered(held(42), "{:#x}"), "optional(0x2a)");
  EXPECT_EQ(rendered(std::optional<int>(), "{:#x}"), "none");
  EXPECT_EQ(rendered(held(std::string("a\n")), "{}"), R"(optional("a\n"))");
  EXPECT_EQ(rendered(held(std::string("a")), "{:>5}"), R"(optional(  "a"))");
  EXPECT_EQ(rendered(held(std::string("a")), "{:>5s}"), "optional(    a)");
  EXPECT_EQ(rendered(held('c'), "{}"), "optional('c')");
  EXPECT_EQ(rendered(held('c'), "{:d}"), "optional(99)");
  EXPECT_EQ(rendered(held(Strings{"a"}), "{}"), R"(optional(["a"]))");
  EXPECT_EQ(rendered(held(Strings{"a"}), "{:n}"), R"(optional("a"))");
  EXPECT_EQ(rendered(held(std::chrono::milliseconds(1500)), "{:%S}"), "optional(01.500)");
  EXPECT_EQ(rendered(std::vector<std::optional<double>>{1.5, {}}, "{::.2f}"), "[optional(1.50), none]");
  EXPECT_EQ(rendered(std::vector<std::optional<std::string>>{"a", {}}, "{}"), R"([optional("a"), none])");
  EXPECT_EQ(rendered(held(held(1)), "{}"), "optional(optional(1))");
}

TEST_F(DescribedText, StructuresPrintTheirMembersByName) {
  const std::string order =
      payload(std::int32_t{1}) + payload(2.5) + payload(std::string("a\n")) + payload(Strings{"b"});
  EXPECT_EQ(shown("@Order{id=i4;px=f8;who=s;tags=[s];}", order), R"({id: 1, px: 2.5, who: "a\n", tags: ["b"]})");
  EXPECT_EQ(shown("@a::Empty{}", ""), "{}");
  EXPECT_EQ(shown("[@P{c=c;}]", payload(std::vector<char>{'x', 'y'})), "[{c: 'x'}, {c: 'y'}]");
  EXPECT_EQ(DescribedRecord("{x:>9}", "@P{c=c;}", "x").message(), "{c: 'x'}") << "there are no specs for structures";
}

TEST_F(DescribedText, HashesAreSixteenDigitsLikeAString) {
  const auto hash = [](std::string_view format) {
    return DescribedRecord(format, "h", payload(std::uint64_t{0xABC}), false, ArgType::u64).message();
  };
  EXPECT_EQ(hash("{x}"), "0000000000000abc");
  EXPECT_EQ(hash("{x:.4}"), "0000");
  EXPECT_EQ(hash("{x:>18}"), "  0000000000000abc");
  EXPECT_EQ(hash("{x:d}"), "0000000000000abc") << "no spec of numbers";
  EXPECT_EQ(shown("[h]", payload(std::vector<std::uint64_t>{1})), R"(["0000000000000001"])");
}

TEST_F(DescribedText, TimesThatNoCalendarHoldsAreDurations) {
  const auto time = [](std::string_view type, auto count, ArgType tag) {
    return DescribedRecord("{x:%F}", type, payload(count), false, tag).message();
  };
  EXPECT_EQ(time("t1/1:i8", std::int64_t{253'402'300'800}, ArgType::i64), "10000-01-01");
  EXPECT_EQ(time("t1/1:i8", std::numeric_limits<std::int64_t>::max(), ArgType::i64), "9223372036854775807s");
  EXPECT_EQ(time("t1/1:f8", 1e300, ArgType::f64), "1e+300s");
  EXPECT_EQ(time("t1/1:f8", double{NAN}, ArgType::f64), "nans");
  EXPECT_EQ(time("t1/1:f8", 86400.5, ArgType::f64), "1970-01-02");
}

TEST_F(DescribedText, DurationsThatLibfmtCannotConvertPrintWithoutTheSpec) {
  compare(std::chrono::hours::max(), {});
  EXPECT_EQ(rendered(std::chrono::hours::max(), "{:%T}"), "9223372036854775807h");
  EXPECT_EQ(
      DescribedRecord("{x:%T}", "d3600/1:i8", payload(std::numeric_limits<std::int64_t>::max()), false, ArgType::i64)
          .message(),
      "9223372036854775807h");
}

TEST_F(DescribedText, ShowsWhatIsThereOfAValueThatWasCut) {
  const std::string three = payload(Strings{"abc", "def", "ghi"});
  EXPECT_EQ(shown("[s]", three.substr(0, 14), true), R"(["abc"])");
  EXPECT_EQ(shown("[s]", three.substr(0, 15), true), R"(["abc", ""])");
  EXPECT_EQ(shown("[s]", three.substr(0, 16), true), R"(["abc", "d"])");
  EXPECT_EQ(shown("[s]", three.substr(0, 18), true), R"(["abc", "def"])");
  EXPECT_EQ(shown("[s]", three.substr(0, 4), true), "[]");
  EXPECT_EQ(shown("[s]", three.substr(0, 3), true), "<3 bytes>") << "nothing of it is there";
  const std::string map = payload(std::map<std::string, int>{{"a", 1}, {"b", 2}});
  EXPECT_EQ(shown("{s:i4}", map.substr(0, map.size() - 1), true), R"({"a": 1})");
  EXPECT_EQ(shown("(i4u1)", std::string("\1\0\0", 3), true), "()") << "what follows a part that is gone is gone";
  EXPECT_EQ(shown("(i4.)", std::string("\1\0\0\0", 4), true), "(1)");
  EXPECT_EQ(shown("[?s]", payload(std::vector<std::optional<std::string>>{"abc"}).substr(0, 11), true),
            R"([optional("ab")])");
  EXPECT_EQ(shown("(i4?i4)", payload(std::tuple<int, std::optional<int>>(1, 2)).substr(0, 6), true), "(1)");
  EXPECT_EQ(shown("(b<i4s>)", payload(std::tuple<bool, std::variant<int, std::string>>(true, 2)).substr(0, 4), true),
            "(true)");
  EXPECT_EQ(shown("@A{a=i4;b=i4;}", payload(std::tuple<int, int>(1, 2)).substr(0, 7), true), "{a: 1}");
  EXPECT_EQ(shown("E", payload(std::make_error_code(std::errc::io_error)).substr(0, 10), true), "ge:5");
}

TEST_F(DescribedText, ShowsBytesThatDoNotFitAsOpaque) {
  EXPECT_EQ(shown("[s]", payload(Strings{"abc"}) + "x"), "<12 bytes>");
  EXPECT_EQ(shown("[s]", payload(Strings{"abc"}).substr(0, 9)), "<9 bytes>");
  EXPECT_EQ(shown("?i4", "\2"), "<1 bytes>");
  EXPECT_EQ(shown("nonsense", "abc"), "<3 bytes>");
  EXPECT_EQ(shown("", "abc"), "<3 bytes>");
  EXPECT_EQ(shown("s", payload(std::string("abc"))), "<7 bytes>") << "a string has a tag of its own";
  EXPECT_EQ(DescribedRecord("{x:>20}", "[s]", "abc").message(), "<3 bytes>");
}

TEST_F(DescribedText, TakesADescriptionThatDoesNotFitTheTagAsNone) {
  EXPECT_EQ(DescribedRecord("{x}", "d1/1000:f8", payload(std::int64_t{7}), false, ArgType::i64).message(), "7");
  EXPECT_EQ(DescribedRecord("{x:x}", "h", payload(std::int64_t{255}), false, ArgType::i64).message(), "ff");
  EXPECT_EQ(DescribedRecord("{x}", "[s]", "abc", false, ArgType::string).message(), "abc");
}

TEST_F(DescribedText, IsBoundedByTheBytesOfTheValue) {
  const std::string flags = payload(std::vector<bool>(100'000, true));
  const std::string huge = "[@S{" + std::string(3000, 'm') + "=b;}]";
  const DescribedRecord names("{x}", huge, flags);
  EXPECT_EQ(names.message(), "<100004 bytes>");
  EXPECT_EQ(DescribedRecord("{x::>9999}", "[b]", flags).message().substr(0, 12), "[true, true,") << "without the spec";
  EXPECT_LT(DescribedRecord("{x::9999999}", "[b]", flags).message().size(), 1'000'000u);
  std::string nothing = "b";
  for (int i = 0; i < 15; ++i) nothing += "(" + std::string(250, '.') + ")";
  EXPECT_EQ(shown("[(" + nothing + ")]", flags), "<100004 bytes>");
}

TEST_F(DescribedText, ADeepValueIsShownWhole) {
  std::string type = "i4";
  std::string bytes = payload(std::int32_t{5});
  for (std::size_t i = 1; i < formats::kMaxTypeDepth; ++i) {
    type = "[" + type + "]";
    bytes = payload(std::int32_t{1}) + bytes;
  }
  EXPECT_EQ(shown(type, bytes), std::string(31, '[') + "5" + std::string(31, ']'));
}

}  // namespace
}  // namespace lmlog::decoder
