// SPDX-License-Identifier: Apache-2.0
// Verification of a whole segment: every part, frame and column in order of the file, and the footer against what was
// found.
#include <map>
#include <span>
#include <utility>

#include "formats/src/block_verifier.hpp"
#include "formats/src/checksum.hpp"
#include "formats/src/part_scanner.hpp"
#include "formats/src/summaries.hpp"
#include "lmlog/formats/segment_reader.hpp"

namespace lmlog::formats {
namespace {

/// How far the runs of a ring have come, from block to block.
class RunContinuity {
 public:
  /// Null, or what is wrong with the run.
  /// A block was lost: what its runs held is missing, and that was said.
  void forget() { last_.clear(); }

  const char* add(const BlockRun& run) {
    const auto [at, is_new] = last_.try_emplace(run.ring, Last{run.to, run.end_state.index, run.made_by_collector});
    if (is_new) return nullptr;
    const Last before = std::exchange(at->second, {run.to, run.end_state.index, run.made_by_collector});
    if (run.from < before.to) return "a run holds ring bytes that an earlier one holds";
    if (run.made_by_collector || before.made_by_collector)
      return nullptr;  // a loss record may say why bytes are missing
    // Where an `overwrite` ring went on behind pads and records of its own, the state says that no call is missing.
    if (run.begin_state.index == before.index) return nullptr;
    return run.from > before.to ? "ring bytes are missing before a run"
                                : "a run does not begin in the state in which the one before ended";
  }

 private:
  struct Last {
    std::uint64_t to;
    std::uint64_t index;
    bool made_by_collector;
  };
  std::map<Id128, Last> last_;
};

bool same_catalog(const SegmentCatalog& a, const SegmentCatalog& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a[i] || !b[i]) return false;
    if (a[i]->id() != b[i]->id() || a[i]->uid() != b[i]->uid() || a[i]->statement_count() != b[i]->statement_count() ||
        a[i]->id_limit() != b[i]->id_limit())
      return false;
    for (std::uint32_t id = kFirstStatementId; id < a[i]->id_limit(); ++id) {
      if (a[i]->raw_entry(id) != b[i]->raw_entry(id)) return false;
    }
  }
  return true;
}

}  // namespace

Result<SegmentReader::Verification> SegmentReader::verify_with(void (*progress)(void*, std::uint64_t),
                                                               void* context) const {
  const auto size = source_->size();
  if (!size) return size.error();
  Verification out;
  std::uint64_t begin = 0;
  if (!damage_.empty() && damage_.front().offset == 0) {  // the header's
    out.damage.push_back(damage_.front());
    begin = damage_.front().length;
  }
  PartScanner scanner(*source_, begin, parts_end_);
  SegmentCatalog catalog;
  Footer found;
  RingSummaries rings;
  RunContinuity continuity;
  std::size_t holes = 0;  // that the scanner has met
  std::string header;
  ScannedPart part;
  for (;;) {
    const auto next = scanner.next(part);
    if (!next) return next.error();
    if (!*next) break;
    progress(context, scanner.position());
    if (std::exchange(holes, scanner.damage().size()) != scanner.damage().size()) continuity.forget();
    const auto damaged = [&](std::string what) { out.damage.push_back({part.offset, part.bytes, std::move(what)}); };
    const bool whole_so_far = out.damage.empty() && scanner.damage().empty();
    if (part.type == PartType::header) header = part.body;
    if (part.type == PartType::header_copy && !header.empty() && part.body != header)
      damaged("the header's copy says something else");
    if (part.type == PartType::catalog && !parse_catalog(view(part.body), catalog) && whole_so_far)
      damaged("a catalog part is malformed");
    std::vector<RingPosition> positions;
    if (part.type == PartType::checkpoint && !parse_checkpoint(view(part.body), positions))
      damaged("a checkpoint is malformed");
    if (part.type == PartType::footer && part.offset == footer_offset_ && has_footer_ && whole_so_far &&
        !same_catalog(catalog, sessions_))
      damaged("the footer's catalog is not that of the catalog parts");
    if (part.type != PartType::block) continue;

    BlockSummary summary = summary_of(part.directory);
    summary.offset = part.offset;
    summary.bytes = part.bytes;
    ++out.blocks;
    auto block = read_block(summary);
    if (!block) {
      if (block.error().code == ErrorCode::io) return block.error();
      damaged(block.error().text);
      continuity.forget();
      continue;
    }
    // A damaged catalog part costs no block where the footer has the catalog once more.
    const auto problems = verify_block(*block, whole_so_far || !has_footer_ ? catalog : sessions_);
    if (!problems) {
      damaged(problems.error().text + " at " + std::to_string(problems.error().offset));
    } else {
      for (const std::string& problem : *problems) damaged(problem);
      if (problems->empty()) out.records += summary.records;
    }
    for (const BlockRun& run : part.directory.runs) {
      if (const char* problem = continuity.add(run)) damaged(problem);
      const std::uint32_t number = part.directory.sessions[run.session].number;
      const bool known = number < catalog.size() && catalog[number] != nullptr;
      rings.add(known ? catalog[number]->id() : Id128{}, run);
    }
    found.records += summary.records;
    found.ranges.add(summary.ranges);
    found.levels = static_cast<std::uint8_t>(found.levels | summary.levels);
    found.blocks.push_back(std::move(summary));
  }
  out.damage.insert(out.damage.end(), scanner.damage().begin(), scanner.damage().end());
  if (scanner.position() < parts_end_) {
    const bool closed = parts_end_ < *size;
    out.damage.push_back({scanner.position(), parts_end_ - scanner.position(),
                          closed ? "a part fails its checks" : "a torn end: bytes that are no whole part"});
  }
  if (has_footer_ && out.damage.empty()) {  // else what is missing would be reported once more
    const char* wrong = nullptr;
    if (found.records != records_) wrong = "the footer's number of records is not that of the blocks";
    if (found.ranges != ranges_ || found.levels != levels_)
      wrong = "the footer's time ranges or levels are not the blocks'";
    if (found.blocks != blocks_) wrong = "the footer's blocks are not those of the file";
    if (rings.rings() != rings_) wrong = "the footer's rings are not those of the blocks";
    if (wrong != nullptr) out.damage.push_back({footer_offset_, *size - footer_offset_, wrong});
  }
  if (end_is_damaged_) out.damage.push_back(damage_of_end());
  return out;
}

}  // namespace lmlog::formats
