// SPDX-License-Identifier: Apache-2.0
// Type descriptions and the values that they describe: what is understood, what is refused, and what of a value that
// was cut is still there.
#include "lmlog/formats/type_description.hpp"

#include <gtest/gtest.h>

#include <string>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/described_value.hpp"
#include "tests/formats/ring_script.hpp"

namespace lmlog::formats {
namespace {

TEST(TypeDescription, HasAPartForEveryPart) {
  const auto type = parse_type_description("@md::Order{id=i8;tags=[s];px=?f8;at=t1/1000000000:i8;}");
  ASSERT_TRUE(type);
  EXPECT_EQ(type->kind, TypeKind::structure);
  EXPECT_EQ(type->name, "md::Order");
  EXPECT_EQ(type->names, (std::vector<std::string>{"id", "tags", "px", "at"}));
  EXPECT_EQ(type->min_bytes, 8u + 4 + 1 + 8);
  ASSERT_EQ(type->parts.size(), 4u);
  EXPECT_EQ(type->parts[0].scalar, ArgType::i64);
  EXPECT_EQ(type->parts[1].kind, TypeKind::sequence);
  EXPECT_EQ(type->parts[1].parts[0].kind, TypeKind::string);
  EXPECT_EQ(type->parts[2].kind, TypeKind::optional);
  EXPECT_EQ(type->parts[3].kind, TypeKind::time_point);
  EXPECT_EQ(type->parts[3].denominator, 1'000'000'000u);
}

TEST(TypeDescription, KnowsEveryLineOfTheTable) {
  for (const std::string_view text : {"b",        "c",         "i1",
                                      "u1",       "i2",        "u2",
                                      "i4",       "u4",        "i8",
                                      "u8",       "f4",        "f8",
                                      "p",        "s",         "P",
                                      "h",        "d1/1:i8",   "d7/3:f8",
                                      "t60/1:i8", "E",         ".",
                                      "?i4",      "[s]",       "{s}",
                                      "{s:i4}",   "{c*s}",     "()",
                                      "(i4sb)",   "<i4>",      "<.i4[s]>",
                                      "@A{}",     "@A{x=i4;}", "@a::b_1{x=.;}",
                                      "[[[i4]]]", "{s:.}",     "d9223372036854775807/1:i8"})
    EXPECT_TRUE(parse_type_description(text)) << text;
}

TEST(TypeDescription, RefusesWhatIsNone) {
  for (const std::string_view text : {"",
                                      "x",
                                      "i3",
                                      "i",
                                      "i44",
                                      "d1/1:i4",
                                      "d1/1:u8",
                                      "d1/1:s",
                                      "d0/1:i8",
                                      "d1/0:i8",
                                      "d1:i8",
                                      "d/1:i8",
                                      "d-1/1:i8",
                                      "d9223372036854775808/1:i8",
                                      "d99999999999999999999/1:i8",
                                      "t1/1",
                                      "?",
                                      "[]",
                                      "[i4",
                                      "[i4s]",
                                      "[.]",
                                      "[()]",
                                      "[(..)]",
                                      "[@A{}]",
                                      "{}",
                                      "{.}",
                                      "{s:}",
                                      "{s:i4",
                                      "{.:i4}",
                                      "{.*i4}",
                                      "{s+i4}",
                                      "(i4",
                                      "<>",
                                      "<i4",
                                      "@{}",
                                      "@A",
                                      "@A{x=i4}",
                                      "@A{=i4;}",
                                      "@A{x:i4;}",
                                      "@1A{}",
                                      "@A::{}",
                                      "@A:B{}",
                                      "@A{x y=i4;}",
                                      "i4 ",
                                      " i4"})
    EXPECT_FALSE(parse_type_description(text)) << text;
}

TEST(TypeDescription, HasBounds) {
  const auto nested = [](std::size_t levels) { return std::string(levels - 1, '?') + "b"; };
  EXPECT_TRUE(parse_type_description(nested(kMaxTypeDepth)));
  EXPECT_FALSE(parse_type_description(nested(kMaxTypeDepth + 1)));
  EXPECT_TRUE(parse_type_description("(" + std::string(255, '.') + ")"));
  EXPECT_FALSE(parse_type_description("(" + std::string(256, '.') + ")"));
  EXPECT_FALSE(parse_type_description("<" + std::string(256, 'b') + ">"));
  EXPECT_TRUE(parse_type_description("@" + std::string(kMaxDescriptionBytes - 3, 'a') + "{}"));
  EXPECT_FALSE(parse_type_description("@" + std::string(kMaxDescriptionBytes - 2, 'a') + "{}"));
  EXPECT_FALSE(parse_type_description(std::string(1 << 20, '[')));
}

TEST(TypeDescription, ServesOnlyAnArgumentOfItsTag) {
  EXPECT_TRUE(described_type(ArgType::structured, "[i4]"));
  EXPECT_TRUE(described_type(ArgType::structured, "E"));
  EXPECT_TRUE(described_type(ArgType::structured, "."));
  EXPECT_TRUE(described_type(ArgType::i64, "d1/1:i8"));
  EXPECT_TRUE(described_type(ArgType::f64, "t1/1:f8"));
  EXPECT_TRUE(described_type(ArgType::u64, "h"));
  EXPECT_TRUE(described_type(ArgType::string, "P"));
  EXPECT_FALSE(described_type(ArgType::structured, ""));
  EXPECT_FALSE(described_type(ArgType::structured, "s"));
  EXPECT_FALSE(described_type(ArgType::structured, "d1/1:i8"));
  EXPECT_FALSE(described_type(ArgType::i64, "d1/1:f8"));
  EXPECT_FALSE(described_type(ArgType::u64, "d1/1:i8"));
  EXPECT_FALSE(described_type(ArgType::i64, "h"));
  EXPECT_FALSE(described_type(ArgType::string, "s"));
  EXPECT_FALSE(described_type(ArgType::string, "[s]"));
  EXPECT_FALSE(described_type(ArgType::i32, "i4"));
}

bool fits(std::string_view description, const ByteWriter& bytes, bool is_truncated = false) {
  const auto type = parse_type_description(description);
  EXPECT_TRUE(type) << description;
  return value_fits(*type, bytes.view(), is_truncated);
}

ByteWriter strings(std::uint32_t count, std::initializer_list<std::string_view> values) {
  ByteWriter out;
  out.put(count);
  for (const auto value : values) {
    out.put(static_cast<std::uint32_t>(value.size()));
    out.text(value);
  }
  return out;
}

TEST(DescribedValue, TakesAllBytesOrDoesNotFit) {
  EXPECT_TRUE(fits("[s]", strings(2, {"a", ""})));
  EXPECT_FALSE(fits("[s]", strings(1, {"a", ""}))) << "bytes are left";
  EXPECT_FALSE(fits("[s]", strings(3, {"a", ""}))) << "bytes are missing";
  EXPECT_FALSE(fits("[s]", strings(0xFFFF'FFFF, {"a"})));
  ByteWriter one;
  one.put(std::uint8_t{1});
  EXPECT_TRUE(fits("?.", one));
  EXPECT_FALSE(fits("?b", one));
  EXPECT_TRUE(fits("<b.>", one));
  EXPECT_FALSE(fits("<b>", one)) << "there is no second alternative";
  ByteWriter two;
  two.put(std::uint8_t{2});
  EXPECT_FALSE(fits("?.", two)) << "neither there nor not there";
  ByteWriter none;
  none.put(kValueless);
  EXPECT_TRUE(fits("<b>", none));
  EXPECT_TRUE(fits(".", ByteWriter()));
  EXPECT_TRUE(fits("(..)", ByteWriter()));
}

TEST(DescribedValue, FitsAtEveryLengthThatItIsCutTo) {
  ByteWriter whole;
  whole.put(std::uint32_t{2});
  for (int i = 0; i < 2; ++i) {
    whole.put(std::int32_t{i});
    whole.put(std::uint32_t{3});
    whole.text("abc");
    whole.put(std::uint8_t{1});
    whole.put(1.5);
  }
  const std::string all(whole.str_ref());
  for (std::size_t length = 0; length <= all.size(); ++length) {
    ByteWriter cut;
    cut.text(std::string_view(all).substr(0, length));
    EXPECT_EQ(fits("[(i4s?f8)]", cut, true), length >= 4) << length;
    EXPECT_EQ(fits("[(i4s?f8)]", cut), length == all.size()) << length;
  }
  whole.put(std::uint8_t{0});
  EXPECT_FALSE(fits("[(i4s?f8)]", whole, true)) << "more than a value";
}

TEST(DescribedValue, EndsSoonForManyPartsThatTakeNoBytes) {
  std::string none = "(" + std::string(255, '.') + ")";
  std::string many = "(b";
  while (many.size() + none.size() + 4 < kMaxDescriptionBytes) many += none;
  ByteWriter bytes;
  bytes.put(std::uint32_t{1 << 20});
  bytes.text(std::string(1 << 20, '\1'));
  EXPECT_TRUE(fits("[" + many + ")]", bytes));
}

TEST(DescribedArgument, GoesThroughTheCatalog) {
  script::SessionScript session(script::id_of(1));
  const StatementParts::Arg arguments[] = {
      {15, kArgInMessage | kArgNamed | kArgDescribed, "tags", "[s]"},
      {9, kArgInMessage, "", "not described"},
      {9, kArgInMessage | kArgDescribed, "", "d1/1000:i8"},
  };
  const auto id = session.statement(Level::info, "{tags} {} {}", 0, arguments, {});
  const Statement* statement = session.catalog().find(id);
  ASSERT_NE(statement, nullptr);
  EXPECT_EQ(statement->arguments[0].name, "tags");
  EXPECT_EQ(statement->arguments[0].description, "[s]");
  EXPECT_EQ(statement->arguments[1].description, "");
  EXPECT_EQ(statement->arguments[2].description, "d1/1000:i8");
  EXPECT_EQ(statement->variable_arguments, 1u);
  EXPECT_EQ(statement->fixed_bytes, 16u);
}

TEST(DescribedArgument, MakesAnotherSiteOfAnotherType) {
  const auto hash = [](std::uint8_t flags, std::string_view description) {
    SiteHasher hasher(2, 1);
    hasher.argument(15, flags, "x", description);
    return hasher.finish("{x}");
  };
  EXPECT_NE(hash(7, "[i4]"), hash(7, "[i8]"));
  EXPECT_EQ(hash(3, "[i4]"), hash(3, "[i8]")) << "without the flag it does not count";
}

}  // namespace
}  // namespace lmlog::formats
