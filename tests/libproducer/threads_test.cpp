// SPDX-License-Identifier: Apache-2.0
// Threads that come and go: rings are handed on, nothing is lost when sessions change under running threads.
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <latch>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

using formats::RecordKind;

TEST(Threads, HandTheirRingOnToTheNext) {
  const RingsFolder folder;
  const Session session({.service = "hand-over"});
  constexpr int kThreads = 1000;
  constexpr int kAtOnce = 4;
  for (int i = 0; i < kThreads; i += kAtOnce) {
    std::vector<std::thread> threads;
    for (int k = 0; k < kAtOnce; ++k) threads.emplace_back([number = i + k] { LMLOG_INFO("thread {}", number); });
    for (auto& thread : threads) thread.join();
  }
  const RecordedSession recorded = read_session(folder);
  EXPECT_EQ(recorded.records("thread {}").size(), kThreads);
  EXPECT_LE(recorded.rings.size(), kAtOnce);
  std::uint32_t epochs = 0;
  for (const auto& ring : recorded.rings) {
    EXPECT_EQ(ring.owner, 0u);
    std::uint32_t epoch = 0;
    std::uint32_t tid = 0;
    for (const auto& record : ring.records) {
      if (record.is(RecordKind::thread)) {
        const auto thread = formats::parse_thread(std::as_bytes(std::span(record.body.data(), record.body.size())));
        ASSERT_TRUE(thread.has_value());
        EXPECT_EQ(thread->epoch, epoch + 1);
        EXPECT_NE(thread->tid, tid);
        epoch = thread->epoch;
        tid = thread->tid;
      }
    }
    epochs += epoch;
  }
  EXPECT_EQ(epochs, kThreads);
}

TEST(Threads, CarryTheNameTheyHadAtTheirFirstRecord) {
  const RingsFolder folder;
  const Session session({.service = "names"});
  std::thread([] {
    ::pthread_setname_np(::pthread_self(), "md-itch");
    LMLOG_INFO("named");
  }).join();
  const RecordedSession recorded = read_session(folder);
  const auto& body = recorded.rings.at(0).records.at(0).body;
  EXPECT_EQ(formats::parse_thread(std::as_bytes(std::span(body.data(), body.size())))->name, "md-itch");
}

pthread_key_t late_key;

void log_at_the_end(void* round) {
  const auto left = reinterpret_cast<std::uintptr_t>(round);
  LMLOG_INFO("late {}", left);
  if (left > 1) ::pthread_setspecific(late_key, reinterpret_cast<void*>(left - 1));
}

TEST(Threads, MayLogInDestructorsOfThreadLocals) {
  const RingsFolder folder;
  const Session session({.service = "late"});
  struct Local {
    ~Local() { LMLOG_INFO("thread_local {}", 1); }
  };
  // Made after the library's own key as well as before it: destructors run in the order of the keys.
  std::thread([] { LMLOG_INFO("first"); }).join();
  ASSERT_EQ(::pthread_key_create(&late_key, &log_at_the_end), 0);
  std::thread([] {
    static thread_local Local local;
    (void)&local;
    ::pthread_setspecific(late_key, reinterpret_cast<void*>(std::uintptr_t{2}));
    LMLOG_INFO("second");
  }).join();
  ::pthread_key_delete(late_key);
  const RecordedSession recorded = read_session(folder);
  EXPECT_EQ(recorded.records("thread_local {}").size(), 1u);
  EXPECT_EQ(recorded.records("late {}").size(), 2u);
  EXPECT_EQ(recorded.rings.size(), 1u);
  EXPECT_EQ(recorded.rings.at(0).owner, 0u);
}

TEST(Threads, WriteRingsOfTheirOwnWithoutLoss) {
  const RingsFolder folder;
  const Session session({.service = "parallel", .ring_bytes = 4 << 20});
  constexpr int kThreads = 4;
  constexpr int kCalls = 50'000;
  std::vector<std::thread> threads;
  std::latch all_have_rings(kThreads);  // a thread that has ended would leave its half-full ring to another
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t, &all_have_rings] {
      LMLOG_INFO("here");
      all_have_rings.arrive_and_wait();
      for (int i = 0; i < kCalls; ++i) LMLOG_INFO("parallel {} {}", t, i);
    });
  }
  for (auto& thread : threads) thread.join();
  const RecordedSession recorded = read_session(folder);
  std::map<std::int32_t, std::int32_t> next;
  for (const auto& record : recorded.records("parallel {} {}")) {
    std::int32_t values[2];
    std::memcpy(values, record.body.data(), sizeof(values));
    EXPECT_EQ(next[values[0]]++, values[1]);
  }
  ASSERT_EQ(next.size(), kThreads);
  for (const auto& [thread, count] : next) EXPECT_EQ(count, kCalls);
  EXPECT_EQ(session.losses(), LossCounts{});
}

TEST(Threads, LoseNothingWhileSessionsChangeUnderThem) {
  const RingsFolder folder;
  constexpr int kThreads = 3;
  constexpr int kSessions = 12;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> calls{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      std::uint64_t own = 0;
      while (!stop.load(std::memory_order_relaxed)) {
        LMLOG_INFO("moving {}", own);
        ++own;
        if (own % 64 == 0) std::this_thread::yield();
        if (own == 30'000) break;  // fits the rings, whatever session they end in
      }
      calls += own;
    });
  }
  std::vector<std::string> ids;
  for (int i = 0; i < kSessions; ++i) {
    const Session session({.service = "moving", .ring_bytes = 4 << 20});
    for (int k = 0; k < 20; ++k) LMLOG_INFO("main {}", k);
    ids.push_back(session.id());
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  std::uint64_t stored = 0;
  std::uint64_t main_stored = 0;
  for (const auto& name : folder.files(".session")) {
    const RecordedSession recorded = read_session(folder, name.substr(name.size() - 40, 32));
    if (name.starts_with("moving.")) {
      EXPECT_EQ(recorded.state, static_cast<std::uint32_t>(formats::SessionState::closed)) << name;
    }
    EXPECT_EQ(recorded.losses, formats::LossCounts{});
    stored += recorded.records("moving {}").size();
    main_stored += recorded.records("main {}").size();
    for (const auto& ring : recorded.rings) EXPECT_EQ(ring.losses, formats::LossCounts{});
  }
  EXPECT_EQ(stored, calls.load());
  EXPECT_EQ(main_stored, 20u * kSessions);
}

/// Sessions that all threads have left: each record must be of a statement. They are removed, to keep the tmpfs empty.
void check_and_remove_closed(const RingsFolder& folder) {
  for (const auto& name : folder.files(".session")) {
    const std::string path = folder.path() + '/' + name;
    if (static_cast<std::uint32_t>(read_u64(path, formats::kSessionStateOffset)) !=
        static_cast<std::uint32_t>(formats::SessionState::closed))
      continue;
    const RecordedSession recorded = read_session(folder, name.substr(name.size() - 40, 32));
    for (const auto& ring : recorded.rings) {
      for (const auto& record : ring.ordinary()) EXPECT_TRUE(recorded.statements.contains(record.id)) << ring.path;
      std::filesystem::remove(ring.path);
    }
    std::filesystem::remove(path);
  }
}

/// Every call passes the slow path (user_ns, without a time) and finds room (overwrite), so that many a session ends
/// between that and the record.
TEST(Threads, WriteNoBrokenRecordWhenTheirSessionEndsInTheMiddleOfACall) {
  constexpr int kThreads = 3;
  constexpr int kSessions = 250;
  constexpr int kCalls = 500;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(4);  // sanitizers and emulators are slow
  const RingsFolder folder;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&stop, t] {
      while (!stop.load(std::memory_order_relaxed)) {
        LMLOG_INFO("fixed {}", t);
        LMLOG_INFO("text {}", "abc");
      }
    });
  }
  for (int i = 0; i < kSessions && std::chrono::steady_clock::now() < end; ++i) {
    {
      const Session session(
          {.service = "broken-off", .ring_bytes = 64 << 10, .clock = Clock::user_ns, .policy = Policy::overwrite});
      for (int k = 0; k < kCalls; ++k) LMLOG_INFO("main {}", k);
    }
    check_and_remove_closed(folder);
  }
  stop = true;
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace lmlog::testing
