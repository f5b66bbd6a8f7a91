// SPDX-License-Identifier: Apache-2.0
// Checks of a directory's parts against each other.
#include "formats/src/block_checks.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "lmlog/formats/ring_layout.hpp"

namespace lmlog::formats {
namespace {

const char* problem_of_frames(const BlockDirectory& d) {
  std::uint64_t sum = 0;
  std::uint64_t inflated = 0;
  for (const FrameEntry& frame : d.frames) {
    if (frame.inflated_bytes > kMaxInflatedBytes) return "a frame is larger than any may be";
    if (frame.stored_bytes > kMaxBlockBytes || (sum += frame.stored_bytes) > kMaxBlockBytes ||
        (inflated += frame.inflated_bytes) > kMaxBlockBytes)
      return "its frames are larger than any block's may be";
  }
  return nullptr;
}

const char* problem_of_runs(const BlockDirectory& d) {
  std::uint64_t sum = 0;
  for (const BlockRun& run : d.runs) {
    if (run.session >= d.sessions.size()) return "a run has no session";
    if (run.records > d.records || (sum += run.records) > d.records) return "the runs have more records than the block";
    if (run.made_by_collector) {
      if (run.from != run.to || run.records != 1) return "a loss run is none";
      continue;
    }
    if (run.cursor_offset != 0 || !is_valid_ring_size(run.data_bytes)) return "a run has impossible properties";
    if (run.from > run.to || run.from % 8 != 0 || run.to % 8 != 0) return "a run has impossible positions";
    if (run.records > (run.to - run.from) / 16) return "a run has more records than room";
  }
  return sum == d.records ? nullptr : "the runs have fewer records than the block";
}

const char* problem_of_sites(const BlockDirectory& d) {
  std::uint64_t sum = 0;
  for (const BlockSite& site : d.sites) {
    if (site.level >= kLevelCount && site.level != kNoLevel) return "a site has no valid level";
    if (site.level == kNoLevel && site.hash >= kFirstStatementId) return "a site is neither statement nor record kind";
    if (site.records > d.records || (sum += site.records) > d.records)
      return "the sites have more records than the block";
  }
  if (sum != d.records) return "the sites have fewer records than the block";
  for (const BlockStatement& statement : d.statements) {
    if (statement.session >= d.sessions.size() || statement.site >= d.sites.size()) return "a statement has no site";
    const BlockSite& site = d.sites[statement.site];
    if (statement.id >= kStatementIdLimit || (statement.id < kFirstStatementId) != (site.level == kNoLevel) ||
        (statement.id < kFirstStatementId && site.hash != statement.id))
      return "a statement is not of its site";
  }
  return nullptr;
}

const char* problem_of_column(const BlockDirectory& d, const ColumnEntry& column) {
  if (column.site > d.sites.size() || column.run > d.runs.size()) return "a column has no site or run";
  if (column.site == 0 && column.run != 0) return "a column of the block is that of a run";
  if (column.frame >= d.frames.size()) return "a column has no frame";
  const std::uint64_t inflated = d.frames[column.frame].inflated_bytes;
  if (column.offset > inflated || column.bytes > inflated - column.offset) return "a column goes past its frame";
  if (!is_valid_tag(column.type)) return "a column has no valid type";
  if (column.values == 0) return "a column is empty";
  return nullptr;
}

/// Columns in the order of (site, run, argument): those of a (site, run) must be a whole set, as long and of the same
/// types as every other set of the site; the sets together have the site's records.
const char* problem_of_sets(const BlockDirectory& d, const std::vector<const ColumnEntry*>& sorted) {
  constexpr ArgType kBlockTypes[] = {ArgType::u32, ArgType::u64, ArgType::u64, ArgType::i64};
  std::size_t i = 0;
  for (std::uint32_t site = 0; site <= d.sites.size(); ++site) {
    const std::size_t first_set = i;
    std::size_t arguments = 0;
    std::uint64_t values = 0;
    while (i < sorted.size() && sorted[i]->site == site) {
      const std::size_t set = i;
      for (; i < sorted.size() && sorted[i]->site == site && sorted[i]->run == sorted[set]->run; ++i) {
        if (sorted[i]->argument != i - set) return "an argument of a site has no column, or two";
        if (sorted[i]->values != sorted[set]->values) return "the columns of a site differ in length";
        if (set != first_set && (i - set >= arguments || sorted[i]->type != sorted[first_set + i - set]->type))
          return "the columns of a site differ from run to run";
        if (site == 0 && (i >= 4 || sorted[i]->type != static_cast<std::uint8_t>(kBlockTypes[i])))
          return "a column of the block has an impossible type";
      }
      if (set == first_set) arguments = i - set;
      if (i - set != arguments) return "the columns of a site differ from run to run";
      const std::uint64_t expected = site == 0 ? d.records : d.sites[site - 1].records;
      if (sorted[set]->values > expected || (values += sorted[set]->values) > expected)
        return "a site has more values than records";
    }
    if (site == 0 && d.records != 0 && arguments != 4) return "a column of the block is missing";
    const std::uint64_t expected = site == 0 ? d.records : d.sites[site - 1].records;
    if (arguments != 0 && values != expected) return "a site has fewer values than records";
  }
  return nullptr;
}

const char* problem_of_columns(const BlockDirectory& d) {
  std::vector<const ColumnEntry*> sorted;
  sorted.reserve(d.columns.size());
  for (const ColumnEntry& column : d.columns) {
    if (const char* problem = problem_of_column(d, column)) return problem;
    sorted.push_back(&column);
  }
  std::sort(sorted.begin(), sorted.end(), [](const ColumnEntry* a, const ColumnEntry* b) {
    return std::tie(a->site, a->run, a->argument) < std::tie(b->site, b->run, b->argument);
  });
  return problem_of_sets(d, sorted);
}

}  // namespace

const char* problem_of_directory(const BlockDirectory& directory) {
  if (directory.records > kMaxBlockRecords) return "it has more records than any block may have";
  for (const auto check : {problem_of_frames, problem_of_runs, problem_of_sites, problem_of_columns}) {
    if (const char* problem = check(directory)) return problem;
  }
  return nullptr;
}

}  // namespace lmlog::formats
