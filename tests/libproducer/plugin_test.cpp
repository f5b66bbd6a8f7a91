// SPDX-License-Identifier: Apache-2.0
// A library with statements that is loaded and unloaded while the program runs: it registers, it really goes, and its
// statements get their old ids when it comes back.
#include <dlfcn.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"

namespace lmlog::testing {
namespace {

class PluginTest : public ::testing::Test {
 protected:
  static std::string Path() {
    const char* const path = std::getenv("LMLOG_SAMPLE_PLUGIN");
    return path != nullptr ? path : "";
  }
  static bool IsMapped() {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      if (line.ends_with(Path())) return true;
    }
    return false;
  }
  void* Load() {
    void* const plugin = ::dlopen(Path().c_str(), RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(plugin, nullptr) << ::dlerror();
    return plugin;
  }
  static void Log(void* plugin, int number) { reinterpret_cast<void (*)(int)>(::dlsym(plugin, "plugin_log"))(number); }

  RingsFolder folder_;
};

TEST_F(PluginTest, RegistersItsStatementsWhenItIsLoaded) {
  const Session session({.service = "plugins"});
  LMLOG_INFO("before");
  void* const plugin = Load();
  EXPECT_EQ(read_session(folder_).statement("plugin visible {}").function, "visible_inline");
  Log(plugin, 7);
  const RecordedSession recorded = read_session(folder_);
  EXPECT_EQ(recorded.values(recorded.records("plugin inline {}").at(0)).at(0), "7");
  EXPECT_EQ(recorded.values(recorded.records("plugin visible template {}").at(0)).at(0), "7");
  EXPECT_EQ(::dlclose(plugin), 0);
}

TEST_F(PluginTest, ReallyGoesWhenItIsUnloaded) {
  const Session session({.service = "plugins"});
  void* const plugin = Load();
  Log(plugin, 1);
  EXPECT_TRUE(IsMapped());
  EXPECT_EQ(::dlclose(plugin), 0);
  EXPECT_FALSE(IsMapped());
  LMLOG_INFO("after {}", 1);
  EXPECT_EQ(read_session(folder_).records("after {}").size(), 1u);
}

TEST_F(PluginTest, GetsItsOldIdsBackHoweverOftenItIsLoaded) {
  const Session session({.service = "plugins"});
  void* plugin = Load();
  Log(plugin, -1);  // makes the variants of its loggers
  const auto statements = read_session(folder_).statements.size();
  for (int i = 0; i < 99; ++i) {
    Log(plugin, i);
    ASSERT_EQ(::dlclose(plugin), 0);
    plugin = Load();
  }
  EXPECT_EQ(::dlclose(plugin), 0);
  const RecordedSession recorded = read_session(folder_);
  EXPECT_EQ(recorded.statements.size(), statements);
  EXPECT_EQ(recorded.records("plugin visible {}").size(), 100u);
  EXPECT_EQ(recorded.records("plugin logger {}").size(), 200u);
  EXPECT_EQ(recorded.loggers.size(), 2u);
}

TEST_F(PluginTest, IsNotTouchedByALaterSession) {
  std::optional<Session> session(std::in_place, SessionOptions{.service = "first"});
  void* plugin = Load();
  Log(plugin, 1);
  EXPECT_EQ(::dlclose(plugin), 0);
  session.reset();
  session.emplace(SessionOptions{.service = "second", .level = Level::error});
  LMLOG_ERROR("second {}", 1);
  plugin = Load();
  Log(plugin, 2);
  const RecordedSession recorded = read_session(folder_, session->id());
  EXPECT_TRUE(recorded.records("plugin visible {}").empty()) << "off by the new session's level";
  EXPECT_EQ(recorded.records("second {}").size(), 1u);
  EXPECT_EQ(::dlclose(plugin), 0);
}

}  // namespace
}  // namespace lmlog::testing
