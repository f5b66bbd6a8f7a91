// SPDX-License-Identifier: Apache-2.0
// Many services that are there and do nothing, for bench/recovery: PROCESSES children with THREADS logging threads
// each. Reads commands from stdin: "log N" makes every thread log N records, and answers "done"; the end of stdin ends
// all. Usage: recovery-services PROCESSES THREADS SERVICES RING_BYTES
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <lmlog/lmlog.hpp>

namespace {

/// Shared by all processes; each round has a number, and is done when every thread has counted itself.
struct Board {
  std::atomic<std::uint32_t> round{0};
  std::atomic<std::uint32_t> records{0};
  std::atomic<std::uint32_t> done{0};
};

constexpr auto kStep = std::chrono::milliseconds(20);  // thousands of threads that wake up more often are load

void serve(Board& board) {
  for (std::uint32_t seen = 0;;) {
    const std::uint32_t round = board.round.load(std::memory_order_acquire);
    if (round == seen) {
      board.round.wait(seen);  // within one process; from another one nobody wakes this thread
      continue;
    }
    seen = round;
    for (std::uint32_t i = 0; i < board.records.load(); ++i) LMLOG_INFO("order {id} px {px} qty {qty}", i, 48.5, 7);
    board.done.fetch_add(1);
  }
}

/// Each thread waits in its own process; a thread that looks at the board of all wakes them.
void live(Board& all, const std::string& service, unsigned threads, std::uint64_t ring_bytes) {
  const lmlog::Session session{{.service = service, .ring_bytes = ring_bytes}};
  Board own;
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back([&own] { serve(own); });
  sigset_t wake;
  sigemptyset(&wake);
  sigaddset(&wake, SIGUSR1);
  for (std::uint32_t seen = 0;;) {
    const std::uint32_t round = all.round.load(std::memory_order_acquire);
    if (round == seen) {
      int number = 0;
      ::sigwait(&wake, &number);
      continue;
    }
    seen = round;
    own.records = all.records.load();
    own.done = 0;
    own.round.store(round, std::memory_order_release);
    own.round.notify_all();
    while (own.done.load() != threads) std::this_thread::sleep_for(kStep);
    all.done.fetch_add(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: recovery-services PROCESSES THREADS SERVICES RING_BYTES\n");
    return 2;
  }
  const unsigned processes = static_cast<unsigned>(std::atoi(argv[1]));
  const unsigned threads = static_cast<unsigned>(std::atoi(argv[2]));
  const unsigned services = static_cast<unsigned>(std::atoi(argv[3]));
  const std::uint64_t ring_bytes = std::strtoull(argv[4], nullptr, 10);
  void* const memory = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 4;
  auto& board = *new (memory) Board;
  sigset_t wake;
  sigemptyset(&wake);
  sigaddset(&wake, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &wake, nullptr);  // before there are threads: all inherit it, and only sigwait takes it
  std::vector<pid_t> children;
  for (unsigned i = 0; i < processes; ++i) {
    const pid_t child = ::fork();
    if (child < 0) {
      std::perror("fork");
      return 4;
    }
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      live(board, "idle-" + std::to_string(i % services), threads, ring_bytes);
      return 0;
    }
    children.push_back(child);
  }
  std::string word;
  while (std::cin >> word) {
    std::uint32_t records = 0;
    std::cin >> records;
    board.records = records;
    board.done = 0;
    board.round.fetch_add(1, std::memory_order_release);
    for (const pid_t child : children) ::kill(child, SIGUSR1);
    while (board.done.load() != processes) std::this_thread::sleep_for(kStep);
    std::printf("done\n");
    std::fflush(stdout);
  }
  for (const pid_t child : children) ::kill(child, SIGKILL);
}
