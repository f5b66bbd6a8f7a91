// SPDX-License-Identifier: Apache-2.0
// What the status shows of a tier: its size, and the records that people wrote.
#pragma once

#include <cstdint>

#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/segment_layout.hpp>

namespace lmlog::collector {

struct TierCounts {
  std::uint64_t bytes = 0;
  std::uint64_t segments = 0;
  std::uint64_t records = 0;  // of statements

  TierCounts& operator+=(const TierCounts& other) noexcept {
    bytes += other.bytes;
    segments += other.segments;
    records += other.records;
    return *this;
  }
};

/// The block's records of statements: threads, clocks and losses are records too, but nobody's log call.
[[nodiscard]] inline std::uint64_t statement_records(const formats::BlockSummary& block) noexcept {
  std::uint64_t sum = 0;
  for (const auto& [hash, records] : block.sites) {
    if (hash >= formats::kFirstStatementId) sum += records;
  }
  return sum;
}

}  // namespace lmlog::collector
