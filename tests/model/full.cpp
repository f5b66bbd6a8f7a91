// SPDX-License-Identifier: Apache-2.0
// A ring that is full. Policy drop: every record is there, or counted; a loss record comes before the next one, and
// carries the cumulative count, as Ring::make_room() does it. Policy block: the producer waits, and nothing is lost.
#include "tests/model/model_ring.hpp"
#include "tests/model/simulate.hpp"

namespace lmlog::model {

namespace {

using File = RingFile<PlainWords<64>>;
constexpr std::uint64_t kBytes = 16;

struct Full : rl::test_suite<Full, 2> {
  static constexpr std::uint64_t kAttempts = 9;

  File file;
  Producer<File> producer{file};
  Collector<File> collector{file};
  Word losses;  // in the ring's header
  std::uint64_t counted = 0;
  bool losses_pending = false;
  std::uint64_t stored = 0;
  std::uint64_t seen = 0;
  std::uint64_t reported = 0;

  void before() {
    file.make();
    RelacyAtomics::store_relaxed(losses, std::uint64_t{0});
  }

  void attempt(std::uint64_t n) {
    const bool done =
        losses_pending ? producer.log_behind(formats::RecordKind::loss, counted, n, kBytes) : producer.log(n, kBytes);
    if (done) {
      losses_pending = false;
      ++stored;
      return;
    }
    losses_pending = true;
    RelacyAtomics::store_relaxed(losses, ++counted);
  }

  void drain() {
    (void)collector.drain([this](const formats::RecordView& record) {
      if (record.id == static_cast<std::uint32_t>(formats::RecordKind::loss)) {
        RL_ASSERT(record.time > reported);
        reported = record.time;
      } else {
        RL_ASSERT(record.time == seen + reported);  // what is missing before it was reported before it
        ++seen;
      }
    });
  }

  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint64_t n = 0; n < kAttempts; ++n) attempt(n);
    } else {
      for (int look = 0; look < 3; ++look) drain();
    }
  }

  void after() {
    drain();
    RL_ASSERT(seen == stored);
    RL_ASSERT(stored + RelacyAtomics::load_relaxed(losses) == kAttempts);
    RL_ASSERT(reported == counted || losses_pending);
  }
};

struct Block : rl::test_suite<Block, 2> {
  static constexpr std::uint64_t kRecords = 8;

  File file;
  Producer<File> producer{file};
  Collector<File> collector{file};
  std::uint64_t seen = 0;

  void before() { file.make(); }

  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint64_t n = 0; n < kRecords; ++n)
        while (!producer.log(n, kBytes)) rl::yield(1, RL_INFO);
    } else {
      while (seen < kRecords)
        if (!collector.drain([this](const formats::RecordView& record) { RL_ASSERT(record.time == seen++); }))
          rl::yield(1, RL_INFO);
    }
  }
};

constexpr Step kSteps[] = {Step::publish_head, Step::head_read, Step::release_tail};

}  // namespace

const Scenario kFull{"full", "what is dropped is counted, and told before the next record", &simulate<Full>, 150'000, 3,
                     kSteps};
const Scenario kBlock{"block", "a producer that waits loses nothing", &simulate<Block>, 100'000, 2, kSteps};

}  // namespace lmlog::model
