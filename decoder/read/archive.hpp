// SPDX-License-Identifier: Apache-2.0
// Everything that the paths of a command line hold, as of now: each record once, whether it is in a segment, in the
// journal or still in a ring. Implements the reading side of exactly-once delivery.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "decoder/read/inputs.hpp"
#include "decoder/read/journal_index.hpp"
#include "decoder/read/raw_cursor.hpp"
#include "decoder/read/report.hpp"
#include "decoder/read/segment_index.hpp"

namespace lmlog::decoder {

/// Not thread-safe. Borrows the report.
class Archive {
 public:
  Archive(const std::vector<std::string>& paths, Report& report);

  [[nodiscard]] SegmentIndex& segments() noexcept { return segments_; }
  /// What is not in a block, ring by ring.
  [[nodiscard]] const std::vector<RawRing>& raw_rings() const noexcept { return raw_rings_; }

 private:
  void add_snapshot(const SessionSnapshot& snapshot);
  void add_ring(const SessionSnapshot& snapshot, const RingSnapshot& ring);
  void add_losses_without_ring(const SessionSnapshot& snapshot);
  void finish_raw_rings();

  /// Copies of rings up to this size are kept in memory.
  static constexpr std::size_t kSnapshotMemory = 16 << 20;

  Report* report_;
  SegmentIndex segments_;
  RawIndex raw_;
  std::shared_ptr<SnapshotStore> store_;
  std::vector<RawRing> raw_rings_;
};

}  // namespace lmlog::decoder
