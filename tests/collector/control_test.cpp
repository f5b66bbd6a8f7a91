// SPDX-License-Identifier: Apache-2.0
// What the collector writes into shared memory besides tails, what it says, and what it reports of itself.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "collector/control/time_words.hpp"
#include "collector/drain/answers.hpp"
#include "collector/drain/user_quotas.hpp"
#include "collector/host/notices.hpp"
#include "collector/metrics/status_report.hpp"
#include "tests/collector/support/hand_made_session.hpp"
#include "tests/collector/support/stepped_collector.hpp"

namespace lmlog::collector::testing {
namespace {

class TimeWordsOf : public ::testing::Test {
 protected:
  std::shared_ptr<File> open(const HandMadeSession& session) {
    return files.open(session.file.path(), OpenFor::answering).value();
  }
  void refresh() {
    words.refresh([this](File& file, std::uint32_t, std::uint64_t offset, std::span<const std::byte> bytes) {
      ++writes;
      ASSERT_TRUE(file.write_at(offset, bytes));
    });
  }

  ScratchFolder rings;
  FailingFiles files;
  ManualClock clock;
  TimeWords words{clock};
  int writes = 0;
};

TEST_F(TimeWordsOf, ACoarseSessionAreRefreshedEveryMillisecond) {
  HandMadeSession session(rings.path());
  EXPECT_EQ(words.next_refresh_ns(), kNsPerSecond) << "nobody waits";
  words.attach(session.descriptor.session_id, open(session), 0, static_cast<std::uint32_t>(formats::ClockKind::coarse));
  EXPECT_EQ(words.next_refresh_ns(), kNsPerMs);
  refresh();
  EXPECT_EQ(session.file.get<std::uint64_t>(formats::kCoarseTimeOffset),
            static_cast<std::uint64_t>(clock.realtime_ns()));
  clock.advance(kNsPerMs);
  refresh();
  EXPECT_EQ(session.file.get<std::uint64_t>(formats::kCoarseTimeOffset),
            static_cast<std::uint64_t>(clock.realtime_ns()));
  words.detach(session.descriptor.session_id);
  EXPECT_EQ(words.next_refresh_ns(), kNsPerSecond);
}

TEST_F(TimeWordsOf, ATickSessionHaveAnAnchorAtOnceAndEverySecond) {
  HandMadeSession session(rings.path());
  words.attach(session.descriptor.session_id, open(session), 0, static_cast<std::uint32_t>(formats::ClockKind::tsc));
  refresh();
  const auto anchor = session.file.get<std::array<std::uint64_t, 4>>(formats::kAnchorOffset);
  EXPECT_EQ(anchor[0] ^ anchor[1] ^ anchor[2] ^ formats::kAnchorCheck, anchor[3]);
  EXPECT_EQ(anchor[1], static_cast<std::uint64_t>(clock.realtime_ns()));
  clock.advance(kNsPerSecond / 2);
  refresh();
  EXPECT_EQ(writes, 1);
  clock.advance(kNsPerSecond / 2);
  refresh();
  EXPECT_EQ(writes, 2);
}

TEST(AnswersTo, ARingWriteTheLatestTail) {
  ScratchFolder rings;
  FailingFiles files;
  ManualClock clock;
  HandMadeSession session(rings.path());
  auto& ring = session.ring();
  Answers answers(clock);
  const std::shared_ptr<File> file = files.open(ring.file.path(), OpenFor::answering).value();
  std::vector<TailAnswer> tails{{file, 0, 64, 1}, {file, 0, 128, 2}};
  answers.release(tails);
  EXPECT_TRUE(tails.empty());
  EXPECT_EQ(ring.tail().tail, 0u) << "the answering thread writes";
  answers.step();
  EXPECT_EQ(ring.tail().tail, 128u);
  EXPECT_EQ(ring.tail().drained, 2u);
}

/// Its writes take 100 ms of the test's clock.
class SlowFile final : public File {
 public:
  explicit SlowFile(ManualClock& clock) : clock_(clock) {}
  Result<std::uint64_t> size() const override { return std::uint64_t{0}; }
  Result<std::size_t> read_at(std::uint64_t, std::span<std::byte>) const override { return std::size_t{0}; }
  Status write_at(std::uint64_t, std::span<const std::byte>) override {
    ++writes;
    clock_.advance(100 * kNsPerMs);
    return Done{};
  }
  Status sync() override { return Done{}; }
  Status truncate(std::uint64_t) override { return Done{}; }
  Result<FileInfo> info() const override { return FileInfo{}; }
  int descriptor() const noexcept override { return -1; }
  int writes = 0;

 private:
  ManualClock& clock_;
};

TEST(AnswersTo, ASlowUserWaitAndThoseOfOthersDoNot) {
  ScratchFolder rings;
  FailingFiles files;
  ManualClock clock;
  HandMadeSession session(rings.path());
  auto& ring = session.ring();
  Answers answers(clock);
  const auto slow = std::make_shared<SlowFile>(clock);
  const std::shared_ptr<File> fine = files.open(ring.file.path(), OpenFor::answering).value();
  for (std::uint64_t tail = 8; tail <= 80; tail += 8) {
    std::vector<TailAnswer> tails{{slow, 666, tail, 0}, {fine, 0, tail, 0}};
    answers.release(tails);
    answers.step();
    EXPECT_EQ(ring.tail().tail, tail);
  }
  EXPECT_EQ(slow->writes, 1);
  EXPECT_EQ(answers.slow_writes(), 1u);
  clock.advance(kNsPerSecond);
  answers.step();
  EXPECT_EQ(slow->writes, 2) << "one write for all that waited";
}

TEST(UserQuotas, FillUpOverTimeAndNeverBeyondASecond) {
  UserQuotas quotas;
  quotas.set_limit(1000);
  EXPECT_TRUE(quotas.may_drain(5, 0));
  quotas.spend(5, 2500);
  EXPECT_FALSE(quotas.may_drain(5, kNsPerSecond));
  EXPECT_TRUE(quotas.may_drain(6, kNsPerSecond)) << "another user";
  EXPECT_TRUE(quotas.may_drain(5, 2 * kNsPerSecond));
  EXPECT_TRUE(quotas.may_drain(5, 100 * kNsPerSecond));
  quotas.spend(5, 1000);
  EXPECT_FALSE(quotas.may_drain(5, 100 * kNsPerSecond));
}

TEST(Notices, SayAThingOnceUntilItIsSettled) {
  std::vector<std::string> said;
  Notices notices([&](const std::string& line) { said.push_back(line); });
  notices.warn_once("disk", "full");
  notices.warn_once("disk", "full");
  notices.settle("disk", "has room");
  notices.settle("disk", "has room");
  notices.warn_once("disk", "full again");
  EXPECT_EQ(said, (std::vector<std::string>{"full", "has room", "full again"}));
  EXPECT_EQ(notices.last_error(), "full again");
}

TEST(Notices, KeepTheErrorThatAnotherFollowsFrom) {
  Notices notices([](const std::string&) {});
  notices.warn_beside("status", "no status");
  EXPECT_EQ(notices.last_error(), "no status") << "it is the only one";
  notices.settle("status", {});
  notices.warn_once("journal", "no journal");
  notices.warn_beside("status", "no status");
  EXPECT_EQ(notices.last_error(), "no journal");
}

TEST(Notices, DoNotLetANameSteerTheTerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\nc\x7f\xc2\x9b é"), "a\\x1b[31mb\\x0ac\\x7f\\xc2\\x9b é");
}

TEST(StatusOf, ACollectorHasTheKeysOfTheInterface) {
  StatusReport report;
  report.pid = 4711;
  report.written_ns = 1'795'470'300'000'000'000;
  report.since_ns = 1'795'470'255'123'000'000;
  report.stored = 10;
  report.losses[0] = 3;
  report.losses[5] = 2;
  report.services["a\"b"] = {1, 10, 1, 100};
  report.quarantined.emplace_back("/dev/shm/x", "why");
  report.quarantines["head"] = 3;
  const std::string json = to_json(report);
  EXPECT_TRUE(json.starts_with("{\"pid\":4711,\"since\":\"2026-11-23T21:44:15.123Z\",")) << json;
  for (const char* part :
       {R"("records":{"stored":10,"dropped":3,"sampled_out":2,"overwritten":0})",
        R"("losses":{"ring_full":3,"sampled_out":2})", R"("tiers":{"hot":{"bytes":0,"segments":0,"records":0)",
        R"("a\"b":{"sessions":1)", R"("quarantined":[{"path":"/dev/shm/x","reason":"why"}])",
        R"("quarantines":{"head":3})", R"("last_error":"")"})
    EXPECT_NE(json.find(part), std::string::npos) << part << "\n" << json;
  const auto text = status_text(json, report.written_ns + 3 * kNsPerSecond, true);
  ASSERT_TRUE(text) << text.error().text;
  EXPECT_NE(text->find("pid 4711"), std::string::npos);
  EXPECT_NE(text->find("ring_full 3"), std::string::npos);
  EXPECT_EQ(text->find("old"), std::string::npos) << "it is replaced every second";
  const auto late = status_text(json, report.written_ns + 75 * kNsPerSecond, true);
  EXPECT_TRUE(
      late->starts_with("age          this is 75 s old: the collector is stopped, or cannot write its status\n"));
  EXPECT_TRUE(status_text(json, report.written_ns + 75 * kNsPerSecond, false)
                  ->starts_with("age          this is 75 s old: no collector runs\n"));
}

TEST(StatusOf, ACollectorIsUtf8WhateverItsNamesAre) {
  StatusReport report;
  report.services["\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80"] = {};
  report.quarantined.emplace_back("/a\xE4\xC3", "\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80\x7F\xC2\x9B\n");
  const std::string json = to_json(report);
  EXPECT_NE(json.find("\"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\":{"), std::string::npos) << json;
  std::string reason;
  for (int i = 0; i < 9; ++i) reason += "\xEF\xBF\xBD";
  EXPECT_NE(json.find("{\"path\":\"/a\xEF\xBF\xBD\xEF\xBF\xBD\",\"reason\":\"" + reason + "\\u007f\\u009b\\u000a\"}"),
            std::string::npos)
      << json;
}

TEST(StatusOf, ACollectorIsReplacedAsAWhole) {
  ScratchFolder folder;
  FailingFiles files;
  const std::string path = folder.path() + "/status.json";
  StatusReport report;
  ASSERT_TRUE(write_status(files, path, report));
  ASSERT_TRUE(write_status(files, path, report));
  EXPECT_EQ(folder.names(), std::vector<std::string>{"status.json"});
}

}  // namespace
}  // namespace lmlog::collector::testing
