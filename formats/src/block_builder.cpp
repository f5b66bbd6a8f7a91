// SPDX-License-Identifier: Apache-2.0
// The block builder: collects ranges, then walks their records once, column by column into frames.
#include "lmlog/formats/block_builder.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "formats/src/block_directory.hpp"
#include "formats/src/frame_packer.hpp"
#include "formats/src/part.hpp"
#include "formats/src/pending_block.hpp"
#include "formats/src/record_walk.hpp"
#include "formats/src/site_columns.hpp"
#include "formats/src/summaries.hpp"
#include "lmlog/formats/record.hpp"

namespace lmlog::formats {
namespace {

/// A block below this was cut by time: its builder is not busy, and holds no memory until the next.
constexpr std::uint64_t kBusyRecords = 16384;

/// What building a block needs besides the pending bytes; a few megabytes.
struct Workspace {
  explicit Workspace(int level) : deflater(level) {}
  Deflater deflater;
  RecordWalk walk;
  SiteColumns columns;
  std::vector<std::uint64_t> zeros;
};

}  // namespace

struct BlockBuilder::Pending {
  BlockOptions options;
  PendingBlock block;
  std::unique_ptr<Workspace> workspace;
};

BlockBuilder::BlockBuilder(BlockOptions options) : pending_(std::make_unique<Pending>()) {
  pending_->options = options;
}
BlockBuilder::~BlockBuilder() = default;
BlockBuilder::BlockBuilder(BlockBuilder&&) noexcept = default;
BlockBuilder& BlockBuilder::operator=(BlockBuilder&&) noexcept = default;

std::uint64_t BlockBuilder::records() const noexcept { return pending_->block.records; }

std::uint64_t BlockBuilder::bytes() const noexcept { return pending_->block.bytes.size(); }

bool BlockBuilder::empty() const noexcept { return pending_->block.runs.empty(); }

bool BlockBuilder::full() const noexcept {
  const PendingBlock& block = pending_->block;
  return block.records >= pending_->options.block_records || block.bytes.size() >= kFullBlockBytes ||
         block.runs.size() >= kMaxBlockRuns / 2;
}

const std::vector<const SessionCatalog*>& BlockBuilder::sessions_in_order() const noexcept {
  return pending_->block.sessions;
}

BlockRun& BlockBuilder::begin_run(const SessionCatalog& session, const Id128& ring) {
  PendingBlock& block = pending_->block;
  const auto [index, is_new] =
      block.session_indices.try_emplace(&session, static_cast<std::uint32_t>(block.sessions.size()));
  if (is_new) block.sessions.push_back(&session);
  block.last_run[ring] = block.runs.size();
  BlockRun& run = block.runs.emplace_back().run;
  run.session = index->second;
  run.ring = ring;
  return run;
}

void BlockBuilder::add_range(const SessionCatalog& session, const Id128& ring, std::uint64_t data_bytes,
                             std::uint64_t from, std::span<const std::byte> bytes, std::uint64_t records,
                             const StateVector& begin, const StateVector& end) {
  assert(from % 8 == 0 && bytes.size() % 8 == 0);
  PendingBlock& block = pending_->block;
  const std::uint64_t to = from + bytes.size();
  const auto last = block.last_run.find(ring);
  const bool continues = last != block.last_run.end() && !block.runs[last->second].run.made_by_collector &&
                         block.runs[last->second].run.to == from &&
                         block.sessions[block.runs[last->second].run.session] == &session;
  if (!continues) {
    BlockRun& run = begin_run(session, ring);
    run.data_bytes = data_bytes;
    run.from = from;
    run.begin_state = begin;
  }
  PendingRun& pending = block.runs[block.last_run[ring]];
  pending.run.to = to;
  pending.run.end_state = end;
  const std::size_t offset = block.bytes.size();
  const auto* first = reinterpret_cast<const char*>(bytes.data());
  block.bytes.insert(block.bytes.end(), first, first + bytes.size());
  if (!pending.pieces.empty() && pending.pieces.back().offset + pending.pieces.back().length == offset) {
    pending.pieces.back().length += bytes.size();
  } else {
    pending.pieces.push_back({offset, bytes.size(), from});
  }
  block.records += records;
}

void BlockBuilder::add_losses(const SessionCatalog& session, const Id128& ring, std::uint64_t data_bytes,
                              std::uint64_t position, std::uint8_t cursor_offset, std::uint64_t time,
                              const StateVector& begin, const LossCounts& counts) {
  assert(cursor_offset < 8);
  PendingBlock& block = pending_->block;
  BlockRun& run = begin_run(session, ring);
  run.data_bytes = data_bytes;
  run.made_by_collector = true;
  run.cursor_offset = cursor_offset;
  run.from = position;
  run.to = position;
  run.begin_state = begin;
  run.end_state = begin;
  run.end_state.losses = counts;
  run.end_state.sort_key = std::max(begin.sort_key, time);
  ByteWriter body;
  write_losses(counts, body);
  ByteWriter record;
  record.put(RecordHeader{
      time, 0, pack_id_and_length(static_cast<std::uint32_t>(RecordKind::loss), record_length(body.size()))});
  record.bytes(body.view());
  // Walked as a ring of its own, from position 0 on.
  block.runs.back().pieces.push_back({block.bytes.size(), record.size(), 0});
  block.bytes.insert(block.bytes.end(), record.str_ref().begin(), record.str_ref().end());
  ++block.records;
}

EncodedBlock BlockBuilder::build(std::int64_t received_ns, std::vector<BlockSession> sessions) {
  Pending& pending = *pending_;
  PendingBlock& block = pending.block;
  if (!pending.workspace) pending.workspace = std::make_unique<Workspace>(pending.options.zstd_level);
  Workspace& work = *pending.workspace;
  RecordWalk& walk = work.walk;
  walk.walk(block, sessions, pending.options.keyed_records);

  BlockDirectory directory;
  directory.records = walk.times().size();
  directory.ranges = walk.ranges();
  directory.received_ns = received_ns;
  directory.sessions = std::move(sessions);
  directory.statements = walk.statements();
  for (std::size_t i = 0; i < walk.sites().size(); ++i) {
    const SiteShape& site = walk.sites()[i];
    directory.sites.push_back({site.hash, site.level, walk.site_records()[i]});
    if (!site.is_kind()) directory.levels = static_cast<std::uint8_t>(directory.levels | 1u << site.level);
  }
  EncodedBlock out;
  RingSummaries rings;
  for (PendingRun& pending_run : block.runs) {
    rings.add(block.sessions[pending_run.run.session]->id(), pending_run.run);
    directory.runs.push_back(std::move(pending_run.run));
  }
  out.rings = rings.take();

  FramePacker packer(work.deflater, pending.options.own_frame_bytes);
  if (directory.records != 0) encode_columns(packer);
  packer.finish();
  directory.columns = std::move(packer.columns());
  directory.frames = std::move(packer.frames());

  append_part(PartType::block, write_block_directory(directory), work.deflater, out.bytes);
  out.bytes += packer.stored();
  out.summary = summary_of(directory);
  out.summary.bytes = out.bytes.size();
  for (const BlockStatement& statement : directory.statements) {
    if (statement.id >= kFirstStatementId) out.statements.emplace_back(statement.session, statement.id);
  }
  out.sessions = std::move(block.sessions);
  block.clear();
  if (directory.records < kBusyRecords) {
    pending.workspace.reset();
    block.bytes.shrink_to_fit();
  }
  return out;
}

void BlockBuilder::encode_columns(FramePacker& packer) {
  Workspace& work = *pending_->workspace;
  const RecordWalk& walk = work.walk;
  work.zeros.resize(walk.times().size());
  const auto or_zeros = [&work](const std::vector<std::uint64_t>& column) -> const std::vector<std::uint64_t>& {
    return column.empty() ? work.zeros : column;
  };
  work.columns.add_block_column(BlockColumn::statement, ArgType::u32, walk.statement_column(), packer);
  work.columns.add_block_column(BlockColumn::time, ArgType::u64, walk.times(), packer);
  work.columns.add_block_column(BlockColumn::gap, ArgType::u64, or_zeros(walk.gaps()), packer);
  work.columns.add_block_column(BlockColumn::slack, ArgType::i64, or_zeros(walk.slacks()), packer);
  const std::span<const SiteRun> groups = walk.site_runs();
  const std::span<const std::uint32_t> order = walk.order();
  const char* bytes = pending_->block.bytes.data();
  for (std::size_t i = 0; i < groups.size();) {
    const SiteRun& first = groups[i];
    std::uint64_t count = first.count;
    // The runs of a site that have no columns of their own lie behind each other, and share theirs.
    for (++i; !first.keyed && i < groups.size() && groups[i].site == first.site; ++i) count += groups[i].count;
    work.columns.add(walk.sites()[first.site], first.site, first.keyed ? first.run + 1 : 0,
                     order.subspan(first.begin, count), bytes, packer);
  }
}

}  // namespace lmlog::formats
