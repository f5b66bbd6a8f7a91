// SPDX-License-Identifier: Apache-2.0
// Gathers each record's values from their columns into a body as a ring would hold it, so that renderers know one form.
#include "decoder/read/block_cursor.hpp"

#include <cstring>
#include <utility>

namespace lmlog::decoder {

namespace {

/// The ring of a run; keeps the segment alive, and with it sessions and statements.
std::shared_ptr<const RingIdentity> ring_of(const DecodedBlock& block, std::uint32_t run) {
  const Session& session = block.session_of(block.directory.runs[run]);
  return std::make_shared<const RingIdentity>(block.directory.runs[run].ring, session.uid(),
                                              std::shared_ptr<const Session>(block.segment, &session));
}

/// Appends the arguments as registry.md lays them out: fixed ones packed, then variable ones with their lengths.
void gather(std::string& out, const DecodedBlock& block, const formats::Statement& statement,
            const DecodedBlock::Group& columns, std::uint32_t value) {
  const std::size_t begin = out.size();
  out.resize(begin + statement.fixed_bytes + sizeof(std::uint64_t));  // room for the last store
  char* at = out.data() + begin;
  const std::size_t count = statement.arguments.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = formats::fixed_size(statement.arguments[i].type());
    if (size == 0) continue;
    // Little-endian: of eight bytes stored, those that are too many are overwritten by the next or cut off.
    std::memcpy(at, &block.columns[columns[i]].numbers[value], sizeof(std::uint64_t));
    at += size;
  }
  out.resize(begin + statement.fixed_bytes);
  if (statement.variable_arguments == 0) return;
  for (std::size_t i = 0; i < count; ++i) {
    if (!formats::is_variable(statement.arguments[i].type())) continue;
    const formats::Column& column = block.columns[columns[i]];
    const std::string_view text = column.strings[value];
    auto word = static_cast<std::uint32_t>(text.size());
    if (!column.truncated.empty() && column.truncated[value]) word |= formats::kTruncatedBit;
    out.append(reinterpret_cast<const char*>(&word), sizeof(word));
    out.append(text);
  }
}

}  // namespace

BlockCursor::BlockCursor(BlockCache& cache, const RecordFilter& filter, Report& report, const BlockRef& block,
                         const DecodedBlock& decoded, std::uint32_t run)
    : cache_(&cache),
      filter_(&filter),
      report_(&report),
      block_(block),
      run_(run),
      next_(decoded.run_begins[run]),
      end_(next_ + decoded.directory.runs[run].records) {}

void BlockCursor::adopt(const DecodedBlock& block) {
  const auto& run = block.directory.runs[run_];
  if (ring_ == nullptr || ring_->session.get() != &block.session_of(run)) ring_ = ring_of(block, run_);
  if (rows_) {
    rows_->rebind(*ring_->session, block.converters[run.session]);
  } else {
    rows_.emplace(*ring_->session, block.converters[run.session], *filter_, run.begin_state);
  }
}

void BlockCursor::add_kind(RowBatch& batch, const DecodedBlock& block, std::uint64_t record) {
  if (block.unreadable[block.group_of[record]])
    return rows_->skip_kind(block.ticks[record], block.statements[block.statement_of[record]].id);
  const auto& columns = block.groups[block.group_of[record]];
  const std::string_view body = block.columns[columns[0]].strings[block.value_at[record]];
  const std::uint32_t id = block.statements[block.statement_of[record]].id;
  const formats::RecordView view{block.positions[record], 0, block.ticks[record], id,
                                 std::as_bytes(std::span(body.data(), body.size()))};
  if (id >= formats::kFirstSkippableKind)
    report_->note_once("records of kind " + std::to_string(id) + " are of a newer version and are left out");
  // Said once: a block may hold a million of them.
  if (!rows_->add_kind(batch, view, loss_bytes_) && !std::exchange(said_malformed_, true)) {
    const auto& summary = block.segment->reader.blocks()[block_.block];
    report_->damage(block.segment->source->path(), summary.offset, summary.bytes, "a state record is malformed");
  }
}

bool BlockCursor::fill(RowBatch& batch, std::size_t budget) {
  batch.clear();
  if (next_ == end_) return false;
  const auto block = cache_->get(block_);
  if (!block) return false;
  adopt(*block);
  batch.ring = ring_;
  loss_bytes_.clear();
  while (next_ < end_ && batch.size_bytes() < budget) {
    const std::uint64_t record = next_++;
    const auto& statement = block->statements[block->statement_of[record]];
    if (statement.reference == nullptr) {
      add_kind(batch, *block, record);
      continue;
    }
    Row* row = rows_->add_statement(batch, block->ticks[record], block->positions[record], *statement.reference);
    if (row == nullptr) continue;
    row->body_offset = batch.bytes.size();
    gather(batch.bytes, *block, *statement.reference->statement, block->groups[block->group_of[record]],
           block->value_at[record]);
    row->body_bytes = static_cast<std::uint32_t>(batch.bytes.size() - row->body_offset);
    if (const auto& unreadable = block->unreadable[block->group_of[record]]) {
      if (batch.unreadable.empty() || batch.unreadable.back() != unreadable) batch.unreadable.push_back(unreadable);
      row->unreadable = static_cast<std::uint32_t>(batch.unreadable.size());
    }
  }
  for (Row& row : batch.rows)
    if (row.statement->is_loss) row.body_offset += batch.bytes.size();
  batch.bytes += loss_bytes_;
  return true;
}

}  // namespace lmlog::decoder
