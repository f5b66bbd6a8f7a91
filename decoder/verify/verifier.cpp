// SPDX-License-Identifier: Apache-2.0
// Files one after the other, in the order in which records move: rings, journals, segments.
#include "decoder/verify/verifier.hpp"

#include <algorithm>
#include <optional>

#include "decoder/read/decoded_block.hpp"
#include "decoder/read/inputs.hpp"
#include "decoder/read/journal_walk.hpp"
#include "decoder/read/raw_range.hpp"
#include "decoder/read/record_check.hpp"

namespace lmlog::decoder {

using formats::JournalEntry;
using formats::JournalEntryType;

namespace {

std::uint64_t overwritten_between(const formats::LossCounts& before, const formats::LossCounts& after) {
  constexpr auto kOverwritten = static_cast<std::size_t>(formats::LossReason::overwritten);
  return after[kOverwritten] - std::min(after[kOverwritten], before[kOverwritten]);
}

/// Checks the runs of a block beyond what decoding it checks, and enters them into the ledger.
class BlockAccount {
 public:
  BlockAccount(const DecodedBlock& block, const formats::BlockSummary& summary, const std::string& path,
               std::uint32_t file, RingLedger& ledger, Report& report)
      : block_(block), summary_(summary), path_(path), file_(file), ledger_(ledger), report_(report) {}

  void run() {
    for (std::size_t r = 0; r < block_.directory.runs.size(); ++r) {
      const auto& run = block_.directory.runs[r];
      const Session& session = block_.session_of(run);
      const std::string service(session.service());
      if (!run.made_by_collector) check_calls(r, session, service);
      check_losses(run, service);
      if (const std::uint64_t overwritten = overwritten_between(run.begin_state.losses, run.end_state.losses))
        ledger_.add_jump({session.uid(), run.ring}, run.to, overwritten);
    }
  }

 private:
  void damage(const std::string& what) { report_.damage(path_, summary_.offset, summary_.bytes, what); }

  void check_calls(std::size_t r, const Session& session, const std::string& service) {
    const auto& run = block_.directory.runs[r];
    const std::uint64_t begin = block_.run_begins[r];
    std::uint64_t calls = 0;
    for (std::uint64_t i = begin; i < begin + run.records; ++i)
      calls += block_.statements[block_.statement_of[i]].reference != nullptr ? 1 : 0;
    if (run.end_state.index - run.begin_state.index != calls) {
      damage("a run of ring " + run.ring.hex() + " has " + std::to_string(calls) + " calls, but its states say " +
             std::to_string(run.end_state.index - run.begin_state.index));
    }
    ledger_.add({session.uid(), run.ring}, service,
                {run.from, run.to, run.begin_state.index, run.begin_state.index + calls, file_, summary_.offset});
  }

  void check_losses(const formats::BlockRun& run, const std::string& service) {
    formats::LossCounts said{};
    for (const auto& [reason, count] : run.losses) {
      if (reason < formats::kLossReasons) said[reason] += count;
      ledger_.add_losses(service, reason, count);
    }
    for (std::size_t reason = 0; reason < formats::kLossReasons; ++reason) {
      if (run.end_state.losses[reason] - run.begin_state.losses[reason] == said[reason]) continue;
      return damage("a run of ring " + run.ring.hex() + " does not account for the losses between its states");
    }
  }

  const DecodedBlock& block_;
  const formats::BlockSummary& summary_;
  const std::string& path_;
  std::uint32_t file_;
  RingLedger& ledger_;
  Report& report_;
};

/// Calls of a journal range: before the position up to which segments hold the ring, and behind it.
struct Calls {
  std::uint64_t in_segments = 0;
  std::uint64_t here = 0;
};

/// Walks the records of a journal range up to the first that is none; true when all of them are good.
bool walk_range(const std::shared_ptr<FileSource>& file, const JournalEntry& entry, const Session& session,
                std::uint64_t floor, Calls& calls, Report& report) {
  const RawRange range{file, entry.offset + entry.length - entry.bytes.size(), entry.from, entry.to, entry.data_bytes};
  RawWalk walk(range);
  std::string buffer;
  formats::RecordView record;
  formats::StateVector state = entry.state;
  while (walk.load(buffer, 256 << 10)) {
    while (walk.next(record)) {
      const bool is_call = record.id >= formats::kFirstStatementId;
      const char* problem = is_call               ? check_arguments(record, session.catalog().find(record.id)).problem
                            : state.apply(record) ? nullptr
                                                  : kBadState;
      if (problem != nullptr) {
        walk.reject(record, problem);
        break;
      }
      if (is_call) ++(record.position < floor ? calls.in_segments : calls.here);
    }
  }
  if (!walk.error()) return true;
  formats::Error error = *walk.error();
  error.offset = entry.offset;
  error.length = entry.length;
  report.error(file->path(), error);
  return false;
}

}  // namespace

void Verifier::run(const std::vector<std::string>& paths) {
  raise_descriptor_limit();
  const Inputs inputs = classify(paths, *report_);
  for (const auto& request : list_sessions(inputs, *report_)) verify_session(request);
  // Journals are opened before segments are listed, and read after them: what moves on meanwhile is met in both.
  std::vector<std::string> journals = list_journals(inputs, *report_);
  for (const auto tier : {TierFolder::hot, TierFolder::warm, TierFolder::cold, TierFolder::other}) {
    for (const auto& path : list_segments(inputs, tier, *report_)) {
      index_.add(path, std::find(inputs.segments.begin(), inputs.segments.end(), path) != inputs.segments.end());
    }
  }
  index_.settle();
  for (const auto& path : journals) verify_journal(path);
  for (std::uint32_t segment = 0; segment < index_.entries().size(); ++segment) verify_segment(segment);
  ledger_.check(*report_);
}

void Verifier::verify_session(const SessionRequest& request) {
  const auto snapshot = take_snapshot(request, std::make_shared<SnapshotStore>(16 << 20), *report_);
  if (!snapshot.session) return;
  ++counts_.sessions;
  counts_.rings += snapshot.rings.size();
  for (const auto& ring : snapshot.rings) counts_.ring_bytes += ring.to - ring.from;
}

void Verifier::verify_journal(const std::string& path) {
  const auto file = FileSource::open(path);
  if (!file) {
    if (file.error().code != formats::ErrorCode::not_found) report_->error(path, file.error());
    return;
  }
  auto reader = open_journal(**file, *report_);
  if (!reader) return;
  ++counts_.journals;
  const std::uint32_t number = ledger_.file(path);
  JournalSessions sessions;
  walk_journal(*reader, **file, *report_, [&](const JournalEntry& entry) {
    progress_->set(bytes_done_ + entry.offset);
    verify_entry(*file, number, sessions, entry);
  });
  for (const auto& damage : reader->damage()) ledger_.add_damage(number, damage.offset);
  if (const auto size = (*file)->size(); size) bytes_done_ += *size;
}

void Verifier::verify_entry(const std::shared_ptr<FileSource>& file, std::uint32_t number, JournalSessions& sessions,
                            const JournalEntry& entry) {
  const std::string& path = file->path();
  if (entry.type == JournalEntryType::session && entry.session < (1u << 20)) {
    if (sessions.size() <= entry.session) sessions.resize(entry.session + 1);
    sessions[entry.session] = std::make_shared<Session>(entry.descriptor, entry.uid);
    return;
  }
  if (entry.session >= sessions.size() || !sessions[entry.session])
    return report_->damage(path, entry.offset, entry.length, "it is of a session that this journal has not introduced");
  Session& session = *sessions[entry.session];
  if (entry.type == JournalEntryType::losses) {
    if (const std::uint64_t overwritten = overwritten_between(entry.state.losses, entry.losses))
      ledger_.add_jump({session.uid(), entry.ring}, formats::round_down(entry.to, 8), overwritten);
  } else if (entry.type == JournalEntryType::catalog) {
    if (auto status = session.catalog().append(entry.bytes); !status)
      report_->damage(path, entry.offset, entry.length, status.error().text);
  } else if (entry.type == JournalEntryType::range) {
    ++counts_.ranges;
    counts_.journal_bytes += entry.bytes.size();
    const RingKey key{session.uid(), entry.ring};
    const auto* in_segments = index_.floor(key);
    const std::uint64_t floor = in_segments == nullptr ? 0 : in_segments->position;
    Calls calls;
    const bool good = walk_range(file, entry, session, floor, calls, *report_);
    if (!good) ledger_.add_damage(number, entry.offset);
    if (good && floor < entry.to) {
      const std::uint64_t index = entry.state.index + calls.in_segments;
      ledger_.add(key, std::string(session.service()),
                  {std::max(entry.from, floor), entry.to, index, index + calls.here, number, entry.offset});
    }
  }
}

void Verifier::verify_segment(std::uint32_t number) {
  const auto segment = index_.open(number);
  if (!segment) return;
  const std::string& path = segment->source->path();
  const std::uint64_t done = bytes_done_;
  const auto verified = segment->reader.verify([&](std::uint64_t bytes) { progress_->set(done + bytes); });
  if (!verified) return report_->error(path, verified.error());
  ++counts_.segments;
  const auto size = segment->source->size();
  if (size) {
    bytes_done_ += *size;
    counts_.segment_bytes += *size;
  }
  const bool is_torn = size && has_torn_end(segment->reader, *size);  // said when it was opened
  const std::uint32_t file = ledger_.file(path);
  for (const auto& damage : verified->damage) {
    if (is_torn && damage.offset >= segment->reader.valid_end()) continue;
    report_->damage(path, damage);
    ledger_.add_damage(file, damage.offset);
  }
  const bool counts = index_.counts(number);
  for (std::uint32_t block = 0; block < segment->reader.blocks().size(); ++block) {
    const auto& summary = segment->reader.blocks()[block];
    const bool damaged = std::any_of(verified->damage.begin(), verified->damage.end(), [&](const auto& damage) {
      return damage.offset < summary.offset + summary.bytes && summary.offset < damage.offset + damage.length;
    });
    ++counts_.blocks;
    counts_.segment_records += summary.records;
    if (damaged) continue;  // it was said already
    const auto decoded = DecodedBlock::read(segment, block);
    if (!decoded) {
      report_->error(path, decoded.error());
      continue;
    }
    (*decoded)->report_unreadable(*report_);
    if (counts) {
      BlockAccount(**decoded, summary, path, file, ledger_, *report_).run();
    }
  }
}

}  // namespace lmlog::decoder
