// SPDX-License-Identifier: Apache-2.0
// Which folder is taken for rings, and which are refused: others' folders, open modes, links, default ACLs, no tmpfs.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "libproducer/src/ring_folder.hpp"
#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::detail {
namespace {

/// The default ACL user:NUMBER:rw, group::-, other::-, mask::rw, as the kernel keeps it.
bool set_default_acl(const std::string& path, std::uint32_t user) {
  struct Entry {
    std::uint16_t tag;
    std::uint16_t permissions;
    std::uint32_t id;
  };
  constexpr std::uint32_t kVersion = 2;
  constexpr std::uint32_t kNobody = 0xFFFFFFFF;
  const Entry entries[] = {{1, 6, kNobody}, {2, 6, user}, {4, 0, kNobody}, {16, 6, kNobody}, {32, 0, kNobody}};
  std::vector<char> value(sizeof(kVersion) + sizeof(entries));
  std::memcpy(value.data(), &kVersion, sizeof(kVersion));
  std::memcpy(value.data() + sizeof(kVersion), entries, sizeof(entries));
  return ::setxattr(path.c_str(), "system.posix_acl_default", value.data(), value.size(), 0) == 0;
}

class RingFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    struct stat status {};
    if (::lstat("/run/lmlog/rings", &status) == 0) GTEST_SKIP() << "a collector's folder is used on this machine";
    had_default_ = ::lstat(Default().c_str(), &status) == 0;
    ::unsetenv("LMLOG_RING_DIR");
    ::setenv("XDG_RUNTIME_DIR", base_.path().c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("XDG_RUNTIME_DIR");
    ::rmdir(Runtime().c_str());
    if (!had_default_) ::rmdir(Default().c_str());
  }
  std::string Runtime() const { return base_.path() + "/lmlog"; }
  static std::string Default() { return "/dev/shm/lmlog-" + std::to_string(::geteuid()); }
  static std::string Found() {
    const auto found = find_ring_folder();
    return found ? found->path : found.error().text;
  }

  testing::RingsFolder base_;
  bool had_default_ = false;
};

TEST_F(RingFolderTest, IsMadeInTheRuntimeFolder) {
  const mode_t before = ::umask(0777);
  EXPECT_EQ(Found(), Runtime());
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(Runtime().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u) << "whatever the umask";
  EXPECT_EQ(Found(), Runtime()) << "and found again";
}

TEST_F(RingFolderTest, FallsBackToTheUsersOwnBelowDevShm) {
  ::unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(Found(), Default());
}

TEST_F(RingFolderTest, IsNotInARuntimeFolderWithoutAnAbsoluteName) {
  // As readers have it: they are started elsewhere.
  const std::string before = std::filesystem::current_path();
  ASSERT_EQ(::chdir(base_.path().c_str()), 0);
  ASSERT_EQ(::mkdir((base_.path() + "/relative").c_str(), 0700), 0);
  ::setenv("XDG_RUNTIME_DIR", "relative", 1);
  EXPECT_EQ(Found(), Default());
  EXPECT_NE(::access((base_.path() + "/relative/lmlog").c_str(), F_OK), 0);
  ASSERT_EQ(::chdir(before.c_str()), 0);
  ::rmdir((base_.path() + "/relative").c_str());
}

TEST_F(RingFolderTest, ThatIsNamedStaysWhereItIsWhenTheServiceMoves) {
  const std::string before = std::filesystem::current_path();
  ASSERT_EQ(::chdir(base_.path().c_str()), 0);
  ::setenv("LMLOG_RING_DIR", "lmlog", 1);
  EXPECT_EQ(Found(), Runtime());
  ::unsetenv("LMLOG_RING_DIR");
  ASSERT_EQ(::chdir(before.c_str()), 0);
}

TEST_F(RingFolderTest, IsNotOneThatOthersMayEnter) {
  ASSERT_EQ(::mkdir(Runtime().c_str(), 0755), 0);
  EXPECT_EQ(Found(), Default());
}

TEST_F(RingFolderTest, IsNoLink) {
  const std::string elsewhere = base_.path() + "/elsewhere";
  ASSERT_EQ(::mkdir(elsewhere.c_str(), 0700), 0);
  ASSERT_EQ(::symlink(elsewhere.c_str(), Runtime().c_str()), 0);
  EXPECT_EQ(Found(), Default());
  ::unlink(Runtime().c_str());
  ::rmdir(elsewhere.c_str());
}

TEST_F(RingFolderTest, IsNotAnothers) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  ASSERT_EQ(::mkdir(Runtime().c_str(), 0700), 0);
  ASSERT_EQ(::chown(Runtime().c_str(), 65534, 65534), 0);
  EXPECT_EQ(Found(), Default());
}

TEST_F(RingFolderTest, HasNoDefaultAcl) {
  ASSERT_EQ(::mkdir(Runtime().c_str(), 0700), 0);
  if (!set_default_acl(Runtime(), 65534)) GTEST_SKIP() << "this tmpfs has no ACLs";
  EXPECT_EQ(Found(), Default());
}

TEST_F(RingFolderTest, IsOnATmpfs) {
  struct statfs fs {};
  ASSERT_EQ(::statfs("/var/tmp", &fs), 0);
  if (fs.f_type == TMPFS_MAGIC) GTEST_SKIP() << "/var/tmp is a tmpfs here";
  ::setenv("XDG_RUNTIME_DIR", "/var/tmp", 1);
  EXPECT_EQ(Found(), Default());
  EXPECT_NE(::access("/var/tmp/lmlog", F_OK), 0) << "nothing is made where it would not do";
}

TEST_F(RingFolderTest, ThatIsNamedIsTakenOrNothingIs) {
  const std::string named = base_.path() + "/lmlog";
  ::setenv("LMLOG_RING_DIR", named.c_str(), 1);
  EXPECT_EQ(Found(), named);
  ::setenv("LMLOG_RING_DIR", "/dev/null", 1);
  EXPECT_EQ(Found(), "LMLOG_RING_DIR: /dev/null: is no folder");
  ::unsetenv("LMLOG_RING_DIR");
}

TEST_F(RingFolderTest, ThatIsADropBoxOpensItsFilesToItsCollectorAlone) {
  const std::string box = Runtime();
  ASSERT_EQ(::mkdir(box.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(box.c_str(), 01733), 0);
  if (!set_default_acl(box, 12345)) GTEST_SKIP() << "this tmpfs has no ACLs";
  ::setenv("LMLOG_RING_DIR", box.c_str(), 1);
  const mode_t before = ::umask(0777);
  std::string path;
  {
    const Session session({.service = "dropped"});
    LMLOG_INFO("in the box");
    path = session.path();
  }
  ::umask(before);
  ::unsetenv("LMLOG_RING_DIR");
  const std::string ring = path.substr(0, path.rfind('/') + 1) + path.substr(path.size() - 40, 32) + ".0.ring";
  for (const auto& file : {path, ring}) {
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0) << file;
    EXPECT_EQ(status.st_mode & 07777, 0660u) << "whatever the umask; the group's bits are the ACL's mask";
    EXPECT_GT(::getxattr(file.c_str(), "system.posix_acl_access", nullptr, 0), 0);
    ::unlink(file.c_str());
  }
}

}  // namespace
}  // namespace lmlog::detail
