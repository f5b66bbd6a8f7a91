// SPDX-License-Identifier: Apache-2.0
// Configuration: defaults, bounds, and errors that say where and what to do.
#include "collector/config/config_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "collector/config/config_keys.hpp"
#include "collector/config/quantities.hpp"
#include "collector/host/posix_file_system.hpp"
#include "collector/settings.hpp"
#include "tests/collector/support/hand_made_session.hpp"

namespace lmlog::collector {
namespace {

std::string error_of(const std::string& text) {
  Config config = default_config();
  const auto status = apply_config_text(config, text, "lmlog.toml");
  return status ? "" : status.error().text;
}

TEST(Quantities, AreWrittenWithUnits) {
  EXPECT_EQ(parse_duration("250ms"), 250'000'000);
  EXPECT_EQ(parse_duration("7d"), 7LL * 86'400 * 1'000'000'000);
  EXPECT_EQ(parse_size("64KiB"), 65'536u);
  EXPECT_EQ(parse_size("10GiB"), 10ULL << 30);
  EXPECT_EQ(parse_size("12345"), 12'345u);
  EXPECT_EQ(format_size(65'536), "64KiB");
  EXPECT_EQ(format_duration(90'000'000'000), "90s");
}

TEST(Quantities, RefuseWhatIsNone) {
  for (const char* text : {"", "5", "ms", "5 m", "-5s", "5y", "99999999999999d", "1.5h"})
    EXPECT_FALSE(parse_duration(text)) << text;
  for (const char* text : {"", "KiB", "5KB", "5 KiB", "-5", "99999999999999999999", "99999999TiB"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(ConfigText, SetsEveryKindOfKey) {
  Config config = default_config();
  const auto status = apply_config_text(config, R"(
[collector]
rings = ["/dev/shm/a", "/dev/shm/b"]
archive = "/srv/log"
poll_interval_us = 250
memory = "64MiB"
durability = "fsync"
[rotation]
segment_bytes = 1048576
segment_age = "15m"
[tier.hot]
price_per_gib_month = 0.08
max_age = 0
[quota]
rings_per_uid = 7
)",
                                        "lmlog.toml");
  ASSERT_TRUE(status) << status.error().text;
  EXPECT_EQ(config.rings, (std::vector<std::string>{"/dev/shm/a", "/dev/shm/b"}));
  EXPECT_EQ(config.archive, "/srv/log");
  EXPECT_EQ(config.poll_interval_us, 250u);
  EXPECT_EQ(config.memory, 64u << 20);
  EXPECT_EQ(config.durability, Durability::fsync);
  EXPECT_EQ(config.segment_bytes, 1u << 20);
  EXPECT_EQ(config.segment_age_ns, 900'000'000'000);
  EXPECT_DOUBLE_EQ(config.hot_price_per_gib_month, 0.08);
  EXPECT_EQ(config.rings_per_uid, 7u);
}

TEST(ConfigText, ChangesNothingWhenAnyPartIsWrong) {
  Config config = default_config();
  EXPECT_FALSE(apply_config_text(config, "[collector]\npoll_interval_us = 250\nmemory = 1\n", "lmlog.toml"));
  EXPECT_EQ(config.poll_interval_us, default_config().poll_interval_us);
}

TEST(ConfigText, NamesLineAndColumnOfAnUnknownKey) {
  EXPECT_EQ(error_of("[collector]\n  pol_interval_us = 5\n"),
            "lmlog.toml:2:3: unknown key collector.pol_interval_us: docs/configuration.md lists all");
  EXPECT_NE(error_of("[colector]\nrings = []\n").find("lmlog.toml:1:2: unknown section [colector]"), std::string::npos);
  EXPECT_NE(error_of("[tier.warm]\nzstd_level = 3\n").find("unknown section [tier.warm]"), std::string::npos);
  EXPECT_NE(error_of("rings = []\n").find("lmlog.toml:1:1: unknown key rings"), std::string::npos);
}

TEST(ConfigText, SaysWhatAValueMustBe) {
  EXPECT_EQ(error_of("[collector]\npoll_interval_us = 1\n"),
            "lmlog.toml:2:20: collector.poll_interval_us must be a whole number between 50 and 1000000");
  EXPECT_NE(error_of("[collector]\ndurability = \"maybe\"\n").find("must be \"write\" or \"fsync\""),
            std::string::npos);
  EXPECT_NE(error_of("[rotation]\nsegment_age = 5\n").find("must be a duration between 1s and 365d"),
            std::string::npos);
  EXPECT_NE(error_of("[collector]\nmemory = \"64MB\"\n").find("must be a size between 4MiB and 1TiB"),
            std::string::npos);
  EXPECT_NE(error_of("[collector]\nrings = \"/a\"\n").find("must be a list of texts"), std::string::npos);
  EXPECT_NE(error_of("[collector]\nrings = [1]\n").find("must be a list of texts"), std::string::npos);
  EXPECT_NE(error_of("[tier.hot]\nprice_per_gib_month = nan\n").find("must be a number"), std::string::npos);
  EXPECT_NE(error_of("collector = 5\n").find("is a section"), std::string::npos);
}

TEST(ConfigText, ShowsWhereTheTomlIsBroken) { EXPECT_TRUE(error_of("[collector\n").starts_with("lmlog.toml:1:")); }

TEST(ConfigFiles, AreReadWithConfDInOrderOfName) {
  testing::ScratchFolder folder;
  PosixFileSystem files;
  const std::string main = folder.path() + "/lmlog.toml";
  ASSERT_TRUE(files.make_folder(folder.path() + "/conf.d", 0700));
  std::ofstream(main) << "[collector]\npoll_interval_us = 100\nblock_seconds = 7\n";
  std::ofstream(folder.path() + "/conf.d/10-a.toml") << "[collector]\npoll_interval_us = 200\n";
  std::ofstream(folder.path() + "/conf.d/20-b.toml") << "[collector]\npoll_interval_us = 300\n";
  std::ofstream(folder.path() + "/conf.d/30-c.txt") << "no configuration";
  const auto config = read_config(files, main, true);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->poll_interval_us, 300u);
  EXPECT_EQ(config->block_seconds, 7u);
}

TEST(ConfigFiles, MayBeMissingUnlessTheyWereNamed) {
  testing::ScratchFolder folder;
  PosixFileSystem files;
  EXPECT_TRUE(read_config(files, folder.path() + "/none.toml", false));
  const auto named = read_config(files, folder.path() + "/none.toml", true);
  ASSERT_FALSE(named);
  EXPECT_NE(named.error().text.find("none.toml"), std::string::npos);
}

TEST(ConfigFiles, ThatAreThereAndCannotBeReadAreAnError) {
  testing::ScratchFolder folder;
  PosixFileSystem files;
  std::ofstream(folder.path() + "/conf.d") << "no folder";
  const auto config = read_config(files, folder.path() + "/lmlog.toml", false);
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().text.find("conf.d: Not a directory"), std::string::npos) << config.error().text;
  // Below a file: it cannot be known whether there is one.
  EXPECT_FALSE(read_config(files, folder.path() + "/conf.d/lmlog.toml", false));
}

TEST(Reload, LeavesFoldersAndDurabilityAsTheyAre) {
  Config running = default_config();
  running.archive = "/a";
  Config fresh = running;
  fresh.archive = "/b";
  fresh.durability = Durability::fsync;
  fresh.block_seconds = 5;
  EXPECT_EQ(apply_reload(running, fresh), (std::vector<std::string>{"collector.archive", "collector.durability"}));
  EXPECT_EQ(running.archive, "/a");
  EXPECT_EQ(running.durability, Durability::write);
  EXPECT_EQ(running.block_seconds, 5u);
}

TEST(Reload, KeepsTheOldConfigurationWhenTheNewOneIsBad) {
  testing::ScratchFolder folder;
  PosixFileSystem files;
  CommandLine line;
  line.config = folder.path() + "/lmlog.toml";
  std::ofstream(line.config) << "[collector]\nblock_seconds = 9\n";
  ConfigBox box(*settings(files, line));
  std::string said;
  Notices notices([&](const std::string& sentence) { said = sentence; });
  std::ofstream(line.config) << "[collector]\nblock_seconds = 0\n";
  reload(files, line, box, notices);
  EXPECT_EQ(box.get()->block_seconds, 9u);
  EXPECT_NE(said.find("lmlog.toml:2:17"), std::string::npos) << said;
  std::ofstream(line.config) << "[collector]\nblock_seconds = 3\n";
  reload(files, line, box, notices);
  EXPECT_EQ(box.get()->block_seconds, 3u);
}

TEST(Documentation, ListsEveryKeyWithItsDefaultAndBounds) {
  const char* root = std::getenv("LMLOG_SOURCE_ROOT");
  ASSERT_NE(root, nullptr) << "set by the build";
  std::ifstream file(std::string(root) + "/docs/configuration.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const auto& key : config_keys()) {
    const std::string row = "| `" + std::string(key.section) + "." + std::string(key.name) + "` |";
    const auto at = text.str().find(row);
    ASSERT_NE(at, std::string::npos) << row;
    const std::string line = text.str().substr(at, text.str().find('\n', at) - at);
    EXPECT_NE(line.find("`" + std::string(key.default_text.empty() ? "\"\"" : key.default_text) + "`"),
              std::string::npos)
        << line;
    if (key.maximum != 0) {
      EXPECT_NE(line.find(bounds_text(key).substr(8)), std::string::npos) << line;
    }
    EXPECT_NE(line.find(key.reloads ? "| yes |" : "| no |"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace lmlog::collector
