// SPDX-License-Identifier: Apache-2.0
// What lmlog-rings finds in a folder of whole, broken and foreign files, and how it shows it.
#include "tools/rings/folder_look.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/tools/rings_folder.hpp"
#include "tools/rings/ring_report.hpp"

namespace lmlog::tools {
namespace {

using ::testing::HasSubstr;
using testing::RingBytes;
using testing::RingsFolder;
using testing::SessionBytes;

class FolderLookTest : public ::testing::Test {
 protected:
  static RingBytes ring_of(const formats::Id128& session, std::uint32_t number, int records) {
    RingBytes ring(session, number);
    ring.owner(100 + number, "t" + std::to_string(number));
    for (int i = 0; i < records; ++i) ring.append(formats::kFirstStatementId);
    return ring;
  }

  std::string add_session(std::uint8_t n, std::string_view service = "svc") {
    const auto id = RingsFolder::session_id(n);
    return folder_.write(RingsFolder::session_name(id), SessionBytes(id, service).bytes());
  }
  std::string add_ring(std::uint8_t session, std::uint32_t number, int records) {
    const auto id = RingsFolder::session_id(session);
    return folder_.write(formats::ring_file_name(id, number), ring_of(id, number, records).bytes());
  }

  RingsFolder folder_;
};

TEST_F(FolderLookTest, AddsUpTheRingsOfASessionAndTheCallsThatFoundNone) {
  const auto id = RingsFolder::session_id(1);
  SessionBytes session(id, "svc");
  session.put(formats::kSessionLossesOffset + 8 * static_cast<std::size_t>(formats::LossReason::no_ring),
              std::uint64_t{5});
  folder_.write(RingsFolder::session_name(id), session.bytes());
  add_ring(1, 0, 3);
  add_ring(1, 1, 4);
  const auto look = look_at_folder(folder_.path());
  ASSERT_TRUE(look.ok());
  EXPECT_TRUE(look->problems.empty());
  ASSERT_EQ(look->sessions.size(), 1u);
  EXPECT_EQ(look->sessions[0].calls.stored, 7u);
  EXPECT_EQ(look->sessions[0].calls.dropped, 5u);
  EXPECT_EQ(look->sessions[0].rings.size(), 2u);
  EXPECT_EQ(look->sessions[0].sites, 1u);
  EXPECT_FALSE(look->sessions[0].alive);
}

TEST_F(FolderLookTest, GivesExactlyTheKeysOfTheInterface) {
  add_session(1, "a\"b\x1b[31m\xff");
  add_ring(1, 0, 2);
  auto look = look_at_folder(folder_.path());
  ASSERT_TRUE(look.ok());
  look->sessions[0].uid = 7;
  EXPECT_EQ(rings_as_json(look->sessions),
            "[\n{\"session\":\"00000000000000000000000000000001\",\"service\":\"a\\\"b\\u001b[31m\xEF\xBF\xBD\","
            "\"pid\":4321,\"uid\":7,\"alive\":false,\"started\":\"2023-11-14T22:13:20.123456789Z\","
            "\"clock\":\"user_ns\",\"sites\":1,\"attempted\":2,\"stored\":2,\"dropped\":0,\"sampled_out\":0,"
            "\"overwritten\":0,\"rings\":[{\"ring\":\"01000000000000000000000000000000\",\"tid\":100,"
            "\"thread\":\"t0\",\"size\":65536,\"head\":48,\"tail\":0,\"fill\":0.0007,\"records\":2,\"dropped\":0}]}\n"
            "]\n");
  EXPECT_THAT(rings_as_table(look->sessions, 0), ::testing::Not(HasSubstr("\x1b")));
}

TEST_F(FolderLookTest, ShowsAnEmptyFolderAsAnEmptyArray) {
  const auto look = look_at_folder(folder_.path());
  ASSERT_TRUE(look.ok());
  EXPECT_EQ(rings_as_json(look->sessions), "[]\n");
  EXPECT_EQ(rings_as_table(look->sessions, 0), "no sessions\n");
}

TEST_F(FolderLookTest, GoesOnBehindEveryKindOfBrokenFile) {
  add_session(1);
  add_ring(1, 0, 3);
  const std::string short_ring = add_ring(1, 1, 3);
  std::filesystem::resize_file(short_ring, 5000);
  const std::string homeless = add_ring(9, 0, 1);
  const std::string half_written = add_session(2);
  std::filesystem::resize_file(half_written, 200);
  const auto newer = RingsFolder::session_id(3);
  SessionBytes of_newer_version(newer, "new");
  of_newer_version.put(8, std::uint16_t{7});
  const std::string newer_path = folder_.write(RingsFolder::session_name(newer), of_newer_version.bytes());
  folder_.write("README", {'x'});
  folder_.write(RingsFolder::session_name(RingsFolder::session_id(8)) + ".tmp", {'x'});

  const auto look = look_at_folder(folder_.path());
  ASSERT_TRUE(look.ok());
  ASSERT_EQ(look->sessions.size(), 1u);
  EXPECT_EQ(look->sessions[0].calls.stored, 3u);
  std::vector<std::string> paths;
  for (const auto& problem : look->problems) paths.push_back(problem.path);
  EXPECT_THAT(paths, ::testing::UnorderedElementsAre(short_ring, homeless, half_written, newer_path));
}

TEST_F(FolderLookTest, CountsRingsOfASessionWhoseCatalogIsDamaged) {
  const auto id = RingsFolder::session_id(1);
  SessionBytes session(id, "svc");
  session.put(formats::kCatalogHeadOffset, std::uint64_t{1} << 40);
  folder_.write(RingsFolder::session_name(id), session.bytes());
  add_ring(1, 0, 3);
  const auto look = look_at_folder(folder_.path());
  ASSERT_TRUE(look.ok());
  ASSERT_EQ(look->problems.size(), 1u);
  EXPECT_THAT(look->problems[0].what, HasSubstr("catalog"));
  ASSERT_EQ(look->sessions.size(), 1u);
  EXPECT_EQ(look->sessions[0].calls.stored, 3u);
}

TEST_F(FolderLookTest, TakesAliveFromTheLockAndThePidFromItsHolder) {
  const std::string path = add_session(1);
  int ready[2];
  int finish[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(finish), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_len = 1;
    char c = ::fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
    if (::write(ready[1], &c, 1) != 1) ::_exit(1);
    ::close(finish[1]);
    ::_exit(::read(finish[0], &c, 1) == 0 ? 0 : 1);
  }
  char c = 0;
  ASSERT_EQ(::read(ready[0], &c, 1), 1);
  ASSERT_EQ(c, 'y');
  const auto locked = look_at_folder(folder_.path());
  ::close(finish[1]);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const auto unlocked = look_at_folder(folder_.path());
  for (const int fd : {ready[0], ready[1], finish[0]}) ::close(fd);

  ASSERT_TRUE(locked.ok() && unlocked.ok());
  EXPECT_TRUE(locked->sessions.at(0).alive);
  EXPECT_EQ(locked->sessions.at(0).pid, static_cast<std::uint32_t>(child));
  EXPECT_FALSE(unlocked->sessions.at(0).alive);
  EXPECT_EQ(unlocked->sessions.at(0).pid, 4321u);
}

TEST_F(FolderLookTest, SaysThatAFolderIsMissing) {
  const auto look = look_at_folder(folder_.path() + "/none");
  ASSERT_FALSE(look.ok());
  EXPECT_EQ(look.error().code, formats::ErrorCode::not_found);
}

}  // namespace
}  // namespace lmlog::tools
