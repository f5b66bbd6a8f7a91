// SPDX-License-Identifier: Apache-2.0
// The walk of a pending block and the arrangement of its records by site and run, by counting.
#include "formats/src/record_walk.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <numeric>

#include "formats/src/run_times.hpp"
#include "lmlog/formats/registry.hpp"

namespace lmlog::formats {
namespace {

constexpr auto kLossId = static_cast<std::uint32_t>(RecordKind::loss);
constexpr auto kClockId = static_cast<std::uint32_t>(RecordKind::clock);

/// What a loss record reports: how far each counter has gone on since the last one.
void report_losses(std::span<const std::byte> body, LossCounts& known, LossCounts& reported) {
  LossCounts counts = known;
  if (!parse_losses(body, counts)) return;
  for (std::size_t i = 0; i < counts.size(); ++i) reported[i] += counts[i] > known[i] ? counts[i] - known[i] : 0;
  known = counts;
}

LossList to_list(const LossCounts& counts) {
  LossList list;
  for (std::uint32_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != 0) list.emplace_back(i, counts[i]);
  }
  return list;
}

}  // namespace

void RecordWalk::walk(PendingBlock& block, std::span<const BlockSession> sessions, std::uint64_t keyed_records) {
  clear(block);
  std::vector<TickConverter> converters;
  for (std::size_t i = 0; i < block.sessions.size(); ++i)
    converters.emplace_back(sessions[i].anchors, block.sessions[i]->descriptor().tsc_hz);
  for (std::uint32_t i = 0; i < block.runs.size(); ++i) {
    PendingRun& pending = block.runs[i];
    run_begin_.push_back(times_.size());
    walk_run(block, pending.run, pending.pieces, converters[pending.run.session]);
    pending.run.records = times_.size() - run_begin_.back();
    close_run(i);
  }
  run_begin_.push_back(times_.size());
  arrange(keyed_records);
  block.bytes.insert(block.bytes.end(), repaired_.begin(), repaired_.end());
}

void RecordWalk::clear(const PendingBlock& block) {
  for (auto* column : {&statement_column_, &times_, &gaps_, &slacks_, &site_records_, &run_begin_, &in_run_})
    column->clear();
  offsets_.clear();
  sites_.clear();
  statements_.clear();
  site_runs_.clear();
  sites_by_hash_.clear();
  repaired_.clear();
  repaired_offset_ = block.bytes.size();
  ranges_ = {};
  known_.assign(block.sessions.size(), {});
  for (std::size_t i = 0; i < known_.size(); ++i) known_[i].resize(block.sessions[i]->id_limit());
  statement_column_.reserve(block.records);
  times_.reserve(block.records);
  offsets_.reserve(block.records);
}

void RecordWalk::walk_run(const PendingBlock& block, BlockRun& run, const std::vector<PendingPiece>& pieces,
                          const TickConverter& converter) {
  const SessionCatalog& session = *block.sessions[run.session];
  RunTimes run_times(run.begin_state, session.descriptor().clock, converter);
  LossCounts known_losses = run.begin_state.losses;
  LossCounts reported{};
  std::uint64_t end = run.from;
  for (const PendingPiece& piece : pieces) {
    const auto bytes = std::as_bytes(std::span(block.bytes.data() + piece.offset, piece.length));
    RecordReader reader(bytes, piece.from, run.made_by_collector ? kMaxRingBytes : run.data_bytes);
    for (RecordView record; reader.next(record);) {
      const KnownStatement* statement = statement_of(session, run.session, record.id);
      if (statement == nullptr) continue;  // its bytes become a gap: positions stay true
      std::size_t offset = piece.offset + static_cast<std::size_t>(record.position - piece.from);
      const std::uint64_t slack = record.length - needed_length(*statement, record, offset);
      const std::uint64_t gap = run.made_by_collector ? 0 : record.position - end;
      end = record.position + record.length;
      if (slack != 0 && slacks_.empty()) slacks_.resize(times_.size());
      if (slack != 0 || !slacks_.empty()) slacks_.push_back(slack);
      if (gap != 0 && gaps_.empty()) gaps_.resize(times_.size());
      if (gap != 0 || !gaps_.empty()) gaps_.push_back(gap);
      statement_column_.push_back(statement->index - 1);
      times_.push_back(record.time);
      offsets_.push_back(static_cast<std::uint32_t>(offset / 8));
      if (in_run_[statement->site]++ == 0) sites_in_run_.push_back(statement->site);
      if (record.id == kClockId) {
        run_times.add_clock(record.time, record.body);
      } else {
        run_times.add(record.time);
      }
      if (record.id == kLossId) report_losses(record.body, known_losses, reported);
    }
    assert(reader.stop() == WalkEnd::end);
  }
  run.losses = to_list(reported);
  ranges_.add(run_times.finish());
}

std::uint64_t RecordWalk::needed_length(const KnownStatement& statement, const RecordView& record,
                                        std::size_t& offset) {
  if (record.id < kFirstStatementId) return record_length(record.body.size());
  if (statement.fixed_length != 0 && record.body.size() >= statement.fixed_bytes) return statement.fixed_length;
  std::uint64_t bytes = argument_bytes(record.body, statement.fixed_bytes, statement.variable_arguments);
  if (bytes != kBadArguments) return record_length(bytes);
  offset = repair(statement, record);
  const auto* copy = reinterpret_cast<const std::byte*>(repaired_.data() + (offset - repaired_offset_));
  const std::size_t left = repaired_.size() - (offset - repaired_offset_);
  std::uint32_t id_and_length;
  std::memcpy(&id_and_length, copy + 12, sizeof(id_and_length));
  const std::size_t header = id_and_length >> 20 == 0 ? kExtendedHeaderBytes : kRecordHeaderBytes;
  bytes = argument_bytes(std::span(copy, left).subspan(header), statement.fixed_bytes, statement.variable_arguments);
  return record_length(bytes);
}

std::size_t RecordWalk::repair(const KnownStatement& statement, const RecordView& record) {
  // What is missing of the fixed part is zero; a string ends where the record does, and counts as truncated.
  ByteWriter body;
  body.bytes(record.body.first(std::min<std::size_t>(record.body.size(), statement.fixed_bytes)));
  while (body.size() < statement.fixed_bytes) body.put(std::uint8_t{0});
  ByteReader in(record.body);
  (void)in.bytes(std::min<std::uint64_t>(in.left(), statement.fixed_bytes));
  for (std::uint32_t i = 0; i < statement.variable_arguments; ++i) {
    const bool has_word = in.left() >= sizeof(std::uint32_t);
    const std::uint32_t word = has_word ? in.take<std::uint32_t>() : kTruncatedBit;
    const std::uint64_t length = std::min<std::uint64_t>(word & kLengthMask, in.left());
    const bool whole = has_word && length == (word & kLengthMask);
    body.put(whole ? word : static_cast<std::uint32_t>(length) | kTruncatedBit);
    body.bytes(in.bytes(length));
  }
  const std::uint64_t length = record_length(body.size());
  const bool extended = length > kMaxShortLength;
  ByteWriter out;
  out.put(RecordHeader{record.time, 0, pack_id_and_length(record.id, extended ? 0 : static_cast<std::size_t>(length))});
  if (extended) out.put(length);
  out.bytes(body.view());
  out.pad_to_8();
  const std::size_t offset = repaired_offset_ + repaired_.size();
  repaired_.insert(repaired_.end(), out.str_ref().begin(), out.str_ref().end());
  return offset;
}

const RecordWalk::KnownStatement* RecordWalk::statement_of(const SessionCatalog& session, std::uint32_t session_index,
                                                           std::uint32_t id) {
  auto& known = known_[session_index];
  if (id < known.size() && known[id].index != 0) return &known[id];
  KnownStatement added;
  if (id < kFirstStatementId) {
    added.site = site_of(id, kNoLevel, {static_cast<std::uint8_t>(ArgType::string)});
  } else {
    const Statement* statement = session.find(id);
    if (statement == nullptr) return nullptr;
    std::vector<std::uint8_t> tags;
    for (const Argument& argument : statement->arguments) tags.push_back(argument.tag);
    added.site = site_of(statement->site_hash, static_cast<std::uint8_t>(statement->level), std::move(tags));
    added.variable_arguments = statement->variable_arguments;
    added.fixed_bytes = statement->fixed_bytes;
    if (statement->variable_arguments == 0) added.fixed_length = record_length(statement->fixed_bytes);
  }
  statements_.push_back({session_index, id, added.site});
  added.index = static_cast<std::uint32_t>(statements_.size());
  return &(known[id] = added);  // it has room for all ids of the session's catalog
}

std::uint32_t RecordWalk::site_of(std::uint64_t hash, std::uint8_t level, std::vector<std::uint8_t> tags) {
  // A hash that is met twice with different arguments is two sites: somebody made them meet.
  const auto [first, last] = sites_by_hash_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    if (sites_[it->second].level == level && sites_[it->second].tags == tags) return it->second;
  }
  SiteShape site{hash, level, std::move(tags), 0, 0};
  for (const std::uint8_t tag : site.tags) {
    const std::size_t size = fixed_size(static_cast<ArgType>(tag));
    site.fixed_bytes += size;
    site.variable_arguments += size == 0 ? 1 : 0;
  }
  const auto index = static_cast<std::uint32_t>(sites_.size());
  sites_.push_back(std::move(site));
  sites_by_hash_.emplace(hash, index);
  site_records_.push_back(0);
  in_run_.push_back(0);
  return index;
}

void RecordWalk::close_run(std::uint32_t run_index) {
  for (const std::uint32_t site : sites_in_run_) {
    site_runs_.push_back({site, run_index, in_run_[site], 0, false});
    site_records_[site] += in_run_[site];
    in_run_[site] = 0;
  }
  sites_in_run_.clear();
}

void RecordWalk::arrange(std::uint64_t keyed_records) {
  std::vector<std::uint32_t> sorted(site_runs_.size());
  std::iota(sorted.begin(), sorted.end(), 0u);
  for (SiteRun& group : site_runs_) group.keyed = group.count >= keyed_records && !sites_[group.site].tags.empty();
  std::sort(sorted.begin(), sorted.end(), [this](std::uint32_t a, std::uint32_t b) {
    const SiteRun& x = site_runs_[a];
    const SiteRun& y = site_runs_[b];
    if (x.site != y.site) return x.site < y.site;
    if (x.keyed != y.keyed) return x.keyed;
    return x.run < y.run;
  });
  std::uint64_t begin = 0;
  for (const std::uint32_t index : sorted) {
    site_runs_[index].begin = begin;
    begin += site_runs_[index].count;
  }
  order_.resize(offsets_.size());
  std::size_t record = 0;
  for (std::size_t group = 0; group < site_runs_.size();) {  // still in order of runs
    const std::uint32_t run = site_runs_[group].run;
    for (; group < site_runs_.size() && site_runs_[group].run == run; ++group)
      in_run_[site_runs_[group].site] = site_runs_[group].begin;
    for (; record < run_begin_[run + 1]; ++record)
      order_[in_run_[statements_[statement_column_[record]].site]++] = offsets_[record];
  }
  std::sort(site_runs_.begin(), site_runs_.end(), [](const SiteRun& a, const SiteRun& b) { return a.begin < b.begin; });
}

}  // namespace lmlog::formats
