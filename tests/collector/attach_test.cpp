// SPDX-License-Identifier: Apache-2.0
// Which folders are served, and which catalogs are believed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "collector/attach/opening.hpp"
#include "collector/attach/served_folders.hpp"
#include "collector/attach/statement_catalog.hpp"
#include "collector/host/posix_file_system.hpp"
#include "tests/collector/support/hand_made_session.hpp"

namespace lmlog::collector::testing {
namespace {

namespace fs = std::filesystem;
using formats::ArgType;

class ServedFolders : public ::testing::Test {
 protected:
  FolderEnvironment environment{{}, {}, ::geteuid()};
  ScratchFolder scratch;
  PosixFileSystem files;
  std::vector<std::string> said;
  Notices notices{[this](const std::string& line) { said.push_back(line); }};
};

TEST_F(ServedFolders, AreTheNamedOnesEachOnce) {
  const auto folders = served_folders(files, {scratch.path(), scratch.path()}, environment, notices);
  ASSERT_TRUE(folders);
  EXPECT_EQ(*folders, std::vector{scratch.path()});
  EXPECT_TRUE(said.empty());
}

TEST_F(ServedFolders, AreMadeWhenTheyAreNamedAndMissing) {
  const std::string path = scratch.path() + "/rings";
  ASSERT_TRUE(served_folders(files, {path}, environment, notices));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
}

TEST_F(ServedFolders, AreNotMadeBelowAFolderThatIsMissing) {
  const auto folders = served_folders(files, {scratch.path() + "/none/rings"}, environment, notices);
  ASSERT_FALSE(folders);
  EXPECT_NE(folders.error().text.find("/none does not exist; make it, or name another folder with --rings"),
            std::string::npos)
      << folders.error().text;
}

TEST_F(ServedFolders, GiveAWarningWhenANamedOneIsNoTmpfs) {
  ScratchFolder disk("/var/tmp");
  if (files.is_tmpfs(disk.path()).value()) GTEST_SKIP() << "/var/tmp is a tmpfs here";
  ASSERT_TRUE(served_folders(files, {disk.path()}, environment, notices));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("is no tmpfs"), std::string::npos);
}

TEST_F(ServedFolders, ComeFromTheVariableWhenNoneIsNamed) {
  environment.lmlog_ring_dir = scratch.path();
  EXPECT_EQ(*served_folders(files, {}, environment, notices), std::vector{scratch.path()});
}

TEST_F(ServedFolders, ArePrivateOnesOnlyWithMode0700) {
  environment.xdg_runtime_dir = scratch.path();
  const std::string path = scratch.path() + "/lmlog";
  fs::create_directory(path);
  fs::permissions(path, fs::perms::owner_all | fs::perms::others_exec);
  const auto open_folder = served_folders(files, {}, environment, notices);
  if (open_folder) {
    EXPECT_EQ(std::find(open_folder->begin(), open_folder->end(), path), open_folder->end());
  }
  fs::permissions(path, fs::perms::owner_all);
  const auto folders = served_folders(files, {}, environment, notices);
  ASSERT_TRUE(folders);
  EXPECT_NE(std::find(folders->begin(), folders->end(), path), folders->end());
}

TEST_F(ServedFolders, AreSaidOnOneLineWhenNoneIsLeft) {
  environment.uid = 4'000'000'000u - static_cast<std::uint32_t>(::getpid());  // nobody
  const std::string path = "/dev/shm/lmlog-" + std::to_string(environment.uid);
  fs::create_directory(path);
  const auto folders = served_folders(files, {}, environment, notices);
  fs::remove(path);
  ASSERT_FALSE(folders);
  const std::string text = folders.error().text;
  EXPECT_TRUE(text.starts_with("there is no folder for rings (/")) << text;
  EXPECT_NE(text.find(path + ": it belongs to another user"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("). Mount a tmpfs on one of them, or name a folder with --rings")) << text;
  EXPECT_EQ(printable(text), text);
}

TEST_F(ServedFolders, AreNeverReachedThroughALink) {
  environment.xdg_runtime_dir = scratch.path();
  fs::create_directory(scratch.path() + "/real");
  fs::permissions(scratch.path() + "/real", fs::perms::owner_all);
  fs::create_symlink(scratch.path() + "/real", scratch.path() + "/lmlog");
  const auto folders = served_folders(files, {}, environment, notices);
  if (folders) {
    EXPECT_EQ(std::find(folders->begin(), folders->end(), scratch.path() + "/lmlog"), folders->end());
  }
}

class Catalog : public ::testing::Test {
 protected:
  Status read(const CatalogLimits& limits = {1000, 1 << 20}) {
    const auto file = files.open(session.file.path(), OpenFor::answering);
    return catalog.read_more(**file, session.descriptor, limits);
  }

  ScratchFolder rings;
  PosixFileSystem files;
  HandMadeSession session{rings.path()};
  StatementCatalog catalog;
};

TEST_F(Catalog, KnowsWhatTheRecordsOfEachStatementMustHold) {
  const auto first = session.statement("a {a} {b}", {ArgType::i64, ArgType::i32});
  ASSERT_TRUE(read());
  const auto second = session.statement("b {a} {b}", {ArgType::string, ArgType::u8});
  ASSERT_TRUE(read());
  EXPECT_EQ(catalog.find(first)->fixed_bytes, 12u);
  EXPECT_EQ(catalog.find(second)->fixed_bytes, 1u);
  EXPECT_EQ(catalog.find(second)->variable_arguments, 1u);
  EXPECT_EQ(catalog.find(second + 1), nullptr);
  EXPECT_EQ(catalog.find(6), nullptr);
}

TEST_F(Catalog, RefusesAHeadBehindItsEnd) {
  session.file.put(formats::kCatalogHeadOffset, formats::kCatalogBytes + 8);
  EXPECT_FALSE(read());
}

TEST_F(Catalog, RefusesAHeadThatGoesBack) {
  session.statement("a", {});
  ASSERT_TRUE(read());
  session.file.put(formats::kCatalogHeadOffset, std::uint64_t{0});
  EXPECT_FALSE(read());
}

TEST_F(Catalog, RefusesAStatementWhoseHashIsNotThatOfItsParts) {
  session.statement("a {a}", {ArgType::i64});
  session.file.put(session.descriptor.catalog_offset + 16, std::uint64_t{1});
  const auto status = read();
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().text.find("hash"), std::string::npos);
}

TEST_F(Catalog, RefusesIdsOutOfOrder) {
  session.statement("a", {});
  session.file.put(session.descriptor.catalog_offset + 8, std::uint32_t{70});
  const auto status = read();
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().text.find("out of order"), std::string::npos);
}

TEST_F(Catalog, RefusesALoggerThatReadersOfTheJournalCouldNotTake) {
  session.statement("a", {});
  session.file.put(session.descriptor.catalog_offset + 4,
                   static_cast<std::uint16_t>(formats::CatalogEntryType::logger));
  session.file.put(session.descriptor.catalog_offset + 8, std::uint32_t{0});  // "none" has no name
  const auto status = read();
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().text.find("logger"), std::string::npos);
  EXPECT_EQ(catalog.raw().size(), 0u);
}

TEST_F(Catalog, TakesOnlyAsManyBytesAsTheQuotaAllows) {
  for (int i = 0; i < 10; ++i) session.statement("statement " + std::to_string(i), {});
  ASSERT_TRUE(read({1000, 200}));
  EXPECT_TRUE(catalog.has_refused());
  EXPECT_LE(catalog.raw().size(), 200u);
  EXPECT_GE(catalog.statements(), 1u);
}

}  // namespace
}  // namespace lmlog::collector::testing
