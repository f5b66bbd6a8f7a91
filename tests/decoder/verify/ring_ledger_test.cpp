// SPDX-License-Identifier: Apache-2.0
// What the ledger says of stretches that do not follow one another, and what it keeps to itself.
#include "decoder/verify/ring_ledger.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "tests/formats/ring_script.hpp"

namespace lmlog::decoder {
namespace {

/// A ledger for one ring; `check` gives what it said.
class RingLedgerTest : public testing::Test {
 protected:
  RingLedgerTest() {
    if (::pipe(pipe_.data()) != 0) ADD_FAILURE() << "no pipe";
    a_ = ledger_.file("a.lms");
    b_ = ledger_.file("b.lms");
  }
  ~RingLedgerTest() override {
    for (const int descriptor : pipe_) ::close(descriptor);
  }

  /// Positions [from, to) with the calls [first, end) at `offset` of the file.
  void add(std::uint32_t file, std::uint64_t offset, std::uint64_t from, std::uint64_t to, std::uint64_t first,
           std::uint64_t end) {
    ledger_.add({1000, formats::script::id_of(1)}, "orders", {from, to, first, end, file, offset});
  }

  std::string check() {
    Report report(false, pipe_[1]);
    ledger_.check(report);
    damages_ = report.damages();
    if (damages_ == 0) return {};
    std::string said(4096, '\0');
    said.resize(static_cast<std::size_t>(::read(pipe_[0], said.data(), said.size())));
    return said;
  }

  RingLedger ledger_;
  std::uint32_t a_ = 0;
  std::uint32_t b_ = 0;
  std::uint64_t damages_ = 0;
  std::array<int, 2> pipe_{};
};

TEST_F(RingLedgerTest, IsContentWithStretchesThatFollowOneAnotherInAnyOrderOfFiles) {
  add(b_, 500, 240, 480, 10, 20);
  add(a_, 500, 0, 240, 0, 10);
  EXPECT_EQ(check(), "");
  EXPECT_EQ(ledger_.totals().at("orders").stored, 20u);
}

TEST_F(RingLedgerTest, MayBeginLateBecauseTheOldestIsDeletedFirst) {
  add(a_, 500, 240, 480, 10, 20);
  EXPECT_EQ(check(), "");
}

TEST_F(RingLedgerTest, SaysWhichPositionsAreMissing) {
  add(a_, 500, 0, 240, 0, 10);
  add(b_, 700, 320, 480, 13, 20);
  EXPECT_NE(check().find("b.lms: before the block or entry at byte 700 the positions 240 to 320 of ring "),
            std::string::npos);
  EXPECT_EQ(damages_, 1u);
}

TEST_F(RingLedgerTest, SaysNothingOfPositionsWithoutACall) {
  add(a_, 500, 0, 240, 0, 10);
  add(b_, 700, 320, 480, 10, 20);
  EXPECT_EQ(check(), "") << "pads of an overwrite ring";
}

TEST_F(RingLedgerTest, AddsUpTheJumpsBetweenTwoStretches) {
  // A collector died behind the first: the next one found the ring overwritten once more.
  const RingKey ring{1000, formats::script::id_of(1)};
  add(a_, 500, 0, 240, 0, 10);
  ledger_.add_jump(ring, 4096, 70);
  ledger_.add_jump(ring, 8192, 30);
  ledger_.add_jump(ring, 8192, 30);  // also in the journal
  add(b_, 500, 8192, 8400, 110, 115);
  EXPECT_EQ(check(), "");
}

TEST_F(RingLedgerTest, SaysThatJumpsDoNotCountWhatIsMissing) {
  add(a_, 500, 0, 240, 0, 10);
  ledger_.add_jump({1000, formats::script::id_of(1)}, 4096, 70);
  add(b_, 500, 4096, 4200, 81, 90);
  EXPECT_NE(check().find("but 70 calls are said to be overwritten in between"), std::string::npos);
}

TEST_F(RingLedgerTest, SaysNothingOfPositionsThatDamageBetweenThemHeld) {
  add(a_, 500, 0, 240, 0, 10);
  add(a_, 900, 320, 480, 13, 20);
  ledger_.add_damage(a_, 700);
  EXPECT_EQ(check(), "");
}

TEST_F(RingLedgerTest, DoesNotTakeDamageElsewhereForAnExplanation) {
  add(a_, 500, 0, 240, 0, 10);
  add(a_, 900, 320, 480, 13, 20);
  ledger_.add_damage(a_, 200);
  ledger_.add_damage(b_, 700);
  (void)check();
  EXPECT_EQ(damages_, 1u);
}

TEST_F(RingLedgerTest, ExplainsAcrossFilesByDamageAtTheEndOfOneOrTheBeginningOfTheOther) {
  add(a_, 500, 0, 240, 0, 10);
  add(b_, 900, 320, 480, 13, 20);
  ledger_.add_damage(b_, 700);
  EXPECT_EQ(check(), "");
}

TEST_F(RingLedgerTest, SaysWhatIsThereTwice) {
  add(a_, 500, 0, 240, 0, 10);
  add(b_, 700, 160, 480, 7, 20);
  EXPECT_NE(check().find("b.lms: the block or entry at byte 700 holds the positions 160 to 240 of ring "),
            std::string::npos);
}

TEST_F(RingLedgerTest, SaysWhereCallsDoNotAddUp) {
  add(a_, 500, 0, 240, 0, 10);
  add(b_, 700, 240, 480, 11, 20);
  EXPECT_NE(check().find("begins with call 11 of ring "), std::string::npos);
}

}  // namespace
}  // namespace lmlog::decoder
