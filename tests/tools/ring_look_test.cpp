// SPDX-License-Identifier: Apache-2.0
// What lmlog-rings counts in one ring, whole, wrapped, drained, damaged, or moving while it is read.
#include "tools/rings/ring_look.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/tools/rings_folder.hpp"

namespace lmlog::tools {
namespace {

using formats::kFirstStatementId;
using formats::LossReason;
using testing::RingBytes;
using testing::RingsFolder;

const formats::Id128 kSession = RingsFolder::session_id(1);

class RingLookTest : public ::testing::Test {
 protected:
  [[nodiscard]] formats::Result<RingLook> look(const RingBytes& ring) const {
    return look_at(folder_.write("r", ring.bytes()));
  }

  [[nodiscard]] static formats::Result<RingLook> look_at(const std::string& path) {
    auto file = SharedFile::open(path);
    if (!file) return file.error();
    return look_at_ring(*file, kSession, 0);
  }

  RingsFolder folder_;
};

TEST_F(RingLookTest, CountsStatementsAndNotStateRecords) {
  RingBytes ring(kSession, 0);
  ring.append(static_cast<std::uint32_t>(formats::RecordKind::thread), 16);
  for (int i = 0; i < 10; ++i) ring.append(kFirstStatementId);
  const auto seen = look(ring);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->ring.calls.stored, 10u);
  EXPECT_EQ(seen->ring.head, ring.head());
  EXPECT_EQ(seen->complaint, "");
}

TEST_F(RingLookTest, AddsWhatIsDrainedAndWhatIsLost) {
  RingBytes ring(kSession, 0);
  for (int i = 0; i < 5; ++i) ring.append(kFirstStatementId);
  ring.drain_to(ring.head(), 5);
  for (int i = 0; i < 7; ++i) ring.append(kFirstStatementId);
  ring.lose(LossReason::ring_full, 3);
  ring.lose(LossReason::block_timeout, 4);
  ring.lose(LossReason::sampled_out, 2);
  ring.lose(LossReason::suppressed, 99);  // no attempt: it is counted nowhere
  const auto seen = look(ring);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->ring.calls.stored, 12u);
  EXPECT_EQ(seen->ring.calls.dropped, 7u);
  EXPECT_EQ(seen->ring.calls.sampled_out, 2u);
  EXPECT_EQ(seen->ring.calls.attempted(), 21u);
}

TEST_F(RingLookTest, WalksAcrossTheWrapAndThePad) {
  RingBytes ring(kSession, 0);
  std::uint64_t stored = 0;
  while (ring.head() < formats::kMinRingBytes * 2) {
    if (ring.head() > formats::kMinRingBytes / 2) ring.drain_to(ring.head(), stored);
    for (int i = 0; i < 7; ++i, ++stored) ring.append(kFirstStatementId, 40);
  }
  const auto seen = look(ring);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->complaint, "");
  EXPECT_EQ(seen->ring.calls.stored, stored);
}

TEST_F(RingLookTest, WalksRecordsThatAreLongerThanOnePieceOfTheCopy) {
  RingBytes ring(kSession, 0, std::uint64_t{16} << 20);
  for (int i = 0; i < 5; ++i) {
    ring.append(kFirstStatementId, 700);
    ring.append(kFirstStatementId, 3 << 20);
  }
  const auto seen = look(ring);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->complaint, "");
  EXPECT_EQ(seen->ring.calls.stored, 10u);
}

TEST_F(RingLookTest, NamesTheThreadOfTheHeaderOrElseOfTheThreadRecord) {
  RingBytes ring(kSession, 0);
  ring.owner(77, "md.rx");
  const auto seen = look(ring);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->ring.tid, 77u);
  EXPECT_EQ(seen->ring.thread, "md.rx");
  EXPECT_TRUE(seen->ring.in_use);
}

TEST_F(RingLookTest, KeepsTheCountUpToADamagedRecordAndSaysWhere) {
  RingBytes ring(kSession, 0);
  for (int i = 0; i < 3; ++i) ring.append(kFirstStatementId);
  const std::uint64_t broken = ring.head();
  ring.append(kFirstStatementId);
  ring.put(formats::kRingDataOffset + broken + 8, std::uint32_t{0xDEAD});
  const auto seen = look(ring);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->ring.calls.stored, 3u);
  EXPECT_NE(seen->complaint.find("position " + std::to_string(broken)), std::string::npos) << seen->complaint;
}

TEST_F(RingLookTest, RefusesHeadsThatNoProducerPublishes) {
  for (const std::uint64_t head : {std::uint64_t{12}, formats::kMinRingBytes + 8, ~std::uint64_t{7}}) {
    RingBytes ring(kSession, 0);
    ring.drain_to(0, 41);
    ring.put(formats::kHeadOffset, head);
    const auto seen = look(ring);
    ASSERT_TRUE(seen.ok());
    EXPECT_EQ(seen->ring.calls.stored, 41u);
    EXPECT_NE(seen->complaint, "") << head;
    EXPECT_LE(seen->ring.tail, seen->ring.head);
  }
}

TEST_F(RingLookTest, RefusesATailLineThatStaysTorn) {
  RingBytes ring(kSession, 0);
  ring.put(formats::kTailOffset, formats::TailLine{8, 8, 0, ~std::uint64_t{0}});
  const auto seen = look(ring);
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().code, formats::ErrorCode::damaged);
}

TEST_F(RingLookTest, RefusesAFileThatIsShorterThanItsRing) {
  const std::string path = folder_.write("r", RingBytes(kSession, 0).bytes());
  std::filesystem::resize_file(path, 8192);
  EXPECT_FALSE(look_at(path).ok());
  std::filesystem::resize_file(path, 50);
  EXPECT_FALSE(look_at(path).ok());
}

TEST_F(RingLookTest, RefusesARingOfANewerFormatWithBothVersions) {
  RingBytes ring(kSession, 0);
  ring.put(8, std::uint16_t{2});
  const auto seen = look(ring);
  ASSERT_FALSE(seen.ok());
  EXPECT_NE(seen.error().text.find("2.0"), std::string::npos);
  EXPECT_NE(seen.error().text.find("1.0"), std::string::npos);
}

TEST_F(RingLookTest, DoesNotFollowLinksOrWaitForPipes) {
  const std::string target = folder_.write("r", RingBytes(kSession, 0).bytes());
  const std::string link = folder_.path() + "/link";
  std::filesystem::create_symlink(target, link);
  EXPECT_FALSE(look_at(link).ok());
  const std::string second_name = folder_.path() + "/second";
  std::filesystem::create_hard_link(target, second_name);
  EXPECT_FALSE(look_at(second_name).ok());
  const std::string fifo = folder_.path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_FALSE(look_at(fifo).ok());
}

TEST_F(RingLookTest, CountsExactlyWhileTheRingIsFilledAndDrained) {
  // One thread plays producer and collector at once, through the file; every look must see a multiple of ten.
  RingBytes ring(kSession, 0);
  const std::string path = folder_.write("r", ring.bytes());
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  std::atomic<bool> stop = false;
  std::atomic<int> passes = 0;
  std::thread writer([&] {
    for (std::uint64_t stored = 10; !stop; stored += 10, ++passes) {
      for (int i = 0; i < 10; ++i) ring.append(kFirstStatementId, 100);
      const auto& bytes = ring.bytes();
      ASSERT_GT(::pwrite(fd, bytes.data() + formats::kRingDataOffset, formats::kMinRingBytes, formats::kRingDataOffset),
                0);
      const std::uint64_t head = ring.head();
      ASSERT_EQ(::pwrite(fd, &head, sizeof(head), formats::kHeadOffset), 8);
      const auto line = formats::TailLine::of(head, stored);
      if (stored % 50 == 0) {
        ASSERT_EQ(::pwrite(fd, &line, sizeof(line), formats::kTailOffset), 32);
      }
    }
  });
  while (passes < 1000) {  // 1.2 MB: the ring wraps 18 times
    const auto seen = look_at(path);
    ASSERT_TRUE(seen.ok()) << seen.error().text;
    EXPECT_EQ(seen->complaint, "");
    EXPECT_EQ(seen->ring.calls.stored % 10, 0u);
  }
  stop = true;
  writer.join();
  ::close(fd);
}

}  // namespace
}  // namespace lmlog::tools
