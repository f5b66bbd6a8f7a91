// SPDX-License-Identifier: Apache-2.0
// The one walk over the records of a pending block: the block's own columns, its statements and sites, its time ranges
// and losses, and where the records of each (site, run) lie.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "formats/src/pending_block.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/ticks.hpp"

namespace lmlog::formats {

/// How the arguments of a site's records lie. A record kind is one string without a length word.
struct SiteShape {
  std::uint64_t hash = 0;
  std::uint8_t level = kNoLevel;
  std::vector<std::uint8_t> tags;
  std::uint64_t fixed_bytes = 0;
  std::uint32_t variable_arguments = 0;

  [[nodiscard]] bool is_kind() const noexcept { return level == kNoLevel; }
};

/// The records of one (site, run): `count` entries of `RecordWalk::order` from `begin` on.
struct SiteRun {
  std::uint32_t site = 0;
  std::uint32_t run = 0;
  std::uint64_t count = 0;
  std::uint64_t begin = 0;
  bool keyed = false;  // has columns of its own
};

/// Not thread-safe. Keeps its memory from block to block.
class RecordWalk {
 public:
  /// Malformed records (arguments beyond their end) are repaired in a copy behind `block.bytes`: nothing behind this
  /// walk checks a length again. Fills records and losses of the runs.
  void walk(PendingBlock& block, std::span<const BlockSession> sessions, std::uint64_t keyed_records);

  /// The block's own columns, in order of records. Gaps and slacks are empty when all are zero.
  [[nodiscard]] const std::vector<std::uint64_t>& statement_column() const noexcept { return statement_column_; }
  [[nodiscard]] const std::vector<std::uint64_t>& times() const noexcept { return times_; }
  [[nodiscard]] const std::vector<std::uint64_t>& gaps() const noexcept { return gaps_; }
  [[nodiscard]] const std::vector<std::uint64_t>& slacks() const noexcept { return slacks_; }

  [[nodiscard]] const std::vector<SiteShape>& sites() const noexcept { return sites_; }
  [[nodiscard]] const std::vector<BlockStatement>& statements() const noexcept { return statements_; }
  [[nodiscard]] const std::vector<std::uint64_t>& site_records() const noexcept { return site_records_; }
  [[nodiscard]] const TimeRanges& ranges() const noexcept { return ranges_; }

  /// Sorted by site; of one site the keyed ones first, then by run: the rest of a site lies together, in block order.
  [[nodiscard]] const std::vector<SiteRun>& site_runs() const noexcept { return site_runs_; }
  /// Offsets of records in `block.bytes`, divided by 8, in the order of `site_runs()`.
  [[nodiscard]] const std::vector<std::uint32_t>& order() const noexcept { return order_; }

 private:
  struct KnownStatement {
    std::uint32_t index = 0;  // in statements_, plus 1; 0: not seen yet
    std::uint32_t site = 0;
    std::uint32_t variable_arguments = 0;
    std::uint64_t fixed_bytes = 0;
    std::uint64_t fixed_length = 0;  // of its records, where all have the same; else 0
  };

  void clear(const PendingBlock& block);
  void walk_run(const PendingBlock& block, BlockRun& run, const std::vector<PendingPiece>& pieces,
                const TickConverter& converter);
  /// Length that the arguments need. A malformed record is repaired, and `offset` then that of the copy.
  [[nodiscard]] std::uint64_t needed_length(const KnownStatement& statement, const RecordView& record,
                                            std::size_t& offset);
  [[nodiscard]] std::size_t repair(const KnownStatement& statement, const RecordView& record);
  [[nodiscard]] const KnownStatement* statement_of(const SessionCatalog& session, std::uint32_t session_index,
                                                   std::uint32_t id);
  [[nodiscard]] std::uint32_t site_of(std::uint64_t hash, std::uint8_t level, std::vector<std::uint8_t> tags);
  void close_run(std::uint32_t run_index);
  void arrange(std::uint64_t keyed_records);

  std::vector<std::uint64_t> statement_column_;
  std::vector<std::uint64_t> times_;
  std::vector<std::uint64_t> gaps_;
  std::vector<std::uint64_t> slacks_;
  std::vector<std::uint32_t> offsets_;  // of the records, divided by 8, in block order
  std::vector<std::uint32_t> order_;
  std::vector<SiteShape> sites_;
  std::vector<BlockStatement> statements_;
  std::vector<std::uint64_t> site_records_;
  std::vector<std::uint64_t> run_begin_;  // index of each run's first record, and the end
  std::vector<std::uint64_t> in_run_;     // by site: records of the run that is walked; then a cursor into order_
  std::vector<std::uint32_t> sites_in_run_;
  std::vector<SiteRun> site_runs_;
  std::vector<std::vector<KnownStatement>> known_;  // by session, by id
  std::unordered_multimap<std::uint64_t, std::uint32_t> sites_by_hash_;
  std::vector<char> repaired_;       // copies of malformed records, moved behind block.bytes at the end
  std::size_t repaired_offset_ = 0;  // where they will be
  TimeRanges ranges_;
};

}  // namespace lmlog::formats
