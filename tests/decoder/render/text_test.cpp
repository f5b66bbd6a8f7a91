// SPDX-License-Identifier: Apache-2.0
// The text form, and that nothing of a log reaches the terminal as a control sequence.
#include "decoder/render/text.hpp"

#include <gtest/gtest.h>

#include "tests/decoder/render/rendering_script.hpp"

namespace lmlog::decoder {
namespace {

using formats::ArgType;
using script::RecordScript;
namespace fs = formats::script;

std::string render(const RecordScript& record, bool color = false) {
  Values values;
  EXPECT_TRUE(values.load(record.text().layout, record.record().body()));
  std::string message;
  record.text().message.append(message, values);
  std::string out;
  TextRenderer(color).append(out, record.record(), values, message);
  return out;
}

TEST(Text, IsTimeSeverityThreadMessageAndWhatTheMessageDoesNotShow) {
  const RecordScript record(formats::Level::info, "order {id}", {{ArgType::i64, "id"}, {ArgType::f64, "px"}},
                            fs::Arguments().fixed(std::int64_t{5}).fixed(48.0));
  EXPECT_EQ(render(record), "2026-11-22T21:44:15.123456789Z INFO   [worker] order 5 px=48\n");
}

TEST(Text, ShowsTheNumberOfAThreadWithoutName) {
  RecordScript record(formats::Level::notice, "x", {});
  record.thread().name.clear();
  EXPECT_EQ(render(record), "2026-11-22T21:44:15.123456789Z NOTICE [7] x\n");
}

TEST(Text, QuotesFieldsThatBlanksWouldTearApart) {
  const RecordScript record(formats::Level::info, "x", {{ArgType::string, "a"}, {ArgType::string, "b"}},
                            fs::Arguments().string("two words").string("say \"x\""));
  EXPECT_EQ(render(record), "2026-11-22T21:44:15.123456789Z INFO   [worker] x a=\"two words\" b=\"say \\\"x\\\"\"\n");
}

TEST(Text, ShowsTheFieldsOfAFormatStringThatIsNone) {
  const RecordScript record(formats::Level::info, "broken {", {{ArgType::i32, ""}},
                            fs::Arguments().fixed(std::int32_t{3}));
  EXPECT_EQ(render(record), "2026-11-22T21:44:15.123456789Z INFO   [worker] broken { 0=3\n");
}

TEST(Text, EscapesMessagesFieldsNamesAndThreads) {
  RecordScript record(formats::Level::error, "go\x1b]0;title\x07 {s}",
                      {{ArgType::string, "s"}, {ArgType::string, "na\x1bme"}},
                      fs::Arguments().string("\x1b[2J").string("\x9b"));
  record.thread().name = "w\x1b[1m";
  const std::string line = render(record);
  for (std::size_t i = 0; i + 1 < line.size(); ++i) EXPECT_GE(static_cast<unsigned char>(line[i]), 0x20) << i;
  EXPECT_NE(line.find("\\x1b[2J"), std::string::npos);
}

TEST(Text, ColoursOnlyWhenAsked) {
  const RecordScript record(formats::Level::fatal, "x", {});
  EXPECT_EQ(render(record).find('\x1b'), std::string::npos);
  EXPECT_NE(render(record, true).find("\x1b[1;37;41mFATAL\x1b[0m "), std::string::npos);
}

}  // namespace
}  // namespace lmlog::decoder
