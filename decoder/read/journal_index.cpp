// SPDX-License-Identifier: Apache-2.0
// Memory is some hundred bytes a range; the state is kept only where a chain does not run on from the range before.
#include "decoder/read/journal_index.hpp"

#include <algorithm>

#include "decoder/read/journal_walk.hpp"

namespace lmlog::decoder {

using formats::JournalEntry;
using formats::JournalEntryType;

namespace {

/// One file while it is read: its sessions go by numbers of its own.
class FileReading {
 public:
  FileReading(const std::shared_ptr<FileSource>& file, RawIndex& out, SegmentIndex& segments, Report& report)
      : file_(file),
        path_(std::make_shared<const std::string>(file->path())),
        out_(out),
        segments_(segments),
        report_(report) {}

  void take(const JournalEntry& entry) {
    if (entry.type == JournalEntryType::session) return take_session(entry);
    if (entry.session >= sessions_.size() || sessions_[entry.session] == nullptr)
      return damage(entry, "it is of a session that this journal has not introduced");
    RawSession& session = *sessions_[entry.session];
    switch (entry.type) {
      case JournalEntryType::catalog:
        return take_catalog(entry, *session.session);
      case JournalEntryType::range:
        return take_range(entry, *session.session);
      case JournalEntryType::losses:
        return take_losses(entry, *session.session);
      case JournalEntryType::anchor:
        session.anchors.push_back(entry.anchor);
        return;
      default:
        return;
    }
  }

 private:
  void damage(const JournalEntry& entry, std::string_view what) {
    report_.damage(*path_, entry.offset, entry.length, what);
  }

  void take_session(const JournalEntry& entry) {
    constexpr std::uint32_t kMaxSessions = 1u << 20;  // of one file: a number beyond means harm
    if (entry.session >= kMaxSessions) return damage(entry, "its session number is beyond all reason");
    RawSession& known = out_.sessions[{entry.uid, entry.descriptor.session_id}];
    if (!known.session) {
      known.session = std::make_shared<Session>(entry.descriptor, entry.uid);
      const auto& d = entry.descriptor;
      if (d.start_tsc != 0) known.anchors.push_back({d.start_tsc, d.start_realtime_ns, d.start_monotonic_raw_ns});
    }
    if (sessions_.size() <= entry.session) sessions_.resize(entry.session + 1);
    sessions_[entry.session] = &known;
  }

  void take_catalog(const JournalEntry& entry, Session& session) {
    auto& catalog = session.catalog();
    auto bytes = entry.bytes;
    // Each file stands alone: most entries are known from the one before.
    const std::uint64_t known = catalog.catalog_bytes();
    if (entry.catalog_offset < known)
      bytes =
          bytes.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), known - entry.catalog_offset)));
    if (auto status = catalog.append(bytes); !status) damage(entry, status.error().text);
  }

  void take_range(const JournalEntry& entry, const Session& session) {
    RawChain& chain = out_.chain({session.uid(), entry.ring}, session.id(), segments_);
    if (entry.to <= chain.end) return;
    RawPiece piece;
    // The ring bytes are the last of the body, and its length is a multiple of eight.
    const std::uint64_t bytes_at = entry.length - entry.bytes.size();
    piece.range = {file_, entry.offset + bytes_at, entry.from, entry.to, entry.data_bytes};
    piece.first = std::max(chain.end, entry.from);
    piece.path = path_;
    piece.entry_offset = entry.offset;
    piece.entry_length = entry.length;
    const bool runs_on = entry.from == chain.end && !chain.pieces.empty() && !chain.pieces.back().losses;
    if (!runs_on) piece.state = std::make_shared<const formats::StateVector>(entry.state);
    const bool is_jump =  // a loss record of the collector tells of what was overwritten in between
        !chain.pieces.empty() && chain.pieces.back().losses && chain.pieces.back().first == entry.from;
    if (entry.from > chain.end && !chain.pieces.empty() && !is_jump) {
      report_.missing(*path_, entry.offset, entry.ring.hex(), chain.end, entry.from);
    }
    chain.end = entry.to;
    add(chain, std::move(piece));
  }

  void take_losses(const JournalEntry& entry, const Session& session) {
    RawChain& chain = out_.chain({session.uid(), entry.ring}, session.id(), segments_);
    bool is_new = false;
    for (std::size_t reason = 0; reason < formats::kLossReasons; ++reason)
      is_new |= entry.losses[reason] > chain.losses[reason];
    const bool is_jump = entry.to % 8 == formats::kJumpCursor && entry.to / 8 * 8 > chain.end;
    // A jump without news stays: it says that nothing but pads and records of the ring's own were overwritten.
    if (!is_new && (!is_jump || chain.pieces.empty())) return;
    RawPiece piece;
    piece.losses = entry.losses;
    piece.cursor = entry.to;
    piece.first = entry.to / 8 * 8;
    piece.time = entry.time;
    auto state = entry.state;
    for (std::size_t reason = 0; reason < formats::kLossReasons; ++reason) {
      state.losses[reason] = std::max(state.losses[reason], chain.losses[reason]);
      chain.losses[reason] = std::max(chain.losses[reason], entry.losses[reason]);
    }
    piece.state = std::make_shared<const formats::StateVector>(std::move(state));
    piece.path = path_;
    if (is_jump) chain.end = piece.first;  // what a snapshot holds below is told as lost
    add(chain, std::move(piece));
  }

  static void add(RawChain& chain, RawPiece piece) { chain.pieces.push_back(std::move(piece)); }

  std::shared_ptr<FileSource> file_;
  std::shared_ptr<const std::string> path_;
  RawIndex& out_;
  SegmentIndex& segments_;
  Report& report_;
  std::vector<RawSession*> sessions_;  // by number; the map does not move them
};

}  // namespace

RawChain& RawIndex::chain(const RingKey& key, const formats::Id128& session, SegmentIndex& segments) {
  const auto [at, is_new] = chains.try_emplace(key);
  RawChain& chain = at->second;
  if (!is_new) return chain;
  chain.session = session;
  if (const auto* floor = segments.floor(key)) {
    chain.end = floor->position;
    if (const auto state = segments.floor_state(key)) chain.losses = state->losses;
  }
  return chain;
}

void JournalIndex::add(const std::string& path, bool named) {
  auto file = FileSource::open(path);
  if (file) {
    files_.push_back(*file);
  } else if (file.error().code != formats::ErrorCode::not_found) {
    report_->error(path, file.error());
  } else if (named) {
    report_->io(path, file.error().text);
  }
}

void JournalIndex::read(RawIndex& out, SegmentIndex& segments) {
  for (const auto& file : files_) read_file(file, out, segments);
}

void JournalIndex::read_file(const std::shared_ptr<FileSource>& file, RawIndex& out, SegmentIndex& segments) {
  const auto size = file->size();
  if (size && *size == 0) return;  // just being created
  auto reader = open_journal(*file, *report_);
  if (!reader) return;
  FileReading reading(file, out, segments, *report_);
  walk_journal(*reader, *file, *report_, [&reading](const JournalEntry& entry) { reading.take(entry); });
}

}  // namespace lmlog::decoder
