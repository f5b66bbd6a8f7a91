// SPDX-License-Identifier: Apache-2.0
// Whatever lies in a rings folder under the name of a session or ring: served only if it is one.
#include "collector/attach/opening.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "collector/host/posix_file_system.hpp"
#include "tests/collector/support/hand_made_session.hpp"

namespace lmlog::collector::testing {
namespace {

namespace fs = std::filesystem;

class Opening : public ::testing::Test {
 protected:
  std::string session_error() {
    const auto opened = open_session(files, rings.path(), fs::path(session.file.path()).filename());
    return opened ? "" : opened.error().text;
  }
  std::string ring_error(HandMadeRing& ring) {
    const auto opened = open_session(files, rings.path(), fs::path(session.file.path()).filename());
    if (!opened) return "the session: " + opened.error().text;
    const auto ring_opened = open_ring(files, **opened, fs::path(ring.file.path()).filename());
    return ring_opened ? "" : ring_opened.error().text;
  }

  ScratchFolder rings;
  PosixFileSystem files;
  HandMadeSession session{rings.path()};
};

TEST_F(Opening, TakesAGoodSessionAndItsRing) {
  auto& ring = session.ring();
  EXPECT_EQ(session_error(), "");
  EXPECT_EQ(ring_error(ring), "");
}

TEST_F(Opening, RefusesASymbolicLink) {
  const std::string name = "svc.1." + std::string(32, 'b') + ".session";
  fs::create_symlink(session.file.path(), rings.path() + "/" + name);
  const auto opened = open_session(files, rings.path(), name);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text.find("it is a symbolic link"), std::string::npos) << opened.error().text;
}

TEST_F(Opening, DoesNotHangOnAFifo) {
  const std::string name = "svc.1." + std::string(32, 'b') + ".session";
  ASSERT_EQ(::mkfifo((rings.path() + "/" + name).c_str(), 0600), 0);
  const auto opened = open_session(files, rings.path(), name);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().text, "it is no regular file");
}

TEST_F(Opening, RefusesAFileWithASecondName) {
  fs::create_hard_link(session.file.path(), rings.path() + "/second");
  EXPECT_NE(session_error().find("2 names"), std::string::npos);
}

TEST_F(Opening, RefusesAHalfWrittenSession) {
  session.file.resize(100);
  EXPECT_NE(session_error().find("shorter than its header"), std::string::npos);
  session.file.resize(8192);
  EXPECT_NE(session_error(), "");
}

TEST_F(Opening, RefusesANewerVersionWithBothVersionsInTheText) {
  session.file.put(8, std::uint16_t{2});
  EXPECT_NE(session_error().find("format version 2.0"), std::string::npos) << session_error();
  EXPECT_NE(session_error().find("reads version 1.0"), std::string::npos);
  EXPECT_NE(session_error().find("use a newer lmlog"), std::string::npos);
}

TEST_F(Opening, RefusesASessionWhoseNameHasAnotherId) {
  const std::string name = "svc.1." + std::string(32, 'b') + ".session";
  fs::copy(session.file.path(), rings.path() + "/" + name);
  const auto opened = open_session(files, rings.path(), name);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text.find("different session ids"), std::string::npos);
}

TEST_F(Opening, RefusesARingOfAnotherLength) {
  auto& ring = session.ring();
  ring.file.resize(formats::kRingDataOffset + ring.descriptor.data_bytes + 4096);
  EXPECT_NE(ring_error(ring), "");
}

TEST_F(Opening, RefusesARingOfAnotherSession) {
  auto& ring = session.ring();
  ring.file.put(48, formats::Id128{{1, 2, 3}});
  EXPECT_EQ(ring_error(ring), "its header names another session");
}

TEST_F(Opening, RefusesARingOfAnotherNumber) {
  auto& ring = session.ring();
  ring.file.put(72, std::uint32_t{5});
  EXPECT_EQ(ring_error(ring), "its name and its header have different numbers");
}

TEST_F(Opening, RefusesARingOfAnotherOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  auto& ring = session.ring();
  ASSERT_EQ(::chown(ring.file.path().c_str(), 65534, 65534), 0);
  EXPECT_EQ(ring_error(ring), "it belongs to user 65534, its session to user 0");
}

}  // namespace
}  // namespace lmlog::collector::testing
