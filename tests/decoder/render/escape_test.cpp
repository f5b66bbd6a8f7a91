// SPDX-License-Identifier: Apache-2.0
// Escaping for JSON and for terminals.
#include "decoder/render/escape.hpp"

#include <gtest/gtest.h>

#include <random>

namespace lmlog::decoder {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

std::string terminal(std::string_view text) {
  std::string out;
  append_terminal_text(out, text);
  return out;
}

TEST(JsonText, KeepsPlainTextOfAnyLength) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(json(text), text);
    EXPECT_TRUE(is_plain(text));
    text.push_back(static_cast<char>('a' + i % 26));
  }
}

TEST(JsonText, FindsASpecialCharacterAtEveryPlace) {
  for (std::size_t length = 1; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const char special : {'"', '\\', '\n', '\x01', '\x7F', '\x1F'}) {
        std::string text(length, 'x');
        text[at] = special;
        EXPECT_FALSE(is_plain(text));
        EXPECT_EQ(json(text).size() > length, true) << length << " " << at;
        EXPECT_EQ(json(text).substr(0, at), std::string(at, 'x'));
      }
    }
  }
}

TEST(JsonText, EscapesWhatJsonDemands) {
  EXPECT_EQ(json("a\"b\\c"), R"(a\"b\\c)");
  EXPECT_EQ(json("\n\r\t\b\f"), R"(\n\r\t\b\f)");
  EXPECT_EQ(json(std::string("\0\x1b", 2)), R"(\u0000\u001b)");
}

TEST(JsonText, EscapesDelAndC1ControlsForTerminalsThatShowIt) { EXPECT_EQ(json("\x7f\xc2\x9b"), R"(\u007f\u009b)"); }

TEST(JsonText, KeepsUtf8) { EXPECT_EQ(json("grün 漢字 😀"), "grün 漢字 😀"); }

TEST(JsonText, ReplacesEveryByteThatIsNotUtf8) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(json("a\xffz"), "a" + replacement + "z");
  EXPECT_EQ(json("\xc3"), replacement);                                      // cut off
  EXPECT_EQ(json("\xc0\xaf"), replacement + replacement);                    // overlong
  EXPECT_EQ(json("\xed\xa0\x80"), replacement + replacement + replacement);  // surrogate
  EXPECT_EQ(json("\xf4\x90\x80\x80"), replacement + replacement + replacement + replacement);
  EXPECT_EQ(json("\xe2\x82"), replacement + replacement);
}

TEST(TerminalText, LetsNoControlCharacterThrough) {
  EXPECT_EQ(terminal("\x1b[31mred\x07"), R"(\x1b[31mred\x07)");
  EXPECT_EQ(terminal("a\nb\rc\td"), R"(a\nb\rc\td)");
  EXPECT_EQ(terminal("\xc2\x9b"
                     "31m"),
            R"(\u009b31m)");
  EXPECT_EQ(terminal("\x7f"), R"(\x7f)");
}

TEST(TerminalText, ShowsMarksThatReorderText) {
  EXPECT_EQ(terminal("a\xE2\x80\xAE"
                     "b\xE2\x81\xA6"
                     "c\xE2\x80\xA8"),
            R"(a\u202eb\u2066c\u2028)");
}

TEST(TerminalText, KeepsQuotesAndBackslashes) { EXPECT_EQ(terminal(R"(say "C:\x")"), R"(say "C:\x")"); }

TEST(TerminalText, IsSafeForAnyBytes) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    for (const std::string& text : {terminal(bytes), json(bytes)}) {
      for (std::size_t at = 0; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        ASSERT_TRUE(c >= 0x20 && c != 0x7F);
        if (c == 0xC2) {
          ASSERT_GE(static_cast<unsigned char>(text[at + 1]), 0xA0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace lmlog::decoder
