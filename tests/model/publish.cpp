// SPDX-License-Identifier: Apache-2.0
// A producer publishes, a reader looks: it finds a record whole or not at all. A producer that is killed between two of
// its stores is one that is not scheduled again, and so among the schedules.
#include "tests/model/model_ring.hpp"
#include "tests/model/simulate.hpp"

namespace lmlog::model {

namespace {

constexpr std::uint64_t kRecords = 3;

struct Publish : rl::test_suite<Publish, 2> {
  using File = RingFile<PlainWords<128>>;
  File file;
  Producer<File> producer{file};
  Collector<File> collector{file};
  std::uint64_t seen = 0;

  void before() { file.make(); }

  void drain() {
    (void)collector.drain([this](const formats::RecordView& record) { RL_ASSERT(record.time == seen++); });
  }

  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint64_t n = 0; n < kRecords; ++n) RL_ASSERT(producer.log(n, 24));
    } else {
      for (int look = 0; look < 3; ++look) drain();
    }
  }

  void after() {
    drain();
    RL_ASSERT(seen == kRecords);
  }
};

constexpr Step kSteps[] = {Step::publish_head, Step::head_read};

}  // namespace

const Scenario kPublish{"publish", "a record is found whole or not at all", &simulate<Publish>, 100'000, kEverywhere,
                        kSteps};

}  // namespace lmlog::model
