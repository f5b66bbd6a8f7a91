// SPDX-License-Identifier: Apache-2.0
// What a torture producer leaves beside its rings, in a file of its own that outlives it: how far each of its threads
// came.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lmlog::torture {

inline constexpr std::size_t kSlots = 4096;
inline constexpr std::uint64_t kWitnessMagic = 0x53534E5449574D4CULL;

/// One thread. `begun` is stored before the log call with that sequence number, `done` after it: records up to `done`
/// were committed (or counted as lost), the one of `begun` may have been.
struct alignas(64) WitnessSlot {
  std::atomic<std::uint64_t> begun;
  std::atomic<std::uint64_t> done;
};

struct Witness {
  std::uint64_t magic;
  std::uint32_t producer;
  std::uint32_t pid;
  std::uint32_t drops;  // policy: 1 drop, 0 block
  std::uint32_t reserved[11];
  WitnessSlot slots[kSlots];
};

static_assert(sizeof(WitnessSlot) == 64 && sizeof(Witness) == 64 + kSlots * 64);

/// Ties a record's parts together: none of them can be of another record.
[[nodiscard]] constexpr std::uint64_t record_check(std::uint32_t producer, std::uint32_t thread, std::uint64_t sequence,
                                                   std::string_view text) noexcept {
  std::uint64_t h = 14695981039346656037ULL ^ (std::uint64_t{producer} << 32 | thread);
  h = (h ^ sequence) * 0xff51afd7ed558ccdULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return h ^ h >> 29;
}

}  // namespace lmlog::torture
