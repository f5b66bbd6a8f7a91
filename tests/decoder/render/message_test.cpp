// SPDX-License-Identifier: Apache-2.0
// Messages, compared with libfmt itself for thousands of random specs and values, and for format strings that lie.
#include "decoder/render/message.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <variant>

#include "tests/decoder/render/rendering_script.hpp"

namespace lmlog::decoder {
namespace {

using formats::ArgType;
using script::RecordScript;
namespace fs = formats::script;

std::string render(const RecordScript& record) {
  Values values;
  EXPECT_TRUE(values.load(record.text().layout, record.record().body()));
  std::string out;
  record.text().message.append(out, values);
  return out;
}

using AnyValue = std::variant<bool, char, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                              std::uint32_t, std::int64_t, std::uint64_t, float, double, const void*, std::string>;

ArgType type_of(const AnyValue& value) { return static_cast<ArgType>(value.index() + 1); }

class RandomFormats {
 public:
  explicit RandomFormats(unsigned seed) : random_(seed) {}

  AnyValue value() {
    const std::uint64_t bits = random_() >> random_() % 64;
    switch (random_() % 14) {
      case 0:
        return (bits & 1) != 0;
      case 1:
        return static_cast<char>(32 + bits % 95);
      case 2:
        return static_cast<std::int8_t>(bits);
      case 3:
        return static_cast<std::uint8_t>(bits);
      case 4:
        return static_cast<std::int16_t>(bits);
      case 5:
        return static_cast<std::uint16_t>(bits);
      case 6:
        return static_cast<std::int32_t>(bits);
      case 7:
        return static_cast<std::uint32_t>(bits);
      case 8:
        return static_cast<std::int64_t>(random_() % 2 == 0 ? bits : ~bits);
      case 9:
        return bits;
      case 10:
        return random_() % 4 == 0 ? std::bit_cast<float>(static_cast<std::uint32_t>(bits))
                                  : static_cast<float>(bits % 1'000'000) / 64;
      case 11:
        return floating(bits);
      case 12:
        return reinterpret_cast<const void*>(bits);
      default:
        return text();
    }
  }

  /// Any spec of libfmt's grammar, whether it fits the value or not.
  std::string spec() {
    std::string out;
    if (random_() % 2 == 0) {
      if (random_() % 2 == 0) out += pick("*_0x#");
      out += pick("<>^");
    }
    if (random_() % 4 == 0) out += pick("+- ");
    if (random_() % 5 == 0) out += '#';
    if (random_() % 5 == 0) out += '0';
    if (random_() % 2 == 0) out += std::to_string(random_() % 30);
    if (random_() % 3 == 0) out += '.' + std::to_string(random_() % 20);
    if (random_() % 2 == 0) out += pick("aAbBcdeEfFgGopsxX?");
    return out;
  }

 private:
  char pick(std::string_view set) { return set[random_() % set.size()]; }
  double floating(std::uint64_t bits) {
    switch (random_() % 6) {
      case 0:
        return std::bit_cast<double>(bits);
      case 1:
        return std::numeric_limits<double>::infinity();
      case 2:
        return -std::numeric_limits<double>::quiet_NaN();
      case 3:
        return std::ldexp(1.0, static_cast<int>(bits % 200) - 100);
      default:
        return static_cast<double>(static_cast<std::int64_t>(bits % 100'000'000)) / 100;
    }
  }
  std::string text() {
    static const std::string samples[] = {"", "AAPL", "grün", "漢字 wide", "quote \" and \\ slash", "tab\tand\nline"};
    return samples[random_() % 6];
  }

  std::mt19937_64 random_;
};

void put(fs::Arguments& arguments, const AnyValue& value) {
  std::visit(
      [&arguments](const auto& v) {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>) {
          arguments.string(v);
        } else {
          arguments.fixed(v);
        }
      },
      value);
}

/// What libfmt gives for the format, or for {} where it refuses.
std::string expected(const std::string& format, const AnyValue& value) {
  return std::visit(
      [&format](const auto& v) {
        try {
          return fmt::vformat(format, fmt::make_format_args(v));
        } catch (const fmt::format_error&) {
          return fmt::format("{}", v);
        }
      },
      value);
}

TEST(Message, EqualsLibfmtForRandomSpecsAndValues) {
  RandomFormats random(42);
  int refused = 0;
  for (int i = 0; i < 30'000; ++i) {
    const AnyValue value = random.value();
    const std::string format = "{:" + random.spec() + "}";
    fs::Arguments arguments;
    put(arguments, value);
    const RecordScript record(formats::Level::info, "<" + format + ">", {{type_of(value), ""}}, arguments);
    const std::string wanted = "<" + expected(format, value) + ">";
    ASSERT_EQ(render(record), wanted) << format << " type " << static_cast<int>(type_of(value));
    refused += wanted == "<" + expected("{}", value) + ">" ? 1 : 0;
  }
  EXPECT_LT(refused, 25'000) << "too few specs fit their values for the comparison to mean anything";
}

TEST(Message, EqualsLibfmtWithoutSpec) {
  RandomFormats random(43);
  for (int i = 0; i < 30'000; ++i) {
    const AnyValue value = random.value();
    fs::Arguments arguments;
    put(arguments, value);
    const RecordScript record(formats::Level::info, "{}", {{type_of(value), ""}}, arguments);
    ASSERT_EQ(render(record), expected("{}", value));
  }
}

TEST(Message, TakesNamedAndUnnamedPlaceholdersInOrder) {
  const RecordScript record(formats::Level::info, "order {id} of {} at {px:.2f} {{literal}}",
                            {{ArgType::i64, "id"}, {ArgType::string, ""}, {ArgType::f64, "px"}},
                            fs::Arguments().fixed(std::int64_t{-5}).fixed(48.0).string("me"));
  EXPECT_EQ(render(record), "order -5 of me at 48.00 {literal}");
}

TEST(Message, LeavesOutFieldsThatTheTextDoesNotShow) {
  const RecordScript record(formats::Level::info, "rejected {why}", {{ArgType::i32, "code"}, {ArgType::string, "why"}},
                            fs::Arguments().fixed(std::int32_t{3}).string("late"));
  EXPECT_EQ(render(record), "rejected late");
}

TEST(Message, ShowsAFormatStringThatIsNoneAsItIs) {
  for (const std::string_view format : {"{", "}", "{0", "a } b", "{:{}}", "{} {}", "{:>{}}"}) {
    const RecordScript record(formats::Level::info, format, {{ArgType::i32, ""}},
                              fs::Arguments().fixed(std::int32_t{3}));
    EXPECT_EQ(render(record), format);
    EXPECT_TRUE(record.text().message.is_malformed());
  }
}

TEST(Message, DoesNotFillMemoryForAHugeWidth) {
  const RecordScript record(formats::Level::info, "{:999999999}", {{ArgType::i32, ""}},
                            fs::Arguments().fixed(std::int32_t{3}));
  EXPECT_EQ(render(record), "3");
}

TEST(Message, KeepsBytesThatAreNotUtf8) {
  const RecordScript record(formats::Level::info, "{}{:>3}", {{ArgType::string, ""}, {ArgType::string, ""}},
                            fs::Arguments().string("\xff").string("\xfe"));
  EXPECT_EQ(render(record), "\xff  \xfe");
}

}  // namespace
}  // namespace lmlog::decoder
