// SPDX-License-Identifier: Apache-2.0
// The collector with its threads, against writers that write meanwhile: what TSan must see.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "collector/collector.hpp"
#include "collector/config/config_keys.hpp"
#include "collector/host/posix_file_system.hpp"
#include "collector/host/system_clock.hpp"
#include "tests/collector/support/archived_records.hpp"
#include "tests/collector/support/hand_made_session.hpp"
#include "tests/collector/support/stepped_collector.hpp"

namespace lmlog::collector::testing {
namespace {

constexpr int kRecords = 20'000;

/// Writes as a producer with policy `block` does: only where the tail leaves room.
void write_all(HandMadeRing& ring, std::uint32_t id) {
  for (int i = 0; i < kRecords; ++i) {
    while (ring.head - ring.tail().tail > ring.descriptor.data_bytes - 4096) std::this_thread::yield();
    ring.write(id, static_cast<std::uint64_t>(i) + 2, Body().fixed(std::int64_t{i}).bytes());
  }
}

TEST(CollectorThreads, DrainWhatIsWrittenMeanwhile) {
  ScratchFolder rings;
  ScratchFolder archive;
  PosixFileSystem files;
  SystemClock clock;
  GivenLives lives;
  Notices notices;
  Config config = default_config();
  config.hot_block_records = 1000;
  config.block_seconds = 1;
  ConfigBox box(config);
  auto opened = Collector::open({files, clock, lives, notices, random_id}, box, archive.path(), {rings.path()});
  ASSERT_TRUE(opened) << opened.error().text;
  Collector& collector = **opened;
  collector.start();

  std::vector<std::unique_ptr<HandMadeSession>> sessions;
  std::vector<std::thread> writers;
  for (int i = 0; i < 2; ++i) {
    sessions.push_back(std::make_unique<HandMadeSession>(rings.path(), SessionShape{"svc" + std::to_string(i)}));
    const auto id = sessions.back()->statement("n {a}", {formats::ArgType::i64});
    for (int ring = 0; ring < 2; ++ring) sessions.back()->ring();
    for (auto& ring : sessions.back()->rings) writers.emplace_back([&ring, id] { write_all(*ring, id); });
  }
  std::atomic<bool> done{false};
  std::thread watcher([&] {
    while (!done) {
      (void)to_json(collector.status());
      config.poll_interval_us = config.poll_interval_us == 500 ? 200 : 500;
      box.set(config);
      std::this_thread::yield();
    }
  });
  for (auto& writer : writers) writer.join();
  collector.stop();
  const auto status = collector.finish();
  done = true;
  watcher.join();
  EXPECT_TRUE(status) << status.error().text;

  std::map<formats::Id128, std::vector<std::string>> by_ring;
  for (const auto& record : read_archive(archive.path()).records)
    by_ring[record.ring].push_back(record.arguments.at(0));
  EXPECT_EQ(by_ring.size(), 4u);
  for (const auto& [ring, values] : by_ring) {
    ASSERT_EQ(values.size(), static_cast<std::size_t>(kRecords));
    for (int i = 0; i < kRecords; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], std::to_string(i));
  }
}

}  // namespace
}  // namespace lmlog::collector::testing
