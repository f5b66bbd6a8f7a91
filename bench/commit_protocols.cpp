// SPDX-License-Identifier: Apache-2.0
// Two ways to publish a record, side by side: a release store of the ring's head on a line of its own, and an in-band
// commit (the next stamp zeroed first, then a release store of the record's own stamp). Warm batches and single cold
// calls of the three-field record; the numbers behind docs/decisions/0001-publish-by-head.md.
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

constexpr std::uint64_t kRingBytes = 1 << 20;
constexpr std::uint64_t kRecordBytes = 40;  // header, int64, double, int32, padding
constexpr int kBatches = 2000;
constexpr int kCallsPerBatch = 1000;
constexpr std::size_t kWalks[] = {2 << 20,
                                  32 << 20};  // beyond L2, and about as large as the L3 of the machines in question
constexpr std::size_t kWalkedBytes = std::size_t{8} << 30;  // per measurement: bounds its time
constexpr int kRounds = 5;

/// The thread's own state, one line, as in the producer library.
struct alignas(64) Line {
  std::uint64_t position = 0;
  std::uint64_t limit = kRingBytes;
  std::byte* data = nullptr;
  std::atomic<std::uint64_t>* head = nullptr;
};

std::byte* map_shared(std::size_t bytes) {
  const int file = memfd_create("commit_protocols", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, static_cast<off_t>(bytes)) != 0) return nullptr;
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
  return at == MAP_FAILED ? nullptr : static_cast<std::byte*>(at);
}

inline void body(std::byte* out, std::int64_t id, double px, std::int32_t qty) {
  std::memcpy(out + 16, &id, sizeof(id));
  std::memcpy(out + 24, &px, sizeof(px));
  std::memcpy(out + 32, &qty, sizeof(qty));
}

// A ring that is emptied in time: at the end of a lap the position starts anew.
[[gnu::noinline, gnu::cold]] void next_lap(Line& line) { line.position = 0; }

struct PublishByHead {
  [[gnu::noinline]] static void log(Line& line, std::int64_t id, double px, std::int32_t qty) {
    if (line.position + kRecordBytes > line.limit) [[unlikely]]
      next_lap(line);
    std::byte* out = line.data + line.position;
    const std::uint64_t time = __rdtsc();
    const std::uint64_t word = (line.position >> 3) | std::uint64_t{64 | 5 << 20} << 32;
    std::memcpy(out, &time, sizeof(time));
    std::memcpy(out + 8, &word, sizeof(word));
    body(out, id, px, qty);
    line.position += kRecordBytes;
    line.head->store(line.position, std::memory_order_release);
  }
};

struct CommitInBand {
  [[gnu::noinline]] static void log(Line& line, std::int64_t id, double px, std::int32_t qty) {
    // Room for the next header too: its stamp is zeroed before this record can be seen.
    if (line.position + kRecordBytes + 16 > line.limit) [[unlikely]]
      next_lap(line);
    std::byte* out = line.data + line.position;
    const std::uint64_t zero = 0;
    std::memcpy(out + kRecordBytes + 8, &zero, sizeof(zero));
    const std::uint64_t time = __rdtsc();
    const std::uint64_t word = ((line.position >> 3) | 1) | std::uint64_t{64 | 5 << 20} << 32;  // never 0
    std::memcpy(out, &time, sizeof(time));
    body(out, id, px, qty);
    line.position += kRecordBytes;
    reinterpret_cast<std::atomic<std::uint64_t>*>(out + 8)->store(word, std::memory_order_release);
  }
};

double nanoseconds_per_tick() {
  timespec from{};
  timespec to{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &from);
  const std::uint64_t ticks = __rdtsc();
  do {
    clock_gettime(CLOCK_MONOTONIC_RAW, &to);
  } while (to.tv_sec - from.tv_sec < 1);
  const double ns = static_cast<double>(to.tv_sec - from.tv_sec) * 1e9 + static_cast<double>(to.tv_nsec - from.tv_nsec);
  return ns / static_cast<double>(__rdtsc() - ticks);
}

double quantile(std::vector<double>& values, double q) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

template <class Call> double warm_batch(Call call, double ns_per_tick) {
  std::vector<double> batches;
  for (int b = 0; b < kBatches; ++b) {
    const std::uint64_t from = __rdtsc();
    for (int i = 0; i < kCallsPerBatch; ++i) call(i);
    batches.push_back(static_cast<double>(__rdtsc() - from) * ns_per_tick / kCallsPerBatch);
  }
  return quantile(batches, 0.5);
}

struct Cold {
  double mean;  // the counter of some machines moves in steps of 10 ns and more: a mean sees below them
  double p50;
  double p99;
};

template <class Call> Cold cold_calls(Call call, std::size_t walk_bytes, double ns_per_tick) {
  std::vector<std::uint64_t> walk(walk_bytes / sizeof(std::uint64_t), 1);
  std::vector<double> calls;
  unsigned aux = 0;
  for (std::size_t i = 0; i < kWalkedBytes / walk_bytes; ++i) {
    std::uint64_t sum = 0;
    for (std::size_t w = 0; w < walk.size(); w += 8) sum += walk[w]++;
    asm volatile("" : : "r"(sum) : "memory");
    _mm_mfence();
    const std::uint64_t empty_from = __rdtscp(&aux);
    const std::uint64_t from = __rdtscp(&aux);
    call(static_cast<int>(i));
    const std::uint64_t to = __rdtscp(&aux);
    calls.push_back((static_cast<double>(to - from) - static_cast<double>(from - empty_from)) * ns_per_tick);
  }
  const double p99 = quantile(calls, 0.99);
  double sum = 0;
  std::size_t counted = 0;
  for (const double call_ns : calls) {  // interrupts are no property of the protocol
    if (call_ns > p99) continue;
    sum += call_ns;
    ++counted;
  }
  return {sum / static_cast<double>(counted), quantile(calls, 0.5), p99};
}

}  // namespace

int main() {
  std::byte* data = map_shared(kRingBytes + 4096);
  if (data == nullptr) {
    std::perror("commit_protocols: mapping the ring");
    return 4;
  }
  const double ns_per_tick = nanoseconds_per_tick();
  Line line;
  line.data = data + 4096;
  line.head = reinterpret_cast<std::atomic<std::uint64_t>*>(data + 256);
  const auto by_head = [&line](int i) { PublishByHead::log(line, i, 48.25, i); };
  const auto in_band = [&line](int i) { CommitInBand::log(line, i, 48.25, i); };
  const auto clock_only = [](int) {
    const std::uint64_t time = __rdtsc();
    asm volatile("" : : "r"(time));
  };
  std::printf(
      "| walk between calls | rdtsc | head: warm, cold mean, p50, p99 | in-band: warm, cold mean, p50, p99 "
      "|\n|---|---|---|---|\n");
  for (const std::size_t walk : kWalks) {
    for (int round = 0; round < kRounds; ++round) {
      const double clock = warm_batch(clock_only, ns_per_tick);
      const double head_warm = warm_batch(by_head, ns_per_tick);
      const double band_warm = warm_batch(in_band, ns_per_tick);
      const Cold head = cold_calls(by_head, walk, ns_per_tick);
      const Cold band = cold_calls(in_band, walk, ns_per_tick);
      std::printf("| %zu MiB | %.1f | %.1f, %.1f, %.0f, %.0f | %.1f, %.1f, %.0f, %.0f |\n", walk >> 20, clock,
                  head_warm, head.mean, head.p50, head.p99, band_warm, band.mean, band.p50, band.p99);
    }
  }
}
