// SPDX-License-Identifier: Apache-2.0
// Libraries with statements that are loaded and really unloaded, again and again; two that have the same statements.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <lmlog/lmlog.hpp>

#include "tests/lives/life.hpp"

namespace lmlog::lives {

namespace {

class Plugin {
 public:
  explicit Plugin(const char* variable, int flags = RTLD_LOCAL)
      : path_(std::getenv(variable)), handle_(::dlopen(path_.c_str(), RTLD_NOW | flags)) {
    if (handle_ == nullptr) std::fprintf(stderr, "%s\n", ::dlerror());
  }
  ~Plugin() { ::dlclose(handle_); }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  void log(int number) const { reinterpret_cast<void (*)(int)>(::dlsym(handle_, "plugin_log"))(number); }
  [[nodiscard]] static bool is_mapped(const char* variable) {
    const std::string path = std::getenv(variable);
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      if (line.ends_with(path)) return true;
    }
    return false;
  }

 private:
  std::string path_;
  void* handle_;
};

int plugin(std::uint32_t count) {
  const Session session(options("plugin"));
  for (std::uint32_t i = 0; i < count; ++i) {
    {
      const Plugin plugin("LMLOG_SAMPLE_PLUGIN");
      plugin.log(static_cast<int>(i));
    }
    if (i % 100 == 0 && Plugin::is_mapped("LMLOG_SAMPLE_PLUGIN")) return 1;
    log(0);
    if (i == count / 10) say_footprint("begin");
  }
  say_footprint("end");
  return 0;
}

/// Both are the same library under two names. One goes, the other stays.
int twins(std::uint32_t count) {
  const Session session(options("twins"));
  const Plugin stays("LMLOG_SAMPLE_TWIN");
  for (std::uint32_t i = 0; i < count; ++i) {
    {
      const Plugin goes("LMLOG_SAMPLE_PLUGIN", RTLD_GLOBAL);
      goes.log(static_cast<int>(2 * i));
    }
    stays.log(static_cast<int>(2 * i + 1));
    log(0);
  }
  return 0;
}

}  // namespace

Lives lives_of_plugins() { return {{"plugin", plugin}, {"twins", twins}}; }

}  // namespace lmlog::lives
