// SPDX-License-Identifier: Apache-2.0
// Decoded blocks by use: within a bound of memory they are kept, past it the longest unused are decoded again when
// they are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "decoder/read/decoded_block.hpp"
#include "decoder/read/report.hpp"
#include "decoder/read/segment_index.hpp"

namespace lmlog::decoder {

/// Not thread-safe.
class BlockCache {
 public:
  BlockCache(SegmentIndex& segments, Report& report, std::size_t bound_bytes)
      : segments_(&segments), report_(&report), bound_bytes_(bound_bytes) {}

  /// Null when the block cannot be used; that is reported once.
  [[nodiscard]] std::shared_ptr<const DecodedBlock> get(const BlockRef& block);

  /// How often a block was decoded more than once: what a small bound costs.
  [[nodiscard]] std::uint64_t decoded() const noexcept { return decoded_; }

 private:
  struct Kept {
    std::uint64_t key;
    std::size_t bytes;
    std::shared_ptr<const DecodedBlock> block;
  };

  SegmentIndex* segments_;
  Report* report_;
  std::size_t bound_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t decoded_ = 0;
  std::list<Kept> kept_;  // latest use first
  std::unordered_map<std::uint64_t, std::list<Kept>::iterator> by_key_;
  std::unordered_set<std::uint64_t> unusable_;
};

}  // namespace lmlog::decoder
