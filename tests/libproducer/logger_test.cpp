// SPDX-License-Identifier: Apache-2.0
// Named loggers: which level counts, what the control words say then, and which records carry which name.
#include <lmlog/logger.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "libproducer/src/environment.hpp"
#include "libproducer/src/logger_table.hpp"
#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using ::testing::ElementsAre;

TEST(LoggerTest, OfOneNameAreOne) {
  const Logger log = logger("same.name");
  EXPECT_EQ(log, logger(std::string("same") + ".name"));
  EXPECT_NE(log, logger("same"));
  EXPECT_EQ(log.name(), "same.name");
}

TEST(LoggerTest, WithoutANameIsTheProcessItself) {
  EXPECT_EQ(logger(""), Logger());
  EXPECT_EQ(logger("*"), Logger());
  EXPECT_EQ(Logger().name(), "");
}

TEST(LoggerTest, HasANameOfAtMost255BytesCutAtACharacter) {
  const std::string name(254, 'n');
  EXPECT_EQ(logger(name + "\xC3\xA4").name(), name);
  EXPECT_EQ(logger(name + "12").name(), name + "1");
  EXPECT_EQ(logger(name + "12"), logger(name + "13"));
}

TEST(LoggerTest, HasTheLevelOfItsNearestAncestorThatHasOne) {
  const Logger leaf = logger("tree.branch.leaf");
  EXPECT_EQ(leaf.level(), Level::info);
  set_level("tree", Level::error);
  EXPECT_EQ(leaf.level(), Level::error);
  EXPECT_EQ(logger("tree.other").level(), Level::error) << "also one that is made later";
  EXPECT_EQ(logger("treetop").level(), Level::info) << "a dot makes an ancestor, not a beginning";
  logger("tree.branch").set_level(Level::trace);
  EXPECT_EQ(leaf.level(), Level::trace);
  EXPECT_TRUE(leaf.is_on(Level::trace));
  logger("tree.branch").reset_level();
  EXPECT_EQ(leaf.level(), Level::error);
  EXPECT_FALSE(leaf.is_on(Level::warn));
  logger("tree").reset_level();
  set_level(Level::debug);
  EXPECT_EQ(leaf.level(), Level::debug);
  EXPECT_EQ(Logger().level(), Level::debug);
  reset_level();
  EXPECT_EQ(leaf.level(), Level::info);
}

TEST(LoggerTableTest, TakesTheEnvironmentsLevelsUnlessTheServiceSaysOtherwise) {
  detail::LoggerTable table(detail::parse_level_setting("md=debug, md.itch=warn ,*=error,orders=fatal,orders=trace"));
  const auto level = [&](std::string_view name) { return table.level(table.get(name)); };
  EXPECT_EQ(level(""), Level::error);
  EXPECT_EQ(level("other"), Level::error);
  EXPECT_EQ(level("md.bats"), Level::debug);
  EXPECT_EQ(level("md.itch.book"), Level::warn);
  EXPECT_EQ(level("orders"), Level::trace) << "the last one counts";
  table.set_level(table.get("md.itch"), Level::info);
  EXPECT_EQ(level("md.itch.book"), Level::info);
  table.set_level(table.get("md.itch"), std::nullopt);
  EXPECT_EQ(level("md.itch.book"), Level::warn);
  table.change_session(Level::trace);
  EXPECT_EQ(level("other"), Level::error) << "the environment wins over the session's options";
  table.set_level_of_session(Level::notice);
  EXPECT_EQ(level("other"), Level::notice);
  table.change_session(std::nullopt);
  EXPECT_EQ(level("other"), Level::error) << "what a session was told ends with it";
  table.set_level(nullptr, Level::fatal);
  table.change_session(Level::trace);
  EXPECT_EQ(level("other"), Level::fatal) << "what the process was told does not";
}

TEST(LoggerTableTest, IsBounded) {
  detail::LoggerTable table({});
  for (std::size_t i = 0; i < detail::LoggerTable::kMaxLoggers; ++i)
    ASSERT_NE(table.get("l" + std::to_string(i)), nullptr);
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(table.get("one too many"), nullptr);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "lmlog: more than 65536 loggers: the further ones have no name, and the process's level\n");
  EXPECT_NE(table.get("l7"), nullptr);
}

void Say(const Logger& log, int number) { LMLOG_LOG(log, Level::info, "said {}", number); }

TEST(LoggerStatementTest, IsOneForEachLoggerThatComesBy) {
  const RingsFolder folder;
  const Session session({.service = "variants"});
  for (int i = 0; i < 3; ++i) {
    Say(logger("variants.a"), i);
    Say(logger("variants.b"), 10 + i);
    Say(Logger(), 20 + i);
  }
  const RecordedSession recorded = read_session(folder, session.id());
  std::vector<std::string> said;
  std::set<std::uint32_t> ids;
  for (const auto& record : recorded.records("said {}")) {
    said.push_back(recorded.logger(record) + " " + recorded.values(record).at(0));
    ids.insert(record.id);
    EXPECT_EQ(recorded.statement(record).function, "Say");
  }
  EXPECT_THAT(said, ElementsAre("variants.a 0", "variants.b 10", " 20", "variants.a 1", "variants.b 11", " 21",
                                "variants.a 2", "variants.b 12", " 22"));
  EXPECT_EQ(ids.size(), 3u);
}

TEST(LoggerStatementTest, EvaluatesItsLoggerOnceAndItsArgumentsOnlyWhenItIsOn) {
  const RingsFolder folder;
  const Session session({.service = "evaluated"});
  int loggers = 0;
  int arguments = 0;
  const auto log = [&](Level level) {
    set_level("evaluated", level);
    LMLOG_LOG((++loggers, logger("evaluated.once")), Level::info, "evaluated {}", ++arguments);
  };
  log(Level::info);
  log(Level::warn);
  log(Level::trace);
  EXPECT_EQ(loggers, 3);
  EXPECT_EQ(arguments, 2);
  EXPECT_EQ(read_session(folder, session.id()).records("evaluated {}").size(), 2u);
}

TEST(LoggerStatementTest, HasItsLoggersLevelInItsControlWord) {
  const RingsFolder folder;
  std::optional<Session> session(std::in_place, SessionOptions{.service = "words"});
  const Logger quiet = logger("words.quiet");
  const Logger loud = logger("words.loud");
  Say(quiet, 1);
  Say(loud, 1);
  const auto words = [&] {
    std::map<std::string, std::uint64_t> out;
    const RecordedSession recorded = read_session(folder, session->id());
    for (const auto& [id, statement] : recorded.statements) {
      if (statement.format == "said {}" && statement.logger_id != 0)
        out[recorded.loggers.at(statement.logger_id)] =
            read_u64(recorded.path, recorded.descriptor.control_offset + 8 * (id - formats::kFirstStatementId));
    }
    return out;
  };
  EXPECT_EQ(words()["words.quiet"], 0u);
  quiet.set_level(Level::fatal);
  EXPECT_EQ(words()["words.quiet"], formats::kControlOff);
  EXPECT_EQ(words()["words.loud"], 0u);
  session.reset();
  session.emplace(SessionOptions{.service = "words, later"});
  EXPECT_EQ(words()["words.quiet"], formats::kControlOff) << "also in a later session";
  EXPECT_EQ(words()["words.loud"], 0u);
  quiet.reset_level();
  EXPECT_EQ(words()["words.quiet"], 0u);
}

TEST(LoggerStatementTest, OfADebugLoggerPassesAProcessThatIsNot) {
  const RingsFolder folder;
  const Session session({.service = "debug", .level = Level::error});
  logger("debug.this").set_level(Level::debug);
  LMLOG_LOG(logger("debug.this.one"), Level::debug, "let through");
  LMLOG_LOG(logger("debug.that"), Level::debug, "held back");
  LMLOG_WARN("held back too");
  const RecordedSession recorded = read_session(folder, session.id());
  EXPECT_EQ(recorded.records("let through").size(), 1u);
  EXPECT_TRUE(recorded.records("held back").empty());
  EXPECT_TRUE(recorded.records("held back too").empty());
}

TEST(LoggerStatementTest, TakesACallersTime) {
  const RingsFolder folder;
  const Session session({.service = "given", .clock = Clock::user_ns});
  LMLOG_LOG_AT(logger("given"), Level::info, 12345, "given {}", 1);
  const RecordedSession recorded = read_session(folder, session.id());
  EXPECT_EQ(recorded.records("given {}").at(0).time, 12345u);
}

TEST(LoggerStatementTest, HasGatesThatCountTheStatementsCalls) {
  const RingsFolder folder;
  const Session session({.service = "gates"});
  for (int i = 0; i < 6; ++i) {
    const Logger log = logger(i % 2 == 0 ? "gates.even" : "gates.odd");
    LMLOG_LOG_ONCE(log, Level::info, "once {}", i);
    LMLOG_LOG_FIRST_N(log, Level::info, 3, "first {}", i);
    LMLOG_LOG_EVERY_N(log, Level::info, 4, "every {}", i);
    LMLOG_LOG_IF(log, Level::info, i > 4, "if {}", i);
    LMLOG_LOG_THROTTLE(log, Level::info, std::chrono::hours(1), "throttle {}", i);
  }
  const RecordedSession recorded = read_session(folder, session.id());
  const auto said = [&](const std::string& format) {
    std::string out;
    for (const auto& record : recorded.records(format)) {
      for (const auto& value : recorded.values(record)) out += value + ' ';
      out += recorded.logger(record).substr(6) + '|';
    }
    return out;
  };
  EXPECT_EQ(said("once {}"), "0 even|");
  EXPECT_EQ(said("first {}"), "0 even|1 odd|2 even|");
  EXPECT_EQ(said("every {}"), "0 0 even|4 3 even|") << "the number of calls that were suppressed comes along";
  EXPECT_EQ(said("if {}"), "5 odd|");
  EXPECT_EQ(said("throttle {}"), "0 0 even|");
}

TEST(LoggerStatementTest, ServesThreadsThatMeetALoggerAtTheSameTime) {
  const RingsFolder folder;
  const Session session({.service = "threads"});
  constexpr int kThreads = 8;
  constexpr int kLoggers = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < kLoggers; ++i)
        LMLOG_LOG(logger("threads." + std::to_string(i)), Level::info, "from a thread {}", i);
    });
  }
  for (auto& thread : threads) thread.join();
  const RecordedSession recorded = read_session(folder, session.id());
  std::map<std::uint32_t, int> records;
  for (const auto& record : recorded.records("from a thread {}")) {
    ++records[record.id];
    EXPECT_EQ(recorded.logger(record), "threads." + recorded.values(record).at(0));
  }
  EXPECT_EQ(records.size(), std::size_t{kLoggers});
  for (const auto& [id, count] : records) EXPECT_EQ(count, kThreads) << id;
}

}  // namespace
}  // namespace lmlog::testing
