// SPDX-License-Identifier: Apache-2.0
// A program that knows nothing of LMLog and loads a plugin that brings the library along, COUNT times. Usage: bare_host
// PLUGIN COUNT. Prints the descriptors and mappings that it has after one tenth of the cycles, and at the end.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

void say_footprint() {
  std::ifstream maps("/proc/self/maps");
  long lines = 0;
  for (std::string line; std::getline(maps, line);) ++lines;
  maps.close();
  long descriptors = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) descriptors += entry.exists() ? 1 : 0;
  std::printf("%ld %ld\n", descriptors, lines);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int count = std::atoi(argv[2]);
  for (int i = 0; i < count; ++i) {
    void* const plugin = ::dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (plugin == nullptr) {
      std::fprintf(stderr, "%s\n", ::dlerror());
      return 1;
    }
    reinterpret_cast<void (*)(int)>(::dlsym(plugin, "plugin_log"))(i);
    if (::dlclose(plugin) != 0) return 1;
    if (i == count / 10) say_footprint();
  }
  say_footprint();
  return 0;
}
