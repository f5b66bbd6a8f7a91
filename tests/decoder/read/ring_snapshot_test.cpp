// SPDX-License-Identifier: Apache-2.0
// Copies of rings that move, or cannot be read, while they are copied: what is given is whole, and what is missing is
// said. The system's pread is replaced here by one that fails, or lets somebody write first, where the test says so.
#include "decoder/read/ring_snapshot.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/collector/support/hand_made_session.hpp"
#include "tests/decoder/read/archive_script.hpp"

namespace {

enum class Failure : unsigned char { none, error, end_of_file };

struct Reads {
  std::uint64_t calls = 0;
  std::uint64_t fail_at = 0;  // the first is 1
  Failure how = Failure::none;
  std::function<void(off_t)> before{};
};
Reads reads;

}  // namespace

ssize_t pread(int descriptor, void* out, std::size_t bytes, off_t offset) {
  if (reads.before) reads.before(offset);
  if (++reads.calls == reads.fail_at && reads.how == Failure::end_of_file) return 0;
  if (reads.calls == reads.fail_at && reads.how == Failure::error) {
    errno = EIO;
    return -1;
  }
  return ::syscall(SYS_pread64, descriptor, out, bytes, offset);
}

namespace lmlog::decoder {
namespace {

using namespace collector::testing;
using formats::ArgType;
using formats::RingPolicy;

constexpr std::uint64_t kSubBytes = formats::kMinRingBytes / formats::kSubBuffers;

class RingSnapshots : public ::testing::Test {
 protected:
  ~RingSnapshots() override { reads = {}; }

  static void fill(HandMadeSession& session, HandMadeRing& ring, int count) {
    const auto id = session.statement("n {a}", {ArgType::i64});
    for (std::int64_t i = 0; i < count; ++i) ring.write(id, 10, Body().fixed(i).bytes());
  }
  SessionSnapshot take(const HandMadeSession& session, std::size_t memory = 1 << 20) {
    SessionRequest request{session.file.path(), {}};
    for (const auto& ring : session.rings) request.ring_paths.push_back(ring->file.path());
    return take(request, memory);
  }
  SessionSnapshot take(const SessionRequest& request, std::size_t memory = 1 << 20) {
    report = Report(true, -1);
    store = std::make_shared<SnapshotStore>(memory);
    return take_snapshot(request, store, report);
  }
  void expect_no_ring(const HandMadeSession& session) {
    EXPECT_TRUE(take(session).rings.empty());
    EXPECT_TRUE(report.damaged());
  }

  ScratchFolder folder;
  Report report{true, -1};
  std::shared_ptr<SnapshotStore> store;
};

TEST_F(RingSnapshots, AreWholeOrSayThatTheDiskFailedWhicheverReadFails) {
  for (const auto policy : {RingPolicy::drop, RingPolicy::overwrite}) {
    HandMadeSession session(folder.path(), {.policy = policy});
    fill(session, session.ring(), 20);
    if (policy == RingPolicy::overwrite) session.rings[0]->enter_sub_buffer(11, 0);
    for (const std::size_t memory : {std::size_t{1} << 20, std::size_t{64}}) {  // in memory, and in a file
      for (const auto how : {Failure::error, Failure::end_of_file}) {
        for (std::uint64_t call = 1;; ++call) {
          SCOPED_TRACE(call);
          reads = {.fail_at = call, .how = how};
          const auto snapshot = take(session, memory);
          const bool has_failed = reads.calls >= call;
          reads = {};
          const bool is_whole = snapshot.session != nullptr && snapshot.rings.size() == 1 &&
                                snapshot.rings[0].to == session.rings[0]->head && snapshot.rings[0].from == 0 &&
                                snapshot.session->catalog().find(formats::kFirstStatementId) != nullptr;
          EXPECT_TRUE(is_whole || report.damaged() || report.io_failed());
          if (!has_failed) break;
        }
      }
    }
  }
}

TEST_F(RingSnapshots, AreTakenAgainWhenTheRingWasOverwrittenMeanwhile) {
  HandMadeSession session(folder.path(), {.policy = RingPolicy::overwrite});
  auto& ring = session.ring();
  fill(session, ring, 20);
  int floors = 0;
  reads.before = [&](off_t offset) {
    if (offset != static_cast<off_t>(formats::kFloorOffset) || ++floors != 2) return;
    ring.enter_sub_buffer(11, kSubBytes);  // between the two looks at the floor
    ring.write(formats::kFirstStatementId, 12, Body().fixed(std::int64_t{20}).bytes());
  };
  const auto snapshot = take(session);
  EXPECT_GT(floors, 2);
  ASSERT_EQ(snapshot.rings.size(), 1u);
  EXPECT_EQ(snapshot.rings[0].from, kSubBytes);
  EXPECT_EQ(snapshot.rings[0].to, ring.head);
  ASSERT_TRUE(snapshot.rings[0].begin.has_value());
  EXPECT_EQ(snapshot.rings[0].begin->state.index, 20u);
  EXPECT_FALSE(report.damaged());
}

TEST_F(RingSnapshots, AreEmptyWhenTheRingIsOverwrittenFasterThanItIsCopied) {
  HandMadeSession session(folder.path(), {.policy = RingPolicy::overwrite});
  auto& ring = session.ring();
  fill(session, ring, 20);
  ring.count_loss(formats::LossReason::overwritten, 3);
  int floors = 0;
  reads.before = [&](off_t offset) {
    if (offset == static_cast<off_t>(formats::kFloorOffset))
      ring.file.put(formats::kFloorOffset, ++floors % 2 == 0 ? kSubBytes : std::uint64_t{0});
  };
  const auto snapshot = take(session);
  ASSERT_EQ(snapshot.rings.size(), 1u);
  EXPECT_EQ(snapshot.rings[0].from, snapshot.rings[0].to);
  EXPECT_EQ(snapshot.rings[0].losses[static_cast<std::size_t>(formats::LossReason::overwritten)], 3u);
  EXPECT_FALSE(report.damaged());
}

TEST_F(RingSnapshots, OfARingWithoutARecordAreEmpty) {
  HandMadeSession session(folder.path(), {.policy = RingPolicy::overwrite});
  session.ring().file.put(formats::kHeadOffset, std::uint64_t{0});
  const auto snapshot = take(session);
  ASSERT_EQ(snapshot.rings.size(), 1u);
  EXPECT_EQ(snapshot.rings[0].to, 0u);
  EXPECT_FALSE(report.damaged());
}

TEST_F(RingSnapshots, OfASessionThatIsGoneSayNothing) {
  EXPECT_EQ(take(SessionRequest{folder.path() + "/gone.session", {}}).session, nullptr);
  EXPECT_FALSE(report.damaged() || report.io_failed());
}

TEST_F(RingSnapshots, LeaveOutARingThatIsNotTheSessions) {
  HandMadeSession session(folder.path());
  HandMadeSession other(folder.path());
  const auto snapshot = take(SessionRequest{session.file.path(), {other.ring().file.path()}});
  EXPECT_TRUE(snapshot.rings.empty());
  EXPECT_TRUE(report.damaged());
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to somebody else";
  ASSERT_EQ(::chown(session.ring().file.path().c_str(), 12'345, 12'345), 0);
  expect_no_ring(session);
}

TEST_F(RingSnapshots, LeaveOutARingWhosePositionsCannotBe) {
  struct Case {
    RingPolicy policy;
    std::function<void(HandMadeRing&)> make;
  };
  const Case cases[] = {
      {RingPolicy::drop, [](auto& ring) { ring.file.put(formats::kTailOffset, formats::TailLine::of(4, 0)); }},
      {RingPolicy::drop, [](auto& ring) { ring.file.put(formats::kTailOffset, std::uint64_t{8}); }},
      {RingPolicy::drop, [](auto& ring) { ring.file.put(formats::kHeadOffset, ring.head + 4); }},
      {RingPolicy::overwrite, [](auto& ring) { ring.file.put(formats::kFloorOffset, std::uint64_t{8}); }},
      {RingPolicy::overwrite, [](auto& ring) { ring.file.put(formats::kHeadOffset, ring.head + 4); }},
      {RingPolicy::overwrite, [](auto& ring) { ring.file.put(formats::kFloorOffset, 2 * kSubBytes); }},
      {RingPolicy::overwrite,
       [](auto& ring) { ring.file.put(formats::kHeadOffset, ring.head + 2 * formats::kMinRingBytes); }},
  };
  for (const Case& one : cases) {
    HandMadeSession session(folder.path(), {.policy = one.policy});
    auto& ring = session.ring();
    fill(session, ring, 20);
    one.make(ring);
    expect_no_ring(session);
  }
}

/// The journal of a flight recorder, of which 20 records were drained before it was overwritten, whose collector died,
/// or met a full disk, between a jump and what is behind it.
class JournalOfAJump {
 public:
  explicit JournalOfAJump(HandMadeSession& session) : session_(session), ring_(*session.rings[0]) {
    const std::string catalog = bytes_of(session.file, session.descriptor.catalog_offset,
                                         session.file.get<std::uint64_t>(formats::kCatalogHeadOffset));
    const std::string drained = bytes_of(ring_.file, ring_.descriptor.data_offset, ring_.head);
    index_ = ring_.state.index;
    writer_.header(1, 1);
    writer_.session(0, static_cast<std::uint32_t>(::geteuid()), session.descriptor);
    writer_.catalog(0, 0, std::as_bytes(std::span(catalog)));
    writer_.range(0, ring_.descriptor.ring_id, ring_.descriptor.data_bytes, 0, drained.size(), {},
                  std::as_bytes(std::span(drained)));
  }
  /// To the sub-buffer that the ring enters next.
  void jump(std::uint64_t position) {
    formats::LossCounts counts{};
    counts[static_cast<std::size_t>(formats::LossReason::overwritten)] = ring_.state.index - index_;
    writer_.losses(0, ring_.descriptor.ring_id, position + formats::kJumpCursor, 11, ring_.state, counts);
  }
  [[nodiscard]] script::Reading read_with_ring() {
    const auto journal = writer_.bytes();
    archive_.write("journal/1.lmj", std::string(reinterpret_cast<const char*>(journal.data()), journal.size()));
    return script::read({archive_.path(), session_.folder});
  }

 private:
  static std::string bytes_of(const Poked& file, std::uint64_t offset, std::uint64_t count) {
    std::string out(static_cast<std::size_t>(count), '\0');
    std::ifstream in(file.path(), std::ios::binary);
    in.seekg(static_cast<std::streamoff>(offset)).read(out.data(), static_cast<std::streamsize>(count));
    return out;
  }

  HandMadeSession& session_;
  HandMadeRing& ring_;
  std::uint64_t index_ = 0;
  formats::JournalWriter writer_;
  script::Folder archive_;
};

void write_numbers(HandMadeRing& ring, std::int64_t from, std::int64_t to) {
  for (std::int64_t i = from; i < to; ++i) ring.write(formats::kFirstStatementId, 10, Body().fixed(i).bytes());
}

TEST_F(RingSnapshots, TellOfNoJumpThatTheJournalHasToldOfAlready) {
  HandMadeSession session(folder.path(), {.policy = RingPolicy::overwrite});
  auto& ring = session.ring();
  fill(session, ring, 20);
  JournalOfAJump journal(session);
  write_numbers(ring, 20, 30);
  journal.jump(kSubBytes);
  ring.enter_sub_buffer(11, kSubBytes);
  write_numbers(ring, 30, 31);
  const auto all = journal.read_with_ring();
  ASSERT_EQ(all.messages.size(), 20u + 1u + 1u);
  EXPECT_EQ(all.messages[20], "10 records lost");
  EXPECT_EQ(all.messages[21], "n 30");
  EXPECT_EQ(all.damages, 0u);
}

TEST_F(RingSnapshots, ThatAreOlderThanAJumpOfTheJournalGiveWhatIsBehindIt) {
  HandMadeSession session(folder.path(), {.policy = RingPolicy::overwrite});
  auto& ring = session.ring();
  fill(session, ring, 20);
  JournalOfAJump journal(session);
  write_numbers(ring, 20, 30);
  ring.enter_sub_buffer(11, kSubBytes);
  write_numbers(ring, 30, 35);
  journal.jump(2 * kSubBytes);
  ring.enter_sub_buffer(11, kSubBytes);
  write_numbers(ring, 35, 36);
  const auto all = journal.read_with_ring();
  ASSERT_EQ(all.messages.size(), 20u + 1u + 1u) << "what the journal calls lost is not given";
  EXPECT_EQ(all.messages[20], "15 records lost");
  EXPECT_EQ(all.messages[21], "n 35");
  EXPECT_EQ(all.damages, 0u);
}

TEST_F(RingSnapshots, EndBeforeAStateRecordThatIsMalformed) {
  HandMadeSession session(folder.path());
  auto& ring = session.ring();
  fill(session, ring, 3);
  const auto at = ring.write(static_cast<std::uint32_t>(formats::RecordKind::loss), 11, std::string(8, '\xFF'));
  fill(session, ring, 3);
  const auto snapshot = take(session);
  ASSERT_EQ(snapshot.rings.size(), 1u);
  EXPECT_EQ(snapshot.rings[0].to, at);
  EXPECT_TRUE(report.damaged());
}

}  // namespace
}  // namespace lmlog::decoder
