// SPDX-License-Identifier: Apache-2.0
// The order of steps makes sure that a record that moves on meanwhile is met at least once; positions make sure that it
// is met only once.
#include "decoder/read/archive.hpp"

#include <algorithm>

namespace lmlog::decoder {

Archive::Archive(const std::vector<std::string>& paths, Report& report)
    : report_(&report), segments_(report), store_(std::make_shared<SnapshotStore>(kSnapshotMemory)) {
  raise_descriptor_limit();
  const Inputs inputs = classify(paths, report);
  bool is_empty = true;
  // 1. Rings. What a collector drains from here on is in the copies, too.
  std::vector<SessionSnapshot> snapshots;
  for (const auto& request : list_sessions(inputs, report)) {
    is_empty = false;
    auto snapshot = take_snapshot(request, store_, report);
    if (snapshot.session) snapshots.push_back(std::move(snapshot));
  }
  // 2. Journals, opened while they are listed. What is in a segment from here on is in the open files, too.
  JournalIndex journals(report);
  for (const auto& path : list_journals(inputs, report)) {
    is_empty = false;
    journals.add(path, std::find(inputs.journals.begin(), inputs.journals.end(), path) != inputs.journals.end());
  }
  // 3. Segments, from hot to cold, as they move.
  for (const auto tier : {TierFolder::hot, TierFolder::warm, TierFolder::cold, TierFolder::other}) {
    for (const auto& path : list_segments(inputs, tier, report)) {
      is_empty = false;
      segments_.add(path, std::find(inputs.segments.begin(), inputs.segments.end(), path) != inputs.segments.end());
    }
  }
  segments_.settle();
  // 4. Of the journals what no segment has, of the rings what neither has.
  journals.read(raw_, segments_);
  for (const auto& snapshot : snapshots) add_snapshot(snapshot);
  finish_raw_rings();
  if (is_empty && !report.damaged() && !report.io_failed()) {
    std::string where;
    for (const auto& path : paths) where += (where.empty() ? "" : " or ") + path;
    report.note("there is no session, journal or segment in " + where);
  }
}

void Archive::add_snapshot(const SessionSnapshot& snapshot) {
  const Session& session = *snapshot.session;
  RawSession& known = raw_.sessions[{session.uid(), session.id()}];
  if (!known.session) {
    known.session = snapshot.session;
  } else {
    // The journal may know the catalog only up to what it has drained.
    auto& catalog = known.session->catalog();
    session.catalog().for_each_entry([&catalog](std::string_view raw) {
      (void)catalog.add_entry(std::as_bytes(std::span(raw.data(), raw.size())));  // parsed well once already
    });
  }
  known.anchors.insert(known.anchors.end(), snapshot.anchors.begin(), snapshot.anchors.end());
  for (const auto& ring : snapshot.rings) add_ring(snapshot, ring);
  add_losses_without_ring(snapshot);
}

void Archive::add_ring(const SessionSnapshot& snapshot, const RingSnapshot& ring) {
  const Session& session = *snapshot.session;
  const RingKey key{session.uid(), ring.descriptor.ring_id};
  const bool archive_knows = raw_.chains.contains(key) || segments_.floor(key) != nullptr;
  RawChain& chain = raw_.chain(key, session.id(), segments_);
  const std::uint64_t begin = std::max(ring.from, chain.end);
  if (ring.begin && ring.from > chain.end) {
    RawPiece jump;
    jump.jump = ring.begin;
    jump.cursor = ring.from + formats::kJumpCursor;
    jump.first = ring.from;
    jump.path = ring.path;
    chain.pieces.push_back(std::move(jump));
    chain.end = ring.from;
  }
  if (begin < ring.to) {
    RawPiece piece;
    piece.range = {store_, ring.offset + (begin - ring.from), begin, ring.to, ring.descriptor.data_bytes};
    piece.first = begin;
    piece.path = ring.path;
    piece.entry_offset = ring.descriptor.data_offset;
    piece.entry_length = ring.descriptor.data_bytes;
    if (begin > chain.end && archive_knows) {
      report_->damage(*ring.path, 0, 0,
                      "the ring's bytes from position " + std::to_string(chain.end) + " to " + std::to_string(begin) +
                          " were released by a collector, but are not in the archive that was named");
    }
    if (begin > chain.end) {
      auto state = std::make_shared<formats::StateVector>();
      state->losses = chain.losses;
      piece.state = std::move(state);
    }
    chain.end = ring.to;
    chain.pieces.push_back(std::move(piece));
  }
  RawPiece losses;
  losses.losses = ring.losses;
  losses.cursor = ring.losses_at + (snapshot.is_alive ? 1 : 2);
  losses.first = ring.losses_at;
  losses.path = ring.path;
  if (ring.losses != formats::LossCounts{}) chain.pieces.push_back(std::move(losses));
}

void Archive::add_losses_without_ring(const SessionSnapshot& snapshot) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : snapshot.losses) sum += count;
  if (sum == 0) return;
  const Session& session = *snapshot.session;
  RawPiece piece;
  piece.losses = snapshot.losses;
  piece.cursor = 8 * sum;
  piece.first = piece.cursor;
  piece.path = std::make_shared<const std::string>(snapshot.path);
  raw_.chain({session.uid(), session.id()}, session.id(), segments_).pieces.push_back(std::move(piece));
}

void Archive::finish_raw_rings() {
  std::unordered_map<SessionKey, std::shared_ptr<const formats::TickConverter>, SessionKeyHash> converters;
  for (auto& [key, chain] : raw_.chains) {
    if (chain.pieces.empty()) continue;
    const SessionKey session_key{key.uid, chain.session};
    const RawSession& session = raw_.sessions.at(session_key);
    auto& converter = converters[session_key];
    if (!converter) {
      converter = std::make_shared<const formats::TickConverter>(session.anchors, session.session->descriptor().tsc_hz);
    }
    // A chain that runs on from the segments begins with the state that they end with.
    if (!chain.pieces.front().state) chain.pieces.front().state = segments_.floor_state(key);
    raw_rings_.push_back(
        {std::make_shared<const RingIdentity>(key.ring, key.uid, session.session), converter, std::move(chain.pieces)});
  }
  raw_.chains.clear();
}

}  // namespace lmlog::decoder
