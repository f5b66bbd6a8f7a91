// SPDX-License-Identifier: Apache-2.0
// Verification of one block: decodes every column, and walks the records as a reader does.
#include "formats/src/block_verifier.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "formats/src/run_times.hpp"
#include "lmlog/formats/record.hpp"

namespace lmlog::formats {
namespace {

/// The argument columns of a (site, run), or of a site's other runs.
struct ColumnSet {
  std::vector<std::uint64_t> argument_bytes;  // of each record; empty without arguments
  std::vector<std::string_view> bodies;       // of records that are no statements
  std::shared_ptr<const std::string> storage;
  std::uint64_t values = 0;
  std::uint64_t used = 0;
  bool readable = true;
};

class BlockVerifier {
 public:
  BlockVerifier(BlockReader& block, const SegmentCatalog& catalog)
      : block_(&block), directory_(&block.directory()), catalog_(&catalog) {}

  Result<std::vector<std::string>> run() {
    if (auto status = load_block_columns(); !status) return status.error();
    if (auto status = load_sets(); !status) return status.error();
    check_statements();
    if (!block_columns_readable_ || !problems_.empty()) return std::move(problems_);
    walk();
    return std::move(problems_);
  }

 private:
  void problem(std::string text) {
    if (problems_.size() < kMaxProblems) problems_.push_back(std::move(text));
  }

  /// False without an error: the encoding is not known.
  Result<bool> read(std::size_t index, Column& out) {
    auto status = block_->read_column(index, out);
    if (status) return true;
    if (status.error().code == ErrorCode::unsupported) return false;
    return status.error();
  }

  Status load_block_columns() {
    if (directory_->records == 0) return Done{};
    Column* const columns[] = {&statement_, &time_, &gap_, &slack_};
    for (std::uint32_t i = 0; i < 4; ++i) {
      const auto got = read(*block_->find_column(0, 0, i), *columns[i]);
      if (!got) return got.error();
      block_columns_readable_ = block_columns_readable_ && *got;
    }
    return Done{};
  }

  static std::uint64_t key(std::uint32_t site, std::uint32_t run) { return std::uint64_t{site} << 32 | run; }

  Status load_sets() {
    Column column;
    for (std::size_t i = 0; i < directory_->columns.size(); ++i) {
      const ColumnEntry& entry = directory_->columns[i];
      if (entry.site == 0) continue;
      const bool is_kind = directory_->sites[entry.site - 1].level == kNoLevel;
      ColumnSet& set = sets_[key(entry.site, entry.run)];
      set.values = entry.values;
      set.argument_bytes.resize(static_cast<std::size_t>(entry.values));
      const auto got = read(i, column);
      if (!got) return got.error();
      set.readable = set.readable && *got;
      if (!*got) continue;
      const auto width = static_cast<std::uint64_t>(fixed_size(column.type));
      for (std::size_t v = 0; v < set.argument_bytes.size(); ++v)
        set.argument_bytes[v] += width != 0 ? width : column.strings[v].size() + (is_kind ? 0 : sizeof(std::uint32_t));
      if (is_kind && width == 0) {
        set.bodies = column.strings;
        set.storage = column.storage;
      }
    }
    return Done{};
  }

  void check_statements() {
    std::uint8_t levels = 0;
    for (const BlockSite& site : directory_->sites) {
      if (site.level != kNoLevel && site.records != 0) levels = static_cast<std::uint8_t>(levels | 1u << site.level);
    }
    if (levels != directory_->levels) problem("the levels of a block are not those of its sites");
    for (const BlockStatement& listed : directory_->statements) {
      if (listed.id < kFirstStatementId) {
        check_types(listed.site, {static_cast<std::uint8_t>(ArgType::string)});
        continue;
      }
      const std::uint32_t number = directory_->sessions[listed.session].number;
      const SessionCatalog* session = number < catalog_->size() ? (*catalog_)[number].get() : nullptr;
      const Statement* statement = session == nullptr ? nullptr : session->find(listed.id);
      const BlockSite& site = directory_->sites[listed.site];
      if (statement == nullptr) {
        problem("statement " + std::to_string(listed.id) + " of a block is not in the catalog before it");
      } else if (statement->site_hash != site.hash || static_cast<std::uint8_t>(statement->level) != site.level) {
        problem("statement " + std::to_string(listed.id) + " of a block is of another site in the catalog");
      } else {
        std::vector<std::uint8_t> tags;
        for (const Argument& argument : statement->arguments) tags.push_back(argument.tag);
        check_types(listed.site, tags);
      }
    }
  }

  /// All sets of a site have the same types (block_checks.hpp): one is looked at.
  void check_types(std::uint32_t site, const std::vector<std::uint8_t>& tags) {
    if (directory_->sites[site].records == 0) return;
    std::uint32_t run = 0;
    while (run <= directory_->runs.size() && !block_->find_column(site + 1, run, 0)) ++run;
    bool same = true;
    for (std::uint32_t i = 0; i < tags.size(); ++i) {
      const auto column = block_->find_column(site + 1, run, i);
      same = same && column && directory_->columns[*column].type == tags[i];
    }
    same = same && !block_->find_column(site + 1, run, static_cast<std::uint32_t>(tags.size()));
    if (!same) problem("the columns of a site are not of the types that the catalog says");
  }

  ColumnSet* set_of(std::uint32_t site, std::uint32_t run) {
    const auto own = sets_.find(key(site + 1, run + 1));
    if (own != sets_.end()) return &own->second;
    const auto shared = sets_.find(key(site + 1, 0));
    return shared == sets_.end() ? nullptr : &shared->second;
  }

  void walk() {
    TimeRanges ranges;
    std::size_t record = 0;
    std::vector<std::uint64_t> site_records(directory_->sites.size());
    for (std::uint32_t i = 0; i < directory_->runs.size(); ++i) {
      const BlockRun& run = directory_->runs[i];
      const BlockSession& session = directory_->sessions[run.session];
      const SessionCatalog* known = session.number < catalog_->size() ? (*catalog_)[session.number].get() : nullptr;
      if (known == nullptr) {
        problem("a session of a block is not in the catalog before it");
        return;
      }
      const TickConverter converter(session.anchors, known->descriptor().tsc_hz);
      RunTimes times(run.begin_state, known->descriptor().clock, converter);
      if (!walk_run(i, record, times, site_records)) return;
      ranges.add(times.finish());
      record += static_cast<std::size_t>(run.records);
    }
    for (std::size_t i = 0; i < site_records.size(); ++i) {
      if (site_records[i] != directory_->sites[i].records) problem("a site's number of records is wrong");
    }
    for (const auto& [where, set] : sets_) {
      if (set.used != set.values) problem("a column has values that belong to no record");
    }
    if (ranges != directory_->ranges) problem("the time ranges of a block are not those of its records");
  }

  bool walk_run(std::uint32_t index, std::size_t record, RunTimes& times, std::vector<std::uint64_t>& site_records) {
    const BlockRun& run = directory_->runs[index];
    std::uint64_t position = run.from;
    bool positions_known = !run.made_by_collector;
    LossCounts counts = run.begin_state.losses;
    LossCounts reported{};
    std::uint64_t statements = 0;
    for (const std::size_t end = record + static_cast<std::size_t>(run.records); record < end; ++record) {
      const std::uint64_t which = statement_.numbers[record];
      if (which >= directory_->statements.size() || directory_->statements[which].session != run.session) {
        problem("a record is of no statement of its session");
        return false;
      }
      const BlockStatement& statement = directory_->statements[which];
      ++site_records[statement.site];
      statements += statement.id >= kFirstStatementId ? 1 : 0;
      ColumnSet* set = set_of(statement.site, index);
      if (set != nullptr && set->used == set->values) {
        problem("a record has no value in a column of its site");
        return false;
      }
      const std::size_t value = set == nullptr ? 0 : static_cast<std::size_t>(set->used++);
      const bool readable = set == nullptr || set->readable;
      positions_known = positions_known && readable;
      const std::uint64_t bytes = set == nullptr || !readable ? 0 : set->argument_bytes[value];
      const std::uint64_t length = record_length(bytes) + slack_.numbers[record];
      if (positions_known &&
          (gap_.numbers[record] % 8 != 0 || gap_.numbers[record] > run.to - position || length % 8 != 0 ||
           length < kRecordHeaderBytes || length > run.to - position - gap_.numbers[record])) {
        problem("the records of a run do not fit between its positions");
        return false;
      }
      if (run.made_by_collector && (gap_.numbers[record] != 0 || slack_.numbers[record] != 0))
        problem("a record that the collector made takes bytes of the ring");
      position += gap_.numbers[record] + length;
      std::string_view body;
      if (set != nullptr && statement.id < kFirstStatementId && readable) body = set->bodies[value];
      const auto body_bytes = std::as_bytes(std::span(body.data(), body.size()));
      if (statement.id == static_cast<std::uint32_t>(RecordKind::clock)) {
        times.add_clock(time_.numbers[record], body_bytes);
      } else {
        times.add(time_.numbers[record]);
      }
      if (statement.id != static_cast<std::uint32_t>(RecordKind::loss)) continue;
      LossCounts before = counts;
      if (!parse_losses(body_bytes, counts)) continue;
      for (std::size_t i = 0; i < counts.size(); ++i) reported[i] += counts[i] > before[i] ? counts[i] - before[i] : 0;
    }
    LossList losses;
    for (std::uint32_t i = 0; i < reported.size(); ++i) {
      if (reported[i] != 0) losses.emplace_back(i, reported[i]);
    }
    if (losses != run.losses) problem("the losses of a run are not those of its loss records");
    if (run.end_state.index - run.begin_state.index != statements)
      problem("the states around a run count another number of statements");
    return true;
  }

  static constexpr std::size_t kMaxProblems = 8;  // of one block: the rest would say the same

  BlockReader* block_;
  const BlockDirectory* directory_;
  const SegmentCatalog* catalog_;
  Column statement_, time_, gap_, slack_;
  bool block_columns_readable_ = true;
  std::unordered_map<std::uint64_t, ColumnSet> sets_;
  std::vector<std::string> problems_;
};

}  // namespace

Result<std::vector<std::string>> verify_block(BlockReader& block, const SegmentCatalog& catalog) {
  return BlockVerifier(block, catalog).run();
}

}  // namespace lmlog::formats
