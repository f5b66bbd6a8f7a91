// SPDX-License-Identifier: Apache-2.0
// What a torture producer leaves beside its rings, in a file of its own that outlives it: how far each of its threads
// came. The driver makes and maps the file, so that it can see who has committed something.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace lmlog::torture {

inline constexpr std::size_t kSlots = 64;

/// One thread's life. `begun` is stored before the log call with that sequence number, `done` after it: records up to
/// `done` were committed or counted as lost, the one of `begun` may have been.
struct alignas(64) WitnessSlot {
  std::atomic<std::uint64_t> begun;
  std::atomic<std::uint64_t> done;
  std::atomic<std::uint32_t> tid;
};

/// What the check may expect of a process.
struct Promises {
  std::uint32_t producer = 0;     // its number
  bool may_lose = false;          // counted: policy, time-out, or rings that cannot be had
  bool is_hostile = false;        // spoils its own ring in the end: what it committed before is delivered all the same
  bool time_is_identity = false;  // clock user_ns: each record's time is time_of(slot, sequence)
};

struct Witness {
  Promises promises;
  std::atomic<std::uint32_t> pid;  // 0: nobody logs here
  std::atomic<std::uint32_t> next_slot;
  std::atomic<std::uint32_t> has_ended;  // by itself: who was forked by a producer has nobody else to say so
  alignas(64) WitnessSlot slots[kSlots];

  [[nodiscard]] bool has_committed() const noexcept {
    for (const auto& slot : slots) {
      if (slot.done.load(std::memory_order_relaxed) != 0) return true;
    }
    return false;
  }
};

/// Some thread is inside a log call.
[[nodiscard]] inline bool is_logging(const Witness& witness) noexcept {
  for (const auto& slot : witness.slots) {
    const std::uint64_t done = slot.done.load(std::memory_order_relaxed);
    if (slot.begun.load(std::memory_order_relaxed) > done) return true;
  }
  return false;
}

static_assert(sizeof(WitnessSlot) == 64 && sizeof(Witness) == 64 + kSlots * 64);

/// The name that a thread gives itself: by it, and its tid, a record must be attributed.
[[nodiscard]] inline std::string thread_name(std::uint32_t slot) { return "slot-" + std::to_string(slot); }

inline constexpr std::uint64_t kTimeBase = 1'700'000'000'000'000'000;

/// Identifies a record that carries nothing but its time.
[[nodiscard]] constexpr std::uint64_t time_of(std::uint32_t slot, std::uint64_t sequence) noexcept {
  return kTimeBase + (std::uint64_t{slot} << 32) + sequence;
}

/// Ties a record's parts together: none of them, and no byte of its text, can be of another record.
[[nodiscard]] inline std::uint64_t record_check(std::uint32_t producer, std::uint32_t slot, std::uint64_t sequence,
                                                std::string_view text) noexcept {
  std::uint64_t h = 14695981039346656037ULL ^ (std::uint64_t{producer} << 32 | slot);
  const auto mix = [&h](std::uint64_t word) {
    h = (h ^ word) * 0xff51afd7ed558ccdULL;
    h ^= h >> 32;
  };
  mix(sequence);
  mix(text.size());
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), sizeof(word));
    mix(word);
    text.remove_prefix(sizeof(word));
  }
  for (const char c : text) mix(static_cast<unsigned char>(c));
  return h;
}

}  // namespace lmlog::torture
