// SPDX-License-Identifier: Apache-2.0
// Rows of one run of a block. Between two fillings it holds no decoded data, so that any number of cursors can wait.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "decoder/query/record_filter.hpp"
#include "decoder/read/block_cache.hpp"
#include "decoder/read/row_maker.hpp"
#include "decoder/read/run_cursor.hpp"

namespace lmlog::decoder {

class BlockCursor final : public RunCursor {
 public:
  /// `decoded` is the block that `block` names; cache, filter and report are borrowed.
  BlockCursor(BlockCache& cache, const RecordFilter& filter, Report& report, const BlockRef& block,
              const DecodedBlock& decoded, std::uint32_t run);

  [[nodiscard]] bool fill(RowBatch& batch, std::size_t budget) override;

 private:
  /// Takes ring and session from the block as it is decoded now: after it was decoded anew they may be others.
  void adopt(const DecodedBlock& block);
  void add_kind(RowBatch& batch, const DecodedBlock& block, std::uint64_t record);

  BlockCache* cache_;
  const RecordFilter* filter_;
  Report* report_;
  BlockRef block_;
  std::uint32_t run_;
  std::uint64_t next_;  // record of the block
  std::uint64_t end_;
  std::shared_ptr<const RingIdentity> ring_;  // keeps the segment alive that rows point to
  std::optional<RowMaker> rows_;              // from the first filling on: waiting cursors stay small
  std::string loss_bytes_;
  bool said_malformed_ = false;  // that a record of this run is
};

}  // namespace lmlog::decoder
