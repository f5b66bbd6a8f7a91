// SPDX-License-Identifier: Apache-2.0
// After a thread's first record a log call allocates nothing and takes no lock: malloc and its like and the pthread
// locks are interposed in this program, and counted on threads that ask for it. (System calls: see process_test.)
#include <dlfcn.h>
#include <pthread.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"
#include "tests/libproducer/sanitized.hpp"

namespace {

thread_local bool counting = false;
thread_local int allocations = 0;
thread_local int locks = 0;
thread_local bool logging_allocations = false;
thread_local int allocations_logged = 0;

}  // namespace

#ifndef LMLOG_TEST_SANITIZED  // sanitizers interpose the same functions
namespace {
[[maybe_unused]] void note(int& counter) {
  if (counting) ++counter;
}
[[maybe_unused]] void log_allocation(std::size_t bytes) {
  if (!logging_allocations) return;
  ++allocations_logged;
  LMLOG_INFO("allocated {}", bytes);
}
}  // namespace

extern "C" {
void* __libc_malloc(std::size_t bytes);
void __libc_free(void* address);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* address, std::size_t bytes);

void* malloc(std::size_t bytes) {
  note(allocations);
  log_allocation(bytes);
  return __libc_malloc(bytes);
}
void free(void* address) {
  note(allocations);
  __libc_free(address);
}
void* calloc(std::size_t count, std::size_t bytes) {
  note(allocations);
  return __libc_calloc(count, bytes);
}
void* realloc(void* address, std::size_t bytes) {
  note(allocations);
  return __libc_realloc(address, bytes);
}
int pthread_mutex_lock(pthread_mutex_t* mutex) {
  note(locks);
  using Lock = int (*)(pthread_mutex_t*);
  static const Lock real = reinterpret_cast<Lock>(::dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  return real(mutex);
}
}
#endif

namespace lmlog::testing {
namespace {

using namespace lmlog::literals;

class QuietCall : public ::testing::Test {
 protected:
  void SetUp() override {
#ifdef LMLOG_TEST_SANITIZED
    GTEST_SKIP() << "sanitizers interpose malloc themselves";
#endif
  }

  template <class Calls> static void ExpectQuiet(Calls calls) {
    calls();  // the thread's first ones
    allocations = locks = 0;
    counting = true;
    for (int i = 0; i < 20'000; ++i) calls();
    counting = false;
    EXPECT_EQ(allocations, 0);
    EXPECT_EQ(locks, 0);
  }

  static void LogAll() {
    static const std::string text(300, 't');
    LMLOG_INFO("plain");
    LMLOG_INFO("numbers {} {} {}", 1, 2.5, 'c');
    LMLOG_WARN("text {} {}", text, "literal");
    LMLOG_ERROR("field", "name"_k = text, "count"_k = 7);
    LMLOG_INFO_AT(ticks(), "at {}", 1);
    LMLOG_TRACE("off {}", std::string(1000, 'o'));
    LMLOG_INFO_EVERY_N(3, "every {}", text);
    LMLOG_INFO_THROTTLE(std::chrono::microseconds(50), "throttled {}", text);
    LMLOG_INFO_PRINTF("printf %d %-10s", 7, text.c_str());
    LMLOG_EVENT(event::state_change{.entity = "order", .id = 4711, .from = "new", .to = text}, "field"_k = 2.5);
  }

  RingsFolder folder_;
};

TEST_F(QuietCall, CountsWhatItIsMeantToCount) {
  counting = true;
  delete new std::string(1000, 'x');
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  ::pthread_mutex_lock(&mutex);
  counting = false;
  ::pthread_mutex_unlock(&mutex);
  EXPECT_GE(allocations, 3);
  EXPECT_EQ(locks, 1);
}

TEST_F(QuietCall, AllocatesAndLocksNothingAlsoWhenTheRingIsFull) {
  const Session session({.service = "quiet", .ring_bytes = 64 << 10});
  ExpectQuiet(&LogAll);
  EXPECT_GT(session.losses()[0], 0u);
}

TEST_F(QuietCall, AllocatesAndLocksNothingOverManyLaps) {
  const Session session({.service = "quiet", .ring_bytes = 64 << 10, .policy = Policy::block});
  LogAll();
  const std::string ring = folder_.path() + '/' + session.id() + ".0.ring";
  std::atomic<bool> stop{false};
  std::thread collector([&] {
    while (!stop) {
      const auto head = read_u64(ring, formats::kHeadOffset);
      write_tail(ring, formats::TailLine::of(head, 0));
    }
  });
  ExpectQuiet(&LogAll);
  stop = true;
  collector.join();
  EXPECT_GT(read_u64(ring, formats::kHeadOffset), 4u * (64 << 10));
}

TEST_F(QuietCall, AllocatesAndLocksNothingOnASecondThread) {
  const Session session({.service = "quiet"});
  std::thread([] { ExpectQuiet(&LogAll); }).join();
}

TEST_F(QuietCall, AllocatesAndLocksNothingWithTheCallersClock) {
  const Session session({.service = "quiet", .clock = Clock::user_ns});
  ExpectQuiet(&LogAll);
}

TEST_F(QuietCall, ComesToAnEndInAnAllocatorThatLogs) {
  std::uint64_t lost = 0;
  std::string first_id;
  logging_allocations = true;  // from here on: sessions, statements and rings allocate, and so log
  {
    const Session session({.service = "logging-allocator"});
    const RuntimeSite late(Level::info, "late, and more than a short string holds");
    LMLOG_INFO("own {}", 1);
    logging_allocations = false;
    first_id = session.id();
    lost = session.losses()[static_cast<std::size_t>(formats::LossReason::no_ring)];
  }
  const RecordedSession recorded = read_session(folder_, first_id);
  EXPECT_EQ(recorded.records("own {}").size(), 1u);
  const std::size_t stored = recorded.records("allocated {}").size();
  EXPECT_GT(allocations_logged, 0);
  EXPECT_GT(lost, 0u) << "what the library asked for itself";
  EXPECT_LE(stored + lost, static_cast<std::size_t>(allocations_logged)) << "before the session nothing is counted";
}

TEST_F(QuietCall, AllocatesAndLocksNothingWithoutRooms) {
  ::setenv("LMLOG_RING_DIR", (folder_.path() + "/missing/below").c_str(), 1);
  ::testing::internal::CaptureStderr();
  const Session session({.service = "quiet"});
  ExpectQuiet(&LogAll);
  EXPECT_NE(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace lmlog::testing
