// SPDX-License-Identifier: Apache-2.0
// More records than the ring holds, of lengths that leave gaps of 8 and 24 bytes at its end: what a collector has
// answered for is written over, and nothing else. What finds no room is dropped.
#include "tests/model/model_ring.hpp"
#include "tests/model/simulate.hpp"

namespace lmlog::model {

namespace {

// The first lap ends with a pad of 24 bytes, the second, if nothing is dropped, with a gap of 8.
constexpr std::uint64_t kLengths[] = {24, 24, 32, 24, 32, 24, 32, 32, 24};

struct Wrap : rl::test_suite<Wrap, 2> {
  using File = RingFile<PlainWords<128>>;
  File file;
  Producer<File> producer{file};
  Collector<File> collector{file};
  std::array<std::uint64_t, std::size(kLengths)> stored{};
  std::size_t stored_count = 0;
  std::size_t seen = 0;

  void before() { file.make(); }

  void drain() {
    (void)collector.drain([this](const formats::RecordView& record) {
      RL_ASSERT(seen < std::size(kLengths) && record.length == kLengths[record.time]);
      // What a reader sees was logged before: the list is this program's own, and says what order is the right one.
      RL_ASSERT(record.time == stored[seen]);
      ++seen;
    });
  }

  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint64_t n = 0; n < std::size(kLengths); ++n) {
        stored[stored_count] = n;
        if (producer.log(n, kLengths[n])) ++stored_count;
      }
    } else {
      for (int look = 0; look < 3; ++look) drain();
    }
  }

  void after() {
    drain();
    RL_ASSERT(seen == stored_count);
  }
};

constexpr Step kSteps[] = {Step::publish_head, Step::head_read, Step::release_tail};

}  // namespace

const Scenario kWrap{"wrap", "bytes are written over when they were answered for", &simulate<Wrap>, 150'000, 4, kSteps};

}  // namespace lmlog::model
