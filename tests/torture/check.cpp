// SPDX-License-Identifier: Apache-2.0
// Compares what was decoded (JSON lines on stdin) with the witnesses of the producers. Prints one JSON object; ends
// with 1 when anything is wrong. Usage: lmlog-decode -o json ARCHIVE | torture-check WITNESS...
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "tests/torture/decoded_records.hpp"
#include "tests/torture/witness.hpp"

namespace {

using lmlog::torture::kSlots;
using lmlog::torture::TortureRecord;
using lmlog::torture::Witness;

struct Thread {
  std::uint64_t last = 0;
  std::uint64_t found = 0;
  std::vector<bool> seen;
};

struct Producer {
  const Witness* witness = nullptr;
  std::vector<Thread> threads{kSlots};
  std::uint64_t counted_lost = 0;
};

struct Verdict {
  std::uint64_t records = 0;
  std::uint64_t committed = 0;
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t invented = 0;
  std::uint64_t disordered = 0;
  std::uint64_t wrong_checks = 0;
  std::uint64_t wrong_sums = 0;  // of processes that may drop
  std::uint64_t counted_lost = 0;

  [[nodiscard]] bool good() const {
    return lost + doubled + invented + disordered + wrong_checks + wrong_sums == 0 && records != 0;
  }
};

const Witness* open_witness(const char* path) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  struct stat info {};
  if (::fstat(file, &info) != 0 ||
      info.st_size < static_cast<off_t>(sizeof(Witness))) {  // killed while it made the file
    ::close(file);
    return nullptr;
  }
  void* const memory = ::mmap(nullptr, sizeof(Witness), PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  const auto* witness = memory == MAP_FAILED ? nullptr : static_cast<const Witness*>(memory);
  return witness != nullptr && witness->magic == lmlog::torture::kWitnessMagic ? witness : nullptr;
}

void take(const TortureRecord& record, std::map<std::uint32_t, Producer>& producers, Verdict& verdict) {
  ++verdict.records;
  const auto found = producers.find(record.producer);
  const bool is_known = found != producers.end() && record.thread < kSlots &&
                        record.sequence <= found->second.witness->slots[record.thread].begun && record.sequence != 0;
  if (!is_known) {
    ++verdict.invented;
    return;
  }
  if (record.check != lmlog::torture::record_check(record.producer, record.thread, record.sequence, record.payload))
    ++verdict.wrong_checks;
  Thread& thread = found->second.threads[record.thread];
  if (thread.seen.size() <= record.sequence) thread.seen.resize(record.sequence + 1);
  if (thread.seen[record.sequence]) {
    ++verdict.doubled;
    return;
  }
  thread.seen[record.sequence] = true;
  ++thread.found;
  if (record.sequence < thread.last) ++verdict.disordered;
  thread.last = record.sequence;
}

void sum_up(const Producer& producer, Verdict& verdict) {
  std::uint64_t found = 0;
  std::uint64_t done = 0;
  std::uint64_t begun = 0;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const auto& slot = producer.witness->slots[i];
    const Thread& thread = producer.threads[i];
    found += thread.found;
    done += slot.done;
    begun += slot.begun;
    if (producer.witness->drops != 0) continue;
    for (std::uint64_t sequence = 1; sequence <= slot.done; ++sequence) {
      if (sequence >= thread.seen.size() || !thread.seen[sequence]) ++verdict.lost;
    }
  }
  verdict.committed += done;
  verdict.counted_lost += producer.counted_lost;
  const std::uint64_t sum = found + producer.counted_lost;
  if (producer.witness->drops != 0 && (sum < done || sum > begun)) {
    ++verdict.wrong_sums;
    std::fprintf(stderr, "producer %u: %llu stored + %llu lost, but %llu to %llu calls\n", producer.witness->producer,
                 static_cast<unsigned long long>(found), static_cast<unsigned long long>(producer.counted_lost),
                 static_cast<unsigned long long>(done), static_cast<unsigned long long>(begun));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: torture-check WITNESS... < LINES\n");
    return 2;
  }
  std::map<std::uint32_t, Producer> producers;
  std::map<std::uint32_t, Producer*> by_pid;
  for (int i = 1; i < argc; ++i) {
    const Witness* const witness = open_witness(argv[i]);
    if (witness == nullptr) continue;  // killed before it had one: it logged nothing
    Producer& producer = producers[witness->producer];
    producer.witness = witness;
    by_pid[witness->pid] = &producer;
  }
  Verdict verdict;
  try {
    lmlog::torture::read_decoded(
        stdin, [&](const TortureRecord& record) { take(record, producers, verdict); },
        [&](std::uint32_t pid, std::uint64_t count) {
          if (const auto found = by_pid.find(pid); found != by_pid.end()) found->second->counted_lost += count;
        });
  } catch (const std::exception& error) {
    std::fprintf(stderr, "torture-check: %s\n", error.what());
    return 3;
  }
  for (const auto& [number, producer] : producers) sum_up(producer, verdict);
  std::printf(
      "{\"producers\":%zu,\"committed\":%llu,\"records\":%llu,\"counted_lost\":%llu,\"lost\":%llu,\"doubled\":%llu,"
      "\"invented\":%llu,\"disordered\":%llu,\"wrong_checks\":%llu,\"wrong_sums\":%llu}\n",
      producers.size(), static_cast<unsigned long long>(verdict.committed),
      static_cast<unsigned long long>(verdict.records), static_cast<unsigned long long>(verdict.counted_lost),
      static_cast<unsigned long long>(verdict.lost), static_cast<unsigned long long>(verdict.doubled),
      static_cast<unsigned long long>(verdict.invented), static_cast<unsigned long long>(verdict.disordered),
      static_cast<unsigned long long>(verdict.wrong_checks), static_cast<unsigned long long>(verdict.wrong_sums));
  return verdict.good() ? 0 : 1;
}
