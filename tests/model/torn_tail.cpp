// SPDX-License-Identifier: Apache-2.0
// The tail line is written by another process, by a copy of 32 bytes. Where that copy writes a word in two halves (it
// does not on any machine we know), a producer finds a tail that nobody has answered. The words behind each other are
// written in that order (x86-64), the halves of each in the worst one. By ~tail, read first, no such tail is believed.
#include "tests/model/model_ring.hpp"
#include "tests/model/simulate.hpp"

namespace lmlog::model {

namespace {

class HalvedWord {
 public:
  void store(std::uint64_t value, rl::memory_order /*order*/, const rl::debug_info& info) {
    high_.store(value >> kLowBits, rl::mo_release, info);
    low_.store(value & kLowMask, rl::mo_release, info);
  }
  [[nodiscard]] std::uint64_t load(rl::memory_order order, const rl::debug_info& info) const {
    const std::uint64_t low = low_.load(order, info);
    return high_.load(order, info) << kLowBits | low;
  }

 private:
  static constexpr unsigned kLowBits = 5;  // so that positions of a small ring need both halves
  static constexpr std::uint64_t kLowMask = (1u << kLowBits) - 1;
  Word low_;
  Word high_;
};

/// What a word would have to be for the pair to agree.
template <class Of> struct Complement {
  const Of& of;
  [[nodiscard]] std::uint64_t load(rl::memory_order order, const rl::debug_info& info) const {
    return ~of.load(order, info);
  }
};

enum class Reading : std::uint8_t {
  shipped,
  unchecked,        // the tail alone
  in_writing_order  // first the tail, then ~tail
};

template <Reading reading> struct TornTail : rl::test_suite<TornTail<reading>, 2> {
  using File = RingFile<PlainWords<128>, HalvedWord>;
  static constexpr std::uint64_t kAnswers[] = {24, 40, 88};  // torn: 56, 8, 72
  File file;
  detail::RingRoom room{File::kBytes};

  void before() {
    file.make();
    RelacyAtomics::store_relaxed(file.head, File::kBytes);
  }

  bool accept() {
    if constexpr (reading == Reading::shipped) {
      return room.accept_tail<RelacyAtomics>(file.tail, file.not_tail, file.head);
    } else if constexpr (reading == Reading::unchecked) {
      return room.accept_tail<RelacyAtomics>(file.tail, Complement<HalvedWord>{file.tail}, file.head);
    } else {
      return room.accept_tail<RelacyAtomics>(Complement<HalvedWord>{file.not_tail}, Complement<HalvedWord>{file.tail},
                                             file.head);
    }
  }

  void thread(unsigned index) {
    if (index == 0) {
      std::uint64_t position = 0;
      for (const std::uint64_t answer : kAnswers) {
        (void)file.copy(position, answer);
        position = answer;
        formats::release_tail<RelacyAtomics>([this, answer] {
          RelacyAtomics::store_relaxed(file.tail, answer);
          RelacyAtomics::store_relaxed(file.not_tail, ~answer);
        });
      }
    } else {
      std::uint64_t written = 0;
      for (int look = 0; look < 4; ++look) {
        if (!accept()) continue;
        // All the room that there is now: a byte that was not answered for is a race with the copy of it.
        for (; room.holds(File::kBytes + written + 8); written += 8) file.words.store(written / 8, 1);
      }
    }
  }
};

constexpr Step kSteps[] = {Step::load_not_tail, Step::load_tail};

}  // namespace

const Scenario kTornTail{
    "torn-tail", "no tail is believed that nobody answered", &simulate<TornTail<Reading::shipped>>, 100'000, 3, kSteps};
const Scenario kTornTailUnchecked{
    "torn-tail-unchecked", "… by the tail alone", &simulate<TornTail<Reading::unchecked>>, 100'000, 3, {}, true};
const Scenario kTornTailInWritingOrder{"torn-tail-in-writing-order",
                                       "… with the tail read before ~tail",
                                       &simulate<TornTail<Reading::in_writing_order>>,
                                       100'000,
                                       3,
                                       {},
                                       true};

}  // namespace lmlog::model
