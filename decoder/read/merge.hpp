// SPDX-License-Identifier: Apache-2.0
// All records that a filter wants, in one order: by sort key; ties by session start, ring, position; and within a ring
// always by position. Memory is bounded however much there is and however the time ranges overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "decoder/query/record_filter.hpp"
#include "decoder/read/archive.hpp"
#include "decoder/read/block_cache.hpp"
#include "decoder/read/row_batch.hpp"
#include "decoder/read/run_cursor.hpp"

namespace lmlog::decoder {

struct MergeBounds {
  std::size_t block_bytes = 40 << 20;  // decoded blocks that are kept
  std::size_t row_bytes = 16 << 20;    // rows that wait in all lanes together
};

/// Not thread-safe. Borrows archive, filter and report.
class Merge {
 public:
  Merge(Archive& archive, const RecordFilter& filter, Report& report, MergeBounds bounds = {});
  ~Merge();
  Merge(const Merge&) = delete;
  Merge& operator=(const Merge&) = delete;

  /// The next record; it stays valid until the next call. False at the end.
  [[nodiscard]] bool next(Record& out);

  /// Blocks decoded so far: more than there are when the bounds made some come twice.
  [[nodiscard]] std::uint64_t blocks_decoded() const noexcept { return cache_.decoded(); }

 private:
  /// A stretch of a ring that waits or is being read.
  struct Run {
    std::uint64_t from = 0;
    bool is_raw = false;  // of two at one position the raw one comes behind the block's
    std::unique_ptr<RunCursor> cursor;
    RowBatch batch;
    std::size_t at = 0;
  };
  /// One ring: its runs by position; only the first one is read.
  struct Lane {
    RingKey key;
    std::int64_t session_start = 0;
    std::vector<Run> runs;  // the first one is last: taken off cheaply
    [[nodiscard]] const Row& row() const noexcept { return runs.back().batch.rows[runs.back().at]; }
  };
  struct Entry {
    std::uint64_t key = 0;  // that of the lane's row
    Lane* lane = nullptr;
  };

  void open_block(const BlockRef& block);
  void open_due_blocks();
  void add_run(const RingKey& key, const Session& session, std::uint64_t from, bool is_raw,
               std::unique_ptr<RunCursor> cursor);
  /// Makes the lane's row the next one there is. False when the lane is empty.
  [[nodiscard]] bool settle(Lane& lane);
  [[nodiscard]] std::size_t fill_budget() const noexcept;

  [[nodiscard]] static bool before(const Entry& a, const Entry& b) noexcept;
  void rebuild_heap();
  void sift_down(std::size_t at) noexcept;

  const RecordFilter* filter_;
  Report* report_;
  MergeBounds bounds_;
  BlockCache cache_;
  std::vector<BlockRef> blocks_;  // by smallest key
  std::size_t next_block_ = 0;
  std::unordered_map<RingKey, std::unique_ptr<Lane>, RingKeyHash> lanes_;
  std::vector<Lane*> unsettled_;  // got runs since the heap was built
  std::vector<Entry> heap_;       // smallest first
  bool has_current_ = false;      // the heap's first row was given out
};

}  // namespace lmlog::decoder
