// SPDX-License-Identifier: Apache-2.0
// Sums up block indexes and, where those do not say enough, records.
#include "decoder/sites/site_table.hpp"

#include <algorithm>
#include <unordered_map>

#include "decoder/read/block_cursor.hpp"
#include "decoder/sites/type_name.hpp"

namespace lmlog::decoder {
namespace {

constexpr std::size_t kFillBytes = 256 << 10;

class Counter {
 public:
  Counter(Archive& archive, const RecordFilter& filter, Report& report)
      : segments_(archive.segments()), raw_(archive.raw_rings()), filter_(filter), report_(report) {}

  [[nodiscard]] std::vector<SiteRow> run() {
    for (const BlockRef& block : blocks_by_segment()) count_block(block);
    for (const RawRing& ring : raw_) {
      if (!filter_.wants_service(ring.ring->session->service())) continue;
      RawCursor cursor(ring, filter_, report_);
      count_rows(cursor);
    }
    std::vector<SiteRow> out;
    for (auto& [key, row] : rows_)
      if (row.records != 0) out.push_back(std::move(row));
    std::sort(out.begin(), out.end(), [](const SiteRow& a, const SiteRow& b) {
      return std::tie(b.records, a.service, a.format, a.hash) < std::tie(a.records, b.service, b.format, b.hash);
    });
    return out;
  }

 private:
  /// Segment by segment, so that each is opened once.
  [[nodiscard]] std::vector<BlockRef> blocks_by_segment() const {
    auto blocks = segments_.blocks(filter_);
    std::sort(blocks.begin(), blocks.end(),
              [](const auto& a, const auto& b) { return std::tie(a.segment, a.block) < std::tie(b.segment, b.block); });
    return blocks;
  }

  void count_block(const BlockRef& ref) {
    const auto segment = segments_.open(ref.segment);
    if (!segment) return;
    if (segment_ != ref.segment) learn_statements(ref.segment, *segment);
    const auto& summary = segment->reader.blocks()[ref.block];
    if (filter_.wants_time(summary.ranges.min_time) && filter_.wants_time(summary.ranges.max_time)) {
      for (const auto& [hash, records] : summary.sites) {
        const auto found = rows_.find({service_, hash});
        if (found != rows_.end() && filter_.wants_level(found->second.level)) found->second.records += records;
      }
      return;
    }
    const auto block = DecodedBlock::read(segment, ref.block);
    if (!block) return report_.error(segment->source->path(), block.error());
    BlockCache cache(segments_, report_, 0);  // keeps the last one: all runs of the block are read here
    for (std::uint32_t run = 0; run < (*block)->directory.runs.size(); ++run) {
      BlockCursor cursor(cache, filter_, report_, ref, **block, run);
      count_rows(cursor);
    }
  }

  /// What the index calls a hash has its level, its text and its places in the catalog.
  void learn_statements(std::uint32_t number, const OpenSegment& segment) {
    segment_ = number;
    service_ = segment.reader.header().service;
    for (const auto& catalog : segment.reader.sessions()) {
      for (std::uint32_t id = formats::kFirstStatementId; id < catalog->id_limit(); ++id)
        if (const auto* statement = catalog->find(id)) (void)row_of(service_, *statement);
    }
  }

  SiteRow& row_of(const std::string& service, const formats::Statement& statement) {
    SiteRow& row = rows_[{service, statement.site_hash}];
    if (row.places.empty()) {
      row.service = service;
      row.hash = statement.site_hash;
      row.level = statement.level;
      row.format = statement.format;
      for (const auto& argument : statement.arguments) row.arguments.push_back({argument.name, type_name(argument)});
    }
    if (row.places.size() < kMaxPlaces) row.places.insert({statement.file, statement.line, statement.function});
    return row;
  }

  void count_rows(RunCursor& cursor) {
    std::unordered_map<const StatementRef*, std::uint64_t> counts;
    while (cursor.fill(batch_, kFillBytes)) {
      // References live as long as the batch's ring does: count before the next filling.
      for (const Row& row : batch_.rows)
        if (!row.statement->is_loss) ++counts[row.statement];
      for (const auto& [reference, count] : counts)
        row_of(std::string(reference->session->service()), *reference->statement).records += count;
      counts.clear();
    }
  }

  /// Of one site; a template that is used in more places is known well enough.
  static constexpr std::size_t kMaxPlaces = 64;

  SegmentIndex& segments_;
  const std::vector<RawRing>& raw_;
  const RecordFilter& filter_;
  Report& report_;
  std::uint32_t segment_ = ~std::uint32_t{0};
  std::string service_;
  std::map<std::pair<std::string, std::uint64_t>, SiteRow> rows_;
  RowBatch batch_;
};

}  // namespace

std::vector<SiteRow> count_sites(Archive& archive, const RecordFilter& filter, Report& report) {
  return Counter(archive, filter, report).run();
}

}  // namespace lmlog::decoder
