// SPDX-License-Identifier: Apache-2.0
// A reader that moves no tail, as the decoder's: while it copies, the collector answers, and the producer writes over
// what was answered for. The tail read again says what was whole; it must be as new as the newest byte in the copy.
#include "tests/model/model_ring.hpp"
#include "tests/model/simulate.hpp"

namespace lmlog::model {

namespace {

constexpr std::uint64_t kBytes = 16;

struct Snapshot : rl::test_suite<Snapshot, 3> {
  using File = RingFile<SharedWords<64>>;
  File file;
  Producer<File> producer{file};
  std::uint64_t answered = 0;

  void before() {
    file.make();
    for (std::uint64_t n = 0; n < 3; ++n) RL_ASSERT(producer.log(n, kBytes));
  }

  void answer() {
    // What it reads besides is in the other scenarios.
    const std::uint64_t head =
        formats::read_head<RelacyAtomics>([this] { return RelacyAtomics::load_relaxed(file.head); });
    RL_ASSERT(head >= answered);
    answered = head;
    formats::release_tail<RelacyAtomics>([this] {
      RelacyAtomics::store_relaxed(file.tail, answered);
      RelacyAtomics::store_relaxed(file.not_tail, ~answered);
    });
  }

  std::optional<std::uint64_t> whole_tail() const {
    const std::uint64_t tail = RelacyAtomics::load_relaxed(file.tail);
    const std::uint64_t not_tail = RelacyAtomics::load_relaxed(file.not_tail);
    return tail == ~not_tail ? std::optional(tail) : std::nullopt;
  }

  void look() const {
    const auto tail = formats::read_tail<RelacyAtomics>([this] { return whole_tail(); });
    const std::uint64_t head =
        formats::read_head<RelacyAtomics>([this] { return RelacyAtomics::load_relaxed(file.head); });
    if (!tail) return;  // torn: the decoder reads it again
    RL_ASSERT(head >= *tail);
    if (head - *tail > File::kBytes) return;  // the tail has moved since
    const auto copy = file.copy(*tail, head);
    const auto again = formats::read_tail_again<RelacyAtomics>([this] { return whole_tail(); });
    if (!again) return;
    RL_ASSERT(*again >= *tail);
    const std::uint64_t from = formats::whole_from(*tail, *again, head);
    std::uint64_t next = from / kBytes;
    walk(file, copy.from(from - *tail), from,
         [&next](const formats::RecordView& record) { RL_ASSERT(record.time == next++); });
    RL_ASSERT(next == head / kBytes);
  }

  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint64_t n = 3, tries = 0; tries < 4; ++tries) n += producer.log(n, kBytes) ? 1 : 0;
    } else if (index == 1) {
      answer();
      answer();
    } else {
      look();
    }
  }
};

constexpr Step kSteps[] = {Step::publish_head, Step::head_read,       Step::tail_before_data,
                           Step::tail_read,    Step::tail_read_again, Step::release_tail};

}  // namespace

const Scenario kSnapshot{"snapshot", "a copy is whole from the tail of afterwards on", &simulate<Snapshot>, 100'000, 2,
                         kSteps};

}  // namespace lmlog::model
