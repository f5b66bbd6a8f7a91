// SPDX-License-Identifier: Apache-2.0
// Statements made at run time: checked as the macros' are, registered and unregistered, and the values they take.
#include <lmlog/runtime_site.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using ::testing::ElementsAre;
using namespace lmlog::literals;

const RuntimeArgument kInt{ValueType::i32};
const RuntimeArgument kText{ValueType::string};

std::string ErrorOf(std::string_view format, std::initializer_list<RuntimeArgument> arguments) {
  const RuntimeSite site(Level::info, format, arguments);
  EXPECT_EQ(site.log(), site.error().empty() ? LogOutcome::stored : LogOutcome::refused);
  EXPECT_EQ(site.is_on(), site.error().empty());
  return std::string(site.error());
}

TEST(RuntimeSiteTest, SaysWhatIsWrongWithIt) {
  const RingsFolder folder;
  const Session session({.service = "errors"});
  EXPECT_EQ(ErrorOf("good", {}), "");
  EXPECT_EQ(ErrorOf("{", {kInt}),
            "a brace of the format string has no partner: write '{{' or '}}' for the character itself");
  EXPECT_EQ(ErrorOf("{} {}", {kInt}), "the format string has more placeholders than there are arguments");
  EXPECT_EQ(ErrorOf("{}", {kInt, kInt}),
            "there are more arguments than placeholders: add one, or give the argument a field's name");
  EXPECT_EQ(ErrorOf("{:d}", {kText}), "a format spec does not fit the type of its argument");
  EXPECT_EQ(ErrorOf("{a} {a}", {kInt, kInt}), "two arguments have the same name");
  EXPECT_EQ(ErrorOf("{}", {{ValueType{}}}),
            "an argument has no type that can be declared: bool, char, integers, floats, pointer or string");
  EXPECT_EQ(ErrorOf("{}", {{ValueType::structured}}),
            "an argument has no type that can be declared: bool, char, integers, floats, pointer or string");
  EXPECT_EQ(ErrorOf("a", {{ValueType::i8, "\xFF"}}), "the name of a field must be UTF-8 of 1 to 255 bytes");
  EXPECT_EQ(ErrorOf(std::string(65536, 'x'), {}), "the format string is longer than 65535 bytes");
  const std::vector<RuntimeArgument> many(256, kInt);
  EXPECT_EQ(RuntimeSite(Level::info, "", many).error(), "there are more than 255 arguments");
  EXPECT_EQ(RuntimeSite(static_cast<Level>(7), "").error(),
            "the level is none of trace, debug, info, notice, warn, error, fatal");
}

TEST(RuntimeSiteTest, StoresEveryTypeAsTheMacrosDo) {
  const RingsFolder folder;
  const Session session({.service = "types"});
  using enum formats::ArgType;  // clang++ 14 does not take the alias
  const RuntimeSite site(Level::warn, "{} {} {} {} {} {} {} {} {} {} {f} {d} {p} {s}",
                         {{boolean},
                          {character},
                          {i8},
                          {u8},
                          {i16},
                          {u16},
                          {i32},
                          {u32},
                          {i64},
                          {u64},
                          {f32},
                          {f64},
                          {pointer},
                          {string},
                          {string, "field"}},
                         {.file = "script.py", .line = 12, .function = "main", .logger = logger("runtime.types")});
  ASSERT_EQ(site.error(), "");
  EXPECT_EQ(site.log(true, 'x', -128, 255, -32768, 65535, std::numeric_limits<int>::min(), 4294967295u,
                     std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::uint64_t>::max(), 0.1f, 0.1,
                     reinterpret_cast<const void*>(0x1234), "text", std::string("of a field")),
            LogOutcome::stored);
  const RecordedSession recorded = read_session(folder, session.id());
  const Recorded record = recorded.rings.at(0).ordinary().at(0);
  EXPECT_THAT(recorded.values(record),
              ElementsAre("true", "'x'", "-128", "255", "-32768", "65535", "-2147483648", "4294967295",
                          "-9223372036854775808", "18446744073709551615", "0x1.99999ap-4", "0x1.999999999999ap-4",
                          "0x1234", "\"text\"", "\"of a field\""));
  const formats::Statement& statement = recorded.statement(record);
  EXPECT_EQ(statement.file, "script.py");
  EXPECT_EQ(statement.line, 12u);
  EXPECT_EQ(statement.function, "main");
  EXPECT_EQ(statement.level, Level::warn);
  EXPECT_EQ(statement.arguments.at(10).name, "f");
  EXPECT_EQ(statement.arguments.at(14).name, "field");
  EXPECT_FALSE(statement.arguments.at(14).in_message());
  EXPECT_EQ(recorded.logger(record), "runtime.types");
}

TEST(RuntimeSiteTest, IsTheSameSiteAsAnEqualStatementOfTheProgram) {
  const RingsFolder folder;
  const Session session({.service = "hash"});
  LMLOG_INFO("both {n}", 1, "more"_k = "x");
  const RuntimeSite site(Level::info, "both {n}", {kInt, {ValueType::string, "more"}}, {.function = "elsewhere"});
  EXPECT_EQ(site.log(2, "y"), LogOutcome::stored);
  const RecordedSession recorded = read_session(folder, session.id());
  const auto records = recorded.records("both {n}");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_NE(records[0].id, records[1].id) << "another place";
  EXPECT_EQ(recorded.statement(records[0]).site_hash, recorded.statement(records[1]).site_hash);
}

TEST(RuntimeSiteTest, RefusesValuesThatWereNotDeclared) {
  const RingsFolder folder;
  const Session session({.service = "refused"});
  const RuntimeSite number(Level::info, "{}", {{ValueType::u8}});
  EXPECT_EQ(number.log(), LogOutcome::refused);
  EXPECT_EQ(number.log(1, 2), LogOutcome::refused);
  EXPECT_EQ(number.log(256), LogOutcome::refused);
  EXPECT_EQ(number.log(-1), LogOutcome::refused);
  EXPECT_EQ(number.log(1.0), LogOutcome::refused);
  EXPECT_EQ(number.log(true), LogOutcome::refused);
  EXPECT_EQ(number.log("1"), LogOutcome::refused);
  EXPECT_EQ(number.log(255ull), LogOutcome::stored);
  const RuntimeSite text(Level::info, "{}", {kText});
  EXPECT_EQ(text.log(1), LogOutcome::refused);
  EXPECT_EQ(text.log(static_cast<const char*>(nullptr)), LogOutcome::stored);
  EXPECT_EQ(text.log(nullptr), LogOutcome::refused) << "a pointer";
  EXPECT_EQ(RuntimeSite(Level::info, "{}", {{ValueType::pointer}}).log(nullptr), LogOutcome::stored);
  EXPECT_EQ(text.log_at(1, "x"), LogOutcome::refused) << "it was not declared with a time";
  EXPECT_EQ(read_session(folder, session.id()).rings.at(0).ordinary().size(), 3u);
  const LossCounts losses = session.losses();
  EXPECT_EQ(losses, LossCounts{});
}

TEST(RuntimeSiteTest, TakesACallersTime) {
  const RingsFolder folder;
  const Session session({.service = "given", .clock = Clock::user_ns});
  const RuntimeSite site(Level::info, "given {}", {kInt}, {.time_given = true});
  EXPECT_EQ(site.log_at(777, 1), LogOutcome::stored);
  EXPECT_EQ(site.log(2), LogOutcome::stored);
  const auto records = read_session(folder, session.id()).records("given {}");
  EXPECT_EQ(records.at(0).time, 777u);
  EXPECT_GT(records.at(1).time, 1'000'000'000'000'000'000u) << "the session's clock";
}

TEST(RuntimeSiteTest, CutsAndExtendsRecordsOfLongTexts) {
  const RingsFolder folder;
  const Session session({.service = "long", .ring_bytes = 1 << 20, .max_string = 40'000});
  const RuntimeSite site(Level::info, "{n} {a} {b}", {kInt, kText, kText});
  for (const std::size_t length : {0u, 1u, 16'380u, 32'800u, 40'000u, 40'001u})
    EXPECT_EQ(site.log(static_cast<int>(length), std::string(length, 'a'), "b"), LogOutcome::stored);
  const RecordedSession recorded = read_session(folder, session.id());
  const auto records = recorded.records("{n} {a} {b}");
  ASSERT_EQ(records.size(), 6u);
  for (const auto& record : records) {
    const auto values = recorded.values(record);
    const std::size_t length = std::stoul(values[0]);
    EXPECT_EQ(values[1],
              '"' + std::string(std::min<std::size_t>(length, 40'000), 'a') + (length > 40'000 ? "\"~" : "\""));
    EXPECT_EQ(values[2], "\"b\"");
  }
}

TEST(RuntimeSiteTest, GoesByLevelsAndLoggers) {
  const RingsFolder folder;
  Session session({.service = "levels"});
  const Logger log = logger("runtime.levels");
  const RuntimeSite site(Level::debug, "debug", {}, {.logger = log});
  EXPECT_FALSE(site.is_on());
  EXPECT_EQ(site.log(), LogOutcome::off);
  log.set_level(Level::debug);
  EXPECT_TRUE(site.is_on());
  EXPECT_EQ(site.log(), LogOutcome::stored);
  log.reset_level();
  EXPECT_EQ(site.log(), LogOutcome::off);
}

TEST(RuntimeSiteTest, GetsItsOldIdBack) {
  const RingsFolder folder;
  const Session session({.service = "ids"});
  for (int i = 0; i < 100; ++i) {
    RuntimeSite site(Level::info, "again {}", {kInt});
    EXPECT_EQ(site.log(i), LogOutcome::stored);
    const RuntimeSite moved = std::move(site);
    EXPECT_EQ(moved.log(i), LogOutcome::stored);
    EXPECT_EQ(site.log(i), LogOutcome::refused);  // NOLINT: that is what is tested
    EXPECT_EQ(site.error(), "the statement was moved to another object");
  }
  const RecordedSession recorded = read_session(folder, session.id());
  EXPECT_EQ(recorded.records("again {}").size(), 200u);
  EXPECT_EQ(recorded.statement("again {}").format, "again {}") << "one statement alone";
}

TEST(RuntimeSiteTest, ServesManyThreadsAtOnceAndSurvivesItsSession) {
  const RingsFolder folder;
  std::string first;
  const RuntimeSite site(Level::info, "thread {t} {text}", {kInt, kText});
  const auto in_threads = [&] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 500; ++i) EXPECT_EQ(site.log(t, "some text"), LogOutcome::stored);
      });
    for (auto& thread : threads) thread.join();
  };
  {
    const Session session({.service = "first"});
    first = session.id();
    in_threads();
  }
  const Session second({.service = "second"});
  in_threads();
  EXPECT_EQ(read_session(folder, first).records("thread {t} {text}").size(), 2000u);
  EXPECT_EQ(read_session(folder, second.id()).records("thread {t} {text}").size(), 2000u);
}

}  // namespace
}  // namespace lmlog::testing
