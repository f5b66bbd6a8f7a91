// SPDX-License-Identifier: Apache-2.0
// A service that logs until it is killed, and keeps a witness of every call. Threads come and go; sizes and pauses
// vary. Usage: torture-producer WITNESS SERVICE PRODUCER SEED drop|block
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <lmlog/lmlog.hpp>

#include "tests/torture/witness.hpp"

namespace {

using lmlog::torture::Witness;

constexpr int kThreads = 3;

/// Small and repeatable; quality does not matter.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  std::uint64_t below(std::uint64_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ % limit;
  }

 private:
  std::uint64_t state_;
};

void log_some(Witness& witness, std::uint32_t thread, std::uint64_t seed) {
  Random random(seed);
  auto& slot = witness.slots[thread];
  const std::uint64_t records = 500 + random.below(30'000);
  char text[256];
  for (auto& c : text) c = static_cast<char>('a' + random.below(26));
  for (std::uint64_t sequence = 1; sequence <= records; ++sequence) {
    const std::string_view payload(text, random.below(50) == 0 ? random.below(sizeof(text)) : random.below(12));
    const std::uint64_t check = lmlog::torture::record_check(witness.producer, thread, sequence, payload);
    slot.begun.store(sequence, std::memory_order_release);
    LMLOG_INFO("record {producer} {thread} {sequence} {check} {payload}", witness.producer, thread, sequence, check,
               payload);
    slot.done.store(sequence, std::memory_order_release);
    if (random.below(40) == 0) std::this_thread::sleep_for(std::chrono::microseconds(random.below(2000)));
  }
}

Witness* map_witness(const char* path) {
  const int file = ::open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 || ::ftruncate(file, sizeof(Witness)) != 0) return nullptr;
  void* const memory = ::mmap(nullptr, sizeof(Witness), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  return memory == MAP_FAILED ? nullptr : static_cast<Witness*>(memory);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: torture-producer WITNESS SERVICE PRODUCER SEED drop|block\n");
    return 2;
  }
  Witness* const witness = map_witness(argv[1]);
  if (witness == nullptr) {
    std::perror(argv[1]);
    return 4;
  }
  const bool drops = std::string_view(argv[5]) == "drop";
  const std::uint64_t seed = std::strtoull(argv[4], nullptr, 10);
  witness->producer = static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10));
  witness->pid = static_cast<std::uint32_t>(::getpid());
  witness->drops = drops ? 1 : 0;
  witness->magic = lmlog::torture::kWitnessMagic;

  lmlog::SessionOptions options;
  options.service = argv[2];
  options.ring_bytes = std::uint64_t{64} << 10;  // the smallest: it wraps many times a second
  options.policy = drops ? lmlog::Policy::drop : lmlog::Policy::block;
  options.block_timeout = std::chrono::nanoseconds(0);
  lmlog::Session session(options);

  std::atomic<std::uint32_t> next_slot{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      // Each turn is a thread of its own: it takes over a ring that another one left.
      for (std::uint32_t slot = next_slot++; slot < lmlog::torture::kSlots; slot = next_slot++)
        std::thread([&, slot] { log_some(*witness, slot, seed * 4096 + slot); }).join();
    });
  }
  for (auto& thread : threads) thread.join();
  return 0;
}
