// SPDX-License-Identifier: Apache-2.0
// Types in words, as `lmlog-decode sites` shows them.
#include "decoder/sites/type_name.hpp"

#include <gtest/gtest.h>

namespace lmlog::decoder {
namespace {

std::string name(std::uint8_t tag, std::string_view description = {}) {
  return type_name({tag, 0, "x", std::string(description)});
}

TEST(TypeName, OfATagIsTheTags) {
  EXPECT_EQ(name(1), "bool");
  EXPECT_EQ(name(9), "i64");
  EXPECT_EQ(name(14), "string");
  EXPECT_EQ(name(15), "structured");
  EXPECT_EQ(name(20), "type 20");
}

TEST(TypeName, OfADescriptionHasItsParts) {
  EXPECT_EQ(name(15, "[i4]"), "list<i32>");
  EXPECT_EQ(name(15, "{s:[f8]}"), "map<string, list<f64>>");
  EXPECT_EQ(name(15, "{u1*b}"), "multimap<u8, bool>");
  EXPECT_EQ(name(15, "{P}"), "set<path>");
  EXPECT_EQ(name(15, "()"), "tuple");
  EXPECT_EQ(name(15, "(c?p)"), "tuple<char, optional<pointer>>");
  EXPECT_EQ(name(15, "<.Eh>"), "variant<monostate, error_code, hash>");
  EXPECT_EQ(name(15, "@md::Order{id=i8;px=f8;}"), "md::Order {id: i64, px: f64}");
  EXPECT_EQ(name(15, "@A{}"), "A {}");
}

TEST(TypeName, OfATimeHasItsUnit) {
  EXPECT_EQ(name(9, "d1/1000000:i8"), "duration<µs>");
  EXPECT_EQ(name(12, "d7/3:f8"), "duration<[7/3]s>");
  EXPECT_EQ(name(9, "t1/1000000000:i8"), "time<ns>");
}

TEST(TypeName, OfADescriptionThatDoesNotFitIsTheTags) {
  EXPECT_EQ(name(9, "[i4]"), "i64");
  EXPECT_EQ(name(15, "nonsense"), "structured");
}

}  // namespace
}  // namespace lmlog::decoder
