// SPDX-License-Identifier: Apache-2.0
// Columns: every type in every encoding that fits it comes back, the smallest is chosen, and bytes that are no column
// are refused.
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "formats/src/column_integer.hpp"
#include "formats/src/column_string.hpp"
#include "lmlog/formats/byte_io.hpp"

namespace lmlog::formats {
namespace {

std::span<const std::byte> view(const std::string& text) { return std::as_bytes(std::span(text.data(), text.size())); }

/// The value as it is in a column: sign- or zero-extended from the type's width.
std::uint64_t extended(ArgType type, std::uint64_t value) {
  const unsigned unused = 64 - 8 * static_cast<unsigned>(fixed_size(type));
  if (is_signed_integer(type)) return static_cast<std::uint64_t>(static_cast<std::int64_t>(value << unused) >> unused);
  return value << unused >> unused;
}

constexpr ArgType kFixedTypes[] = {ArgType::boolean, ArgType::character, ArgType::i8,     ArgType::u8,  ArgType::i16,
                                   ArgType::u16,     ArgType::i32,       ArgType::u32,    ArgType::i64, ArgType::u64,
                                   ArgType::f32,     ArgType::f64,       ArgType::pointer};

Encoding round_trip(ArgType type, const std::vector<std::uint64_t>& values) {
  std::string bytes;
  const Encoding encoding = encode_numbers(type, values, bytes);
  std::vector<std::uint64_t> back;
  EXPECT_TRUE(decode_numbers(type, encoding, view(bytes), values.size(), back));
  EXPECT_EQ(back, values);
  return encoding;
}

TEST(NumberColumn, ComesBackForEveryTypeAndDistribution) {
  std::mt19937_64 random(1);
  for (const ArgType type : kFixedTypes) {
    SCOPED_TRACE(static_cast<int>(type));
    for (int round = 0; round < 200; ++round) {
      const std::size_t count = 1 + random() % 300;
      const unsigned bits = static_cast<unsigned>(random() % 64);
      const bool climbs = random() % 2 == 0;
      std::vector<std::uint64_t> values;
      std::uint64_t last = random();
      for (std::size_t i = 0; i < count; ++i) {
        last = climbs ? last + (random() >> bits) : random() >> bits;
        if (random() % 16 == 0) last = std::numeric_limits<std::uint64_t>::max();
        values.push_back(extended(type, last));
      }
      round_trip(type, values);
    }
  }
}

TEST(NumberColumn, OfEqualValuesIsOneValue) {
  for (const ArgType type : kFixedTypes) {
    const std::vector<std::uint64_t> values(1000, extended(type, 0x8182838485868788));
    std::string bytes;
    EXPECT_EQ(encode_numbers(type, values, bytes), Encoding::constant);
    EXPECT_EQ(bytes.size(), fixed_size(type));
    round_trip(type, values);
  }
}

TEST(NumberColumn, TakesTheEncodingOfTheFewestBytes) {
  std::vector<std::uint64_t> counting;
  std::vector<std::uint64_t> small;
  std::vector<std::uint64_t> noise;
  std::mt19937_64 random(2);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    counting.push_back(1'700'000'000'000'000'000 + i * 3);
    small.push_back(random() % 100);
    noise.push_back(random() | std::uint64_t{1} << 63);
  }
  EXPECT_EQ(round_trip(ArgType::u64, counting), Encoding::delta);
  EXPECT_EQ(round_trip(ArgType::i64, counting), Encoding::delta);
  EXPECT_EQ(round_trip(ArgType::u64, small), Encoding::varint);
  EXPECT_EQ(round_trip(ArgType::u64, noise), Encoding::raw);
}

TEST(NumberColumn, KeepsEveryBitOfFloats) {
  const std::vector<std::uint64_t> doubles = {0, 0x8000000000000000, 0x7FF8000000000001, 0xFFF0000000000000, 1};
  EXPECT_EQ(round_trip(ArgType::f64, doubles), Encoding::raw);
}

TEST(NumberColumn, RefusesBytesThatAreNotExactlyItsValues) {
  std::vector<std::uint64_t> out;
  const auto decodes = [&out](ArgType type, Encoding encoding, const std::string& bytes, std::uint64_t count) {
    return decode_numbers(type, encoding, view(bytes), count, out);
  };
  EXPECT_TRUE(decodes(ArgType::u32, Encoding::raw, std::string(8, 'x'), 2));
  EXPECT_FALSE(decodes(ArgType::u32, Encoding::raw, std::string(8, 'x'), 1));
  EXPECT_FALSE(decodes(ArgType::u32, Encoding::raw, std::string(7, 'x'), 2));
  EXPECT_FALSE(decodes(ArgType::u32, Encoding::raw, "", std::uint64_t{1} << 62)) << "before anything is allocated";
  EXPECT_FALSE(decodes(ArgType::u32, Encoding::constant, "abc", 5));
  EXPECT_FALSE(decodes(ArgType::u32, Encoding::constant, "abcde", 5));
  EXPECT_TRUE(decodes(ArgType::u32, Encoding::varint, "\x7F", 1));
  EXPECT_FALSE(decodes(ArgType::u32, Encoding::varint, "\x7F\x01", 1)) << "bytes are left";
  EXPECT_FALSE(decodes(ArgType::u32, Encoding::varint, "\xFF", 1)) << "cut off";
  EXPECT_FALSE(decodes(ArgType::u32, Encoding::varint, "\xFF\x01", 2)) << "the second is not there";
  EXPECT_FALSE(decodes(ArgType::u64, Encoding::varint, std::string(10, '\xFF') + "\x01", 1)) << "more than 64 bits";
  EXPECT_FALSE(decodes(ArgType::u8, Encoding::varint, "\x80\x02", 1)) << "256 is no u8";
  EXPECT_FALSE(decodes(ArgType::i8, Encoding::varint, "\x80\x02", 1)) << "128 is no i8";
  EXPECT_TRUE(decodes(ArgType::i8, Encoding::varint, "\xFF\x01", 1)) << "-128 is one";
  EXPECT_FALSE(decodes(ArgType::u16, Encoding::delta, "\x01", 1)) << "-1 is no u16";
  EXPECT_FALSE(decodes(ArgType::u16, static_cast<Encoding>(9), "\x01", 1));
}

struct Text {
  std::string text;
  bool truncated = false;
  friend bool operator==(const Text&, const Text&) = default;
};

Encoding round_trip(const std::vector<Text>& texts, StringEncoder& encoder) {
  std::vector<StringValue> values;
  for (const Text& text : texts)
    values.push_back(
        {text.text.data(), static_cast<std::uint32_t>(text.text.size()) | (text.truncated ? kTruncatedBit : 0)});
  std::string bytes;
  const Encoding encoding = encoder.encode(values, bytes);
  std::vector<std::string_view> back;
  std::vector<bool> truncated;
  EXPECT_TRUE(decode_strings(encoding, view(bytes), texts.size(), back, truncated));
  EXPECT_EQ(back.size(), texts.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ((Text{std::string(back[i]), !truncated.empty() && truncated[i]}), texts[i]);
  }
  // Cut anywhere it is no column of so many strings any more.
  for (std::size_t cut = 0; cut < std::min<std::size_t>(bytes.size(), 300); ++cut)
    EXPECT_FALSE(decode_strings(encoding, view(bytes).first(cut), texts.size(), back, truncated));
  return encoding;
}

TEST(StringColumn, OfEqualValuesIsOneValue) {
  StringEncoder encoder;
  EXPECT_EQ(round_trip(std::vector<Text>(500, {"same"}), encoder), Encoding::constant);
  EXPECT_EQ(round_trip(std::vector<Text>(500, {"same", true}), encoder), Encoding::constant);
  EXPECT_EQ(round_trip({{""}}, encoder), Encoding::constant);
}

TEST(StringColumn, HasADictionaryWhereHalfOrFewerAreDistinct) {
  StringEncoder encoder;
  for (const unsigned distinct : {2u, 256u, 257u, 5000u}) {
    std::vector<Text> texts;
    for (unsigned i = 0; i < 10'000; ++i) texts.push_back({"value " + std::to_string(i * 7 % distinct)});
    EXPECT_EQ(round_trip(texts, encoder), Encoding::dictionary) << distinct;
  }
  std::vector<Text> texts;
  for (unsigned i = 0; i < 10'000; ++i) texts.push_back({"value " + std::to_string(i % 5001)});
  EXPECT_EQ(round_trip(texts, encoder), Encoding::plain);
  texts.assign(200'000, {});
  for (unsigned i = 0; i < 200'000; ++i) texts[i].text = std::to_string(i % 70'000);
  EXPECT_EQ(round_trip(texts, encoder), Encoding::dictionary) << "with indices of four bytes";
}

TEST(StringColumn, TellsTruncatedStringsFromWholeOnes) {
  StringEncoder encoder;
  std::vector<Text> texts;
  for (unsigned i = 0; i < 100; ++i) texts.push_back({"abc", i % 3 == 0});
  EXPECT_EQ(round_trip(texts, encoder), Encoding::dictionary);
  for (unsigned i = 0; i < 100; ++i) texts[i].text += std::to_string(i);
  EXPECT_EQ(round_trip(texts, encoder), Encoding::plain);
}

TEST(StringColumn, ComesBackForRandomStrings) {
  std::mt19937_64 random(3);
  StringEncoder encoder;
  for (int round = 0; round < 300; ++round) {
    std::vector<Text> texts;
    const auto distinct = 1 + random() % 50;
    for (auto count = 1 + random() % 200; count > 0; --count) {
      const auto which = random() % distinct;
      texts.push_back({std::string(which * which % 70, static_cast<char>(which)), random() % 64 == 0});
    }
    round_trip(texts, encoder);
  }
}

TEST(StringColumn, RefusesIndicesAndEntriesThatCannotBe) {
  std::vector<std::string_view> out;
  std::vector<bool> truncated;
  const auto decodes = [&](Encoding encoding, const std::string& bytes, std::uint64_t count) {
    return decode_strings(encoding, view(bytes), count, out, truncated);
  };
  const std::string dictionary(
      "\x01\x02"
      "a\x01",
      4);
  EXPECT_TRUE(decodes(Encoding::dictionary, dictionary + std::string(2, '\0'), 2));
  EXPECT_FALSE(decodes(Encoding::dictionary, dictionary + std::string("\0\1", 2), 2)) << "index 1 of 1";
  EXPECT_FALSE(decodes(Encoding::dictionary,
                       std::string("\x01\x02"
                                   "a\x03\0\0\0",
                                   7),
                       1))
      << "indices of three bytes";
  EXPECT_FALSE(decodes(Encoding::dictionary,
                       std::string("\x02\x02"
                                   "a\x02"
                                   "b\x01\0",
                                   7),
                       1))
      << "more entries than values";
  EXPECT_FALSE(decodes(Encoding::plain,
                       std::string("\x04\x02"
                                   "ab",
                                   4),
                       2))
      << "two and one of two bytes";
  EXPECT_TRUE(decodes(Encoding::constant,
                      "\x04"
                      "ab",
                      3));
  EXPECT_FALSE(decodes(Encoding::constant,
                       "\x04"
                       "abc",
                       3))
      << "a byte is left";
  EXPECT_FALSE(decodes(Encoding::plain, "\x7F", 1)) << "63 bytes, of which none is there";
  EXPECT_FALSE(decodes(Encoding::plain, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 1)) << "a length beyond all";
  EXPECT_FALSE(decodes(Encoding::plain, "", std::uint64_t{1} << 60)) << "before anything is allocated";
  EXPECT_FALSE(decodes(static_cast<Encoding>(18), "", 0));
}

}  // namespace
}  // namespace lmlog::formats
