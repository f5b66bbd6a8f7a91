// SPDX-License-Identifier: Apache-2.0
// A ring goes from a thread that ends to the next one, under the process's lock (Process::leave_ring_locked(),
// ensure_ring_locked()): the second goes on where the first one stopped, its thread record first, and readers cannot
// tell that there were two. The owner's word in the file is a hint for people: no order hangs on it.
#include "tests/model/model_ring.hpp"
#include "tests/model/simulate.hpp"

namespace lmlog::model {

namespace {

constexpr std::uint64_t kThreads = 2;
constexpr std::uint64_t kRecords = 2;  // of each
constexpr std::uint64_t kBytes = 24;
constexpr auto kThreadKind = static_cast<std::uint32_t>(formats::RecordKind::thread);

/// `locked`: as it is. Without, two threads own the ring at once: a mistake that has to be found.
template <bool locked> struct HandOver : rl::test_suite<HandOver<locked>, kThreads + 1> {
  using File = RingFile<PlainWords<256>>;
  File file;
  Word owner;
  rl::mutex lock;
  rl::var<std::uint64_t> position;  // Ring::position_: while no thread owns the ring
  rl::var<bool> is_free;
  Producer<File> producers[kThreads]{Producer<File>{file}, Producer<File>{file}};
  Collector<File> collector{file};
  std::uint64_t thread_now = kThreads;
  std::uint64_t seen[kThreads]{};

  void before() {
    file.make();
    RelacyAtomics::store_relaxed(owner, std::uint64_t{0});
    position(RL_INFO) = 0;
    is_free(RL_INFO) = true;
  }

  bool take(Producer<File>& producer) {
    if (locked) lock.lock(RL_INFO);
    const bool taken = is_free(RL_INFO);
    if (taken) {
      is_free(RL_INFO) = false;
      producer.go_on_at(position(RL_INFO));
      RelacyAtomics::store_relaxed(owner, std::uint64_t{1});
    }
    if (locked) lock.unlock(RL_INFO);
    return taken;
  }

  void give(const Producer<File>& producer) {
    if (locked) lock.lock(RL_INFO);
    position(RL_INFO) = producer.position();
    is_free(RL_INFO) = true;
    RelacyAtomics::store_relaxed(owner, std::uint64_t{0});
    if (locked) lock.unlock(RL_INFO);
  }

  void drain() {
    (void)collector.drain([this](const formats::RecordView& record) {
      if (record.id == kThreadKind) {
        RL_ASSERT(thread_now == kThreads || seen[thread_now] == kRecords);
        thread_now = record.time;
        RL_ASSERT(thread_now < kThreads && seen[thread_now] == 0);
      } else {
        RL_ASSERT(thread_now < kThreads && record.time == 10 * thread_now + seen[thread_now]);
        ++seen[thread_now];
      }
    });
  }

  void thread(unsigned index) {
    if (index == kThreads) {
      for (int look = 0; look < 3; ++look) drain();
      return;
    }
    auto& producer = producers[index];
    while (!take(producer)) rl::yield(1, RL_INFO);
    RL_ASSERT(producer.log_behind(formats::RecordKind::thread, index, std::uint64_t{10} * index, kBytes));
    RL_ASSERT(producer.log(std::uint64_t{10} * index + 1, kBytes));
    give(producer);
  }

  void after() {
    drain();
    for (const std::uint64_t count : seen) RL_ASSERT(count == kRecords);
  }
};

constexpr Step kSteps[] = {Step::publish_head, Step::head_read};

}  // namespace

const Scenario kHandOver{"hand-over", "a ring goes from thread to thread", &simulate<HandOver<true>>, 100'000, 2,
                         kSteps};
const Scenario kHandOverUnlocked{
    "hand-over-unlocked", "… without the process's lock", &simulate<HandOver<false>>, 100'000, 2, {}, true};

}  // namespace lmlog::model
