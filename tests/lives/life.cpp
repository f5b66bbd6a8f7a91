// SPDX-License-Identifier: Apache-2.0
// See life.hpp. Usage: life MODE COUNT; the witness is the file that LIFE_WITNESS names.
#include "tests/lives/life.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include <lmlog/lmlog.hpp>

namespace lmlog::lives {

namespace {

std::atomic<std::uint64_t>* witness = nullptr;

/// Made before the library's own static objects, and so destroyed after them.
struct Latest {
  Latest() { made = true; }
  ~Latest() {
    std::thread([] { LMLOG_NOTICE("by a new thread after main"); }).join();
  }
  bool made = false;
};
Latest latest;

/// Sites run before main and after it.
struct Early {
  Early() { LMLOG_NOTICE("before main"); }
  ~Early() { LMLOG_NOTICE("after main"); }
};
Early early;

bool map_witness() {
  const char* const path = std::getenv("LIFE_WITNESS");
  constexpr std::size_t kBytes = sizeof(witness[0]) * kSlots;
  const int file = path != nullptr ? ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (file < 0 || ::ftruncate(file, kBytes) != 0) return false;
  void* const memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (memory == MAP_FAILED) return false;
  witness = static_cast<std::atomic<std::uint64_t>*>(memory);
  return true;
}

std::string read(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t status_kb(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ':')) return std::strtoull(line.c_str() + key.size() + 1, nullptr, 10);
  }
  return 0;
}

}  // namespace

SessionOptions options(std::string service) {
  if (std::getenv("LIFE_ALONE") != nullptr) return {.service = std::move(service)};
  return {.service = std::move(service),
          .ring_bytes = 64 << 10,
          .policy = Policy::block,
          .block_timeout = std::chrono::nanoseconds(0)};
}

void log(Slot who, std::uint64_t count) {
  auto& returned = witness[who];
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t n = returned.load(std::memory_order_relaxed);
    LMLOG_INFO("life {who} {n}", who, n);
    returned.store(n + 1, std::memory_order_release);
  }
}

void say_footprint(std::string_view at) {
  const auto lines = std::ranges::count(read("/proc/self/maps"), '\n');
  namespace fs = std::filesystem;
  const auto descriptors = std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()) - 1;
  std::printf(R"({"at":"%.*s","maps":%ld,"descriptors":%ld,"anonymous_kb":%lu,"virtual_kb":%lu})"
              "\n",
              static_cast<int>(at.size()), at.data(), static_cast<long>(lines), static_cast<long>(descriptors),
              status_kb("RssAnon"), status_kb("VmSize"));
  std::fflush(stdout);
  while (at == "end" && std::getchar() != EOF) {
  }
}

bool ended_with(int child, int code) {
  int status = 0;
  return ::waitpid(child, &status, __WALL) == child && WIFEXITED(status) && WEXITSTATUS(status) == code;
}

}  // namespace lmlog::lives

int main(int argc, char** argv) {
  using namespace lmlog::lives;
  ::mallopt(M_ARENA_MAX, 1);  // else each thread that allocates reserves 64 MiB, now or later
  Lives lives;
  for (auto& group : {lives_of_processes(), lives_in_other_memory(), lives_of_threads(), lives_of_sessions(),
                      lives_of_plugins(), lives_under_faults(), ends()})
    lives.insert(group.begin(), group.end());
  const auto life = argc == 3 ? lives.find(argv[1]) : lives.end();
  if (life == lives.end() || !map_witness()) {
    std::fputs("usage: LIFE_WITNESS=FILE life MODE COUNT\n", stderr);
    return 2;
  }
  return life->second(static_cast<std::uint32_t>(std::atoi(argv[2])));
}
