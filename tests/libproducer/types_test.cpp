// SPDX-License-Identifier: Apache-2.0
// Arguments of several parts, from the log call to the bytes in the ring: descriptions, encodings, and where they are
// cut. The bytes are read back by the readers of formats in the tests of the decoder; here they are spelled out.
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <initializer_list>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace trading {

struct Fill {
  std::int64_t order_id = 7;
  double px = 1.5;
  std::vector<std::string> venues{"X", "YZ"};
  [[nodiscard]] std::int16_t parts() const { return static_cast<std::int16_t>(venues.size()); }
};
LMLOG_ADAPT(Fill, order_id, px, venues, parts);

class Book {
 public:
  explicit Book(Fill last) : last_(std::move(last)) {}

 private:
  std::optional<Fill> last_;
  bool is_open_ = true;
  friend LMLOG_ADAPT(Book, last_, is_open_);
};

struct Better : Fill {};  // LMLOG_ADAPT was not said of it

struct Sixty {
  bool a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1, c2, c3, c4, c5, c6, c7,
      c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, f0, f1, f2, f3, f4, f5,
      f6, f7, f8, f9;
};
LMLOG_ADAPT(Sixty, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1, c2, c3, c4,
            c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, f0, f1,
            f2, f3, f4, f5, f6, f7, f8, f9);

}  // namespace trading

namespace lmlog::testing {
namespace {

using namespace lmlog::literals;
using namespace std::chrono_literals;
using namespace std::string_literals;

template <class T> constexpr detail::ArgumentShape kShape = detail::ArgumentTraits<T>::shape();
template <class T> std::string description() { return std::string(kShape<T>.description); }

TEST(TypeDescription, SaysWhatTheBytesOfEveryTypeMean) {
  using std::chrono::duration;
  EXPECT_EQ(description<int>(), "");
  EXPECT_EQ(description<std::chrono::milliseconds>(), "d1/1000:i8");
  EXPECT_EQ(description<std::chrono::hours>(), "d3600/1:i8");
  EXPECT_EQ((description<duration<float, std::ratio<6, 14>>>()), "d3/7:f8");
  EXPECT_EQ(description<std::chrono::system_clock::time_point>(), "t1/1000000000:i8");
  EXPECT_EQ(description<std::filesystem::path>(), "P");
  EXPECT_EQ(description<std::error_code>(), "E");
  EXPECT_EQ(description<std::monostate>(), ".");
  EXPECT_EQ(description<std::optional<const int>>(), "?i4");
  EXPECT_EQ((description<std::variant<std::monostate, char, std::string>>()), "<.cs>");
  EXPECT_EQ((description<std::pair<std::int8_t, const char*>>()), "(i1s)");
  EXPECT_EQ((description<std::tuple<bool, std::uint16_t, float, void*>>()), "(bu2f4p)");
  EXPECT_EQ((description<std::tuple<>>()), "()");
  EXPECT_EQ((description<std::array<long double, 2>>()), "[f8]");
  EXPECT_EQ(description<int[2][3]>(), "[[i4]]");
  EXPECT_EQ(description<const char* [2]>(), "[s]");
  EXPECT_EQ(description<char[2][8]>(), "[s]");
  EXPECT_EQ(description<std::vector<bool>>(), "[b]");
  EXPECT_EQ(description<std::deque<std::list<std::uint64_t>>>(), "[[u8]]");
  EXPECT_EQ(description<std::forward_list<std::string_view>>(), "[s]");
  EXPECT_EQ((description<std::span<const std::byte>>()), "[u1]");
  EXPECT_EQ(description<std::initializer_list<std::chrono::seconds>>(), "[d1/1:i8]");
  EXPECT_EQ(description<std::set<std::string>>(), "{s}");
  EXPECT_EQ(description<std::unordered_multiset<int>>(), "{i4}");
  EXPECT_EQ((description<std::map<std::string, std::vector<int>>>()), "{s:[i4]}");
  EXPECT_EQ((description<std::unordered_map<int, double>>()), "{i4:f8}");
  EXPECT_EQ((description<std::multimap<int, double>>()), "{i4*f8}");
  EXPECT_EQ((description<std::unordered_multimap<int, double>>()), "{i4*f8}");
  EXPECT_EQ(description<trading::Fill>(), "@Fill{order_id=i8;px=f8;venues=[s];parts=i2;}");
  EXPECT_EQ(description<trading::Book>(), "@Book{last_=?@Fill{order_id=i8;px=f8;venues=[s];parts=i2;};is_open_=b;}");
  std::string sixty = "@Sixty{";
  for (const char tens : std::string("abcdef")) {
    for (int i = 0; i < 10; ++i) sixty += tens + std::to_string(i) + "=b;";
  }
  EXPECT_EQ(description<trading::Sixty>(), sixty + "}");
  EXPECT_EQ((description<std::vector<std::filesystem::path>>()), "[P]");
  EXPECT_EQ((description<std::vector<detail::Hashed>>()), "[h]");
}

TEST(TypeDescription, ComesWithTheTagThatHasItsSize) {
  using formats::ArgType;
  EXPECT_EQ(kShape<std::chrono::milliseconds>.type, ArgType::i64);
  EXPECT_EQ(kShape<std::chrono::duration<float>>.type, ArgType::f64);
  EXPECT_EQ(kShape<std::filesystem::path>.type, ArgType::string);
  EXPECT_EQ(kShape<detail::Hashed>.type, ArgType::u64);
  EXPECT_EQ(kShape<detail::Redacted>.type, ArgType::string);
  EXPECT_EQ(kShape<std::optional<int>>.type, ArgType::structured);
}

/// Arrays in arrays, so many levels with the number inside.
template <std::size_t kDepth> struct Nested { using Type = std::array<typename Nested<kDepth - 1>::Type, 1>; };
template <> struct Nested<1> { using Type = int; };

TEST(TypeDescription, IsRefusedWhereAReaderWouldRefuseIt) {
  using detail::TypeVerdict;
  EXPECT_EQ((kShape<Nested<32>::Type>.verdict), TypeVerdict::good);
  EXPECT_EQ((kShape<Nested<33>::Type>.verdict), TypeVerdict::too_complex);
  EXPECT_EQ((kShape<std::vector<std::monostate>>.verdict), TypeVerdict::empty_elements);
  EXPECT_EQ((kShape<std::vector<std::tuple<>>>.verdict), TypeVerdict::empty_elements);
  EXPECT_EQ((kShape<std::vector<std::optional<trading::Better>>>.verdict), TypeVerdict::unsupported);
  EXPECT_EQ((kShape<std::chrono::steady_clock::time_point>.verdict), TypeVerdict::other_clock);
  EXPECT_EQ((kShape<std::vector<std::chrono::steady_clock::time_point>>.verdict), TypeVerdict::other_clock);
  EXPECT_EQ((kShape<std::u16string>.verdict), TypeVerdict::unsupported);
}

/// Bytes of a u32, or of any other number.
template <class T> std::string raw(T value) { return {reinterpret_cast<const char*>(&value), sizeof(value)}; }
std::string raw_text(std::string_view text) { return raw(static_cast<std::uint32_t>(text.size())) + std::string(text); }

class Types : public ::testing::Test {
 protected:
  static constexpr std::size_t kMaxString = 100;

  /// Values of the only record of the statement with this format string.
  std::vector<std::string> logged(const std::string& format) {
    const RecordedSession recorded = read_session(folder_, session_.id());
    const auto records = recorded.records(format);
    EXPECT_EQ(records.size(), 1u);
    return records.empty() ? std::vector<std::string>{} : recorded.values(records[0]);
  }

  RingsFolder folder_;
  Session session_{{.service = "types", .max_string = kMaxString}};
};

std::string whole(const std::string& bytes) { return '"' + bytes + '"'; }
std::string cut(const std::string& bytes) { return '"' + bytes + "\"~"; }

TEST_F(Types, WriteDurationsAndPointsInTimeAsTheirCount) {
  LMLOG_INFO("{} {} {}", std::chrono::duration<std::int32_t, std::milli>(-5), std::chrono::duration<float>(0.5F),
             std::chrono::system_clock::time_point(7ns));
  EXPECT_EQ(logged("{} {} {}"), (std::vector<std::string>{"-5", "0x1p-1", "7"}));
}

TEST_F(Types, WritePathsAsStrings) {
  const std::filesystem::path path("/var/log");
  LMLOG_INFO("path {}", path);
  EXPECT_EQ(logged("path {}"), (std::vector<std::string>{whole("/var/log")}));
}

TEST_F(Types, WriteOptionalValuesAndVariantsBehindAByte) {
  using Variant = std::variant<std::monostate, std::int16_t, std::string>;
  LMLOG_INFO("optional {} {} {}", std::optional<int>(), std::optional<int>(5), std::optional<std::string>("ab"));
  EXPECT_EQ(logged("optional {} {} {}"),
            (std::vector<std::string>{whole(raw('\0')), whole(raw('\1') + raw(5)), whole(raw('\1') + raw_text("ab"))}));
  LMLOG_INFO("variant {} {} {}", Variant(), Variant(std::int16_t{3}), Variant("xyz"));
  EXPECT_EQ(logged("variant {} {} {}"),
            (std::vector<std::string>{whole(raw('\0')), whole(raw('\1') + raw(std::int16_t{3})),
                                      whole(raw('\2') + raw_text("xyz"))}));
}

struct ThrowsWhenMoved {
  int value = 0;
  ThrowsWhenMoved() = default;
  ThrowsWhenMoved(const ThrowsWhenMoved& /*other*/) { throw std::runtime_error("on purpose"); }
  ThrowsWhenMoved& operator=(const ThrowsWhenMoved&) = delete;
  ~ThrowsWhenMoved() = default;
};
LMLOG_ADAPT(ThrowsWhenMoved, value);

TEST_F(Types, WriteAVariantThatLostItsValue) {
  std::variant<int, ThrowsWhenMoved> lost(1);
  const ThrowsWhenMoved thrower;
  EXPECT_THROW(lost.emplace<1>(thrower), std::runtime_error);
  ASSERT_TRUE(lost.valueless_by_exception());
  LMLOG_INFO("lost {}", lost);
  EXPECT_EQ(logged("lost {}"), (std::vector<std::string>{whole("\xFF")}));
}

TEST_F(Types, WriteTuplesAndStructuresPartByPart) {
  LMLOG_INFO("pair {} {}", std::pair(std::int8_t{1}, 2.5), std::tuple(true, "ab"s, nullptr));
  EXPECT_EQ(logged("pair {} {}"),
            (std::vector<std::string>{whole("\1" + raw(2.5)), whole("\1" + raw_text("ab") + raw(std::uint64_t{0}))}));
  const trading::Fill fill;
  const std::string bytes =
      raw(std::int64_t{7}) + raw(1.5) + raw(2) + raw_text("X") + raw_text("YZ") + raw(std::int16_t{2});
  LMLOG_INFO("fill {} {}", fill, trading::Book(fill));
  EXPECT_EQ(logged("fill {} {}"), (std::vector<std::string>{whole(bytes), whole("\1" + bytes + "\1")}));
}

TEST_F(Types, WriteErrorCodesWithTheirCategory) {
  LMLOG_INFO("error {}", std::make_error_code(std::errc::no_such_file_or_directory));
  EXPECT_EQ(logged("error {}"), (std::vector<std::string>{whole(raw(ENOENT) + raw_text("generic"))}));
}

TEST_F(Types, WriteContainersBehindTheirCount) {
  const int numbers[2][2] = {{1, 2}, {3, 4}};
  const std::string rows = raw(2) + raw(2) + raw(1) + raw(2) + raw(2) + raw(3) + raw(4);
  LMLOG_INFO("numbers {} {}", numbers, std::vector<std::array<int, 2>>{{1, 2}, {3, 4}});
  EXPECT_EQ(logged("numbers {} {}"), (std::vector<std::string>{whole(rows), whole(rows)}));
  LMLOG_INFO("texts {} {}", std::set<std::string>{"b", "a"}, std::forward_list<const char*>{"x", nullptr});
  EXPECT_EQ(logged("texts {} {}"), (std::vector<std::string>{whole(raw(2) + raw_text("a") + raw_text("b")),
                                                             whole(raw(2) + raw_text("x") + raw_text("(null)"))}));
  LMLOG_INFO("map {} {}", std::map<int, bool>{{1, true}, {2, false}}, std::vector<bool>{true, false, true});
  EXPECT_EQ(logged("map {} {}"),
            (std::vector<std::string>{whole(raw(2) + raw(1) + "\1" + raw(2) + "\0"s), whole(raw(3) + "\1\0\1"s)}));
  const auto list = {1.5F, 2.5F};
  LMLOG_INFO("empty {} {}", std::vector<std::string>(), list);
  EXPECT_EQ(logged("empty {} {}"), (std::vector<std::string>{whole(raw(0)), whole(raw(2) + raw(1.5F) + raw(2.5F))}));
}

TEST_F(Types, MayBeNamedAndFieldsAndWrapped) {
  LMLOG_INFO("named {ids}", std::vector{1}, "tags"_k = std::set<char>{'x'}, "keys"_k = not_secret(std::vector{2}));
  EXPECT_EQ(logged("named {ids}"),
            (std::vector<std::string>{whole(raw(1) + raw(1)), whole(raw(1) + "x"), whole(raw(1) + raw(2))}));
}

TEST_F(Types, AreCutAtMaxStringAtAnyByte) {
  // Each first word one byte longer than the one before: the cut goes through every part of what follows.
  const auto value = [](std::size_t length) {
    return std::tuple(std::string(length, 'a'), std::optional<std::vector<std::string>>({"bcd", "ef"}),
                      0x0102030405060708);
  };
  for (std::size_t length = 50; length < 110; ++length) {
    LMLOG_INFO("cut {}", value(length), "after"_k = 42);
    const std::string encoded =
        raw_text(std::string(length, 'a')) + "\1" + raw(2) + raw_text("bcd") + raw_text("ef") + raw(0x0102030405060708);
    const RecordedSession recorded = read_session(folder_, session_.id());
    const auto values = recorded.values(recorded.records("cut {}").at(length - 50));
    EXPECT_EQ(values.at(0), encoded.size() <= kMaxString ? whole(encoded) : cut(encoded.substr(0, kMaxString)));
    EXPECT_EQ(values.at(1), "42");
  }
}

TEST_F(Types, MakeALongRecordExtended) {
  session_.~Session();
  new (&session_) Session({.service = "long", .max_string = 1 << 20});
  const std::vector<int> numbers(20'000, 0x01020304);
  std::string encoded = raw(20'000);
  for (int i = 0; i < 20'000; ++i) encoded += raw(0x01020304);
  LMLOG_INFO("long {} {}", 42, numbers);
  LMLOG_INFO("after {}", std::optional(1));
  EXPECT_EQ(logged("long {} {}"), (std::vector<std::string>{"42", whole(encoded)}));
  EXPECT_EQ(logged("after {}"), (std::vector<std::string>{whole("\1" + raw(1))}));
}

/// A container that changes between two looks at it, as one that another thread works on.
struct Unsteady {
  mutable std::vector<std::vector<std::string>> looks;  // the last one stays
  mutable std::size_t look = 0;
  [[nodiscard]] auto begin() const { return looks[std::min(look++, looks.size() - 1)].begin(); }
  [[nodiscard]] auto end() const { return looks[std::min(look, looks.size() - 1)].end(); }
  [[nodiscard]] std::size_t size() const { return looks[std::min(look, looks.size() - 1)].size(); }
};

TEST_F(Types, NeverWritePastTheirRoomWhenTheyGrowMeanwhile) {
  const Unsteady growing{{{"ab"}, {std::string(1000, 'c'), std::string(1000, 'd')}}, 0};
  LMLOG_INFO("grows {}", growing, "after"_k = "intact");
  LMLOG_INFO("next {}", 1);
  const auto values = logged("grows {}");
  EXPECT_EQ(values.at(0).size(), 2u + 4 + 6) << "as long as it was measured";
  EXPECT_EQ(values.at(1), whole("intact"));
  EXPECT_EQ(logged("next {}"), (std::vector<std::string>{"1"}));
}

TEST_F(Types, LeaveNothingOfTheRingsOldBytesWhenTheyShrinkMeanwhile) {
  const Unsteady shrinking{{{std::string(60, 'a')}, {"b"}}, 0};
  LMLOG_INFO("shrinks {}", shrinking);
  EXPECT_EQ(logged("shrinks {}"),
            (std::vector<std::string>{whole(raw(1) + raw_text("b") + std::string(4 + 4 + 60 - 9, '\0'))}));
}

/// Says each time that it is asked.
struct Talkative {
  int number = 7;
  [[nodiscard]] std::string text() const {
    LMLOG_INFO("asked for {}", number);
    return "text";
  }
};
LMLOG_ADAPT(Talkative, number, text);

TEST_F(Types, LoseTheCallsOfTheirOwnCodeWhileTheyAreWritten) {
  LMLOG_INFO("talks {} {}", Talkative{}, "whole"s);
  LMLOG_INFO("quiet {}", 1);
  EXPECT_EQ(logged("talks {} {}"), (std::vector<std::string>{whole(raw(7) + raw_text("text")), whole("whole")}));
  EXPECT_EQ(logged("asked for {}"), (std::vector<std::string>{"7"})) << "when it was measured";
  EXPECT_EQ(session_.losses()[static_cast<std::size_t>(formats::LossReason::no_ring)], 1u) << "when it was written";
  EXPECT_EQ(logged("quiet {}"), (std::vector<std::string>{"1"}));
}

}  // namespace
}  // namespace lmlog::testing
