// SPDX-License-Identifier: Apache-2.0
// What the archiver does with each journal entry. Ranges below the place that segments hold are old; one that overlaps
// is cut.
#include <algorithm>
#include <string>

#include <lmlog/formats/descriptors.hpp>
#include <lmlog/formats/record_reader.hpp>
#include <lmlog/formats/sub_buffer.hpp>

#include "collector/store/archiver.hpp"
#include "collector/store/journal_following.hpp"

namespace lmlog::collector {

Status Archiver::open_following(std::uint64_t sequence) {
  auto file = files_.open(layout_.journal_file(sequence), OpenFor::writing);
  if (!file) return file.error();
  auto following = std::make_unique<Following>(std::move(file).value(), sequence);
  auto reader = formats::JournalReader::open(following->bounded);
  if (!reader) return reader.error();
  following->reader.emplace(std::move(reader).value());
  following_ = std::move(following);
  journal_files_.insert(sequence);
  return Done{};
}

bool Archiver::read_following() {
  const std::string path = layout_.journal_file(following_->sequence);
  for (;;) {
    if (!following_->at_hand) {
      auto next = following_->reader->next();
      // What it lost is nowhere else: it is not ours to remove any more.
      if (!following_->reader->damage().empty()) journal_files_.erase(following_->sequence);
      if (!next && next.error().code == ErrorCode::unsupported) {
        say_damage();
        notices_.warn_once(path, path + ": " + next.error().text + "; the rest of it is left alone");
        journal_files_.erase(following_->sequence);
        return true;
      }
      if (!next) return cannot_read(next.error());
      if (!*next) {
        say_damage();
        notices_.settle("journal reading", "the journal can be read again");
        return true;
      }
      following_->at_hand = **std::move(next);
    }
    if (!feed(*following_->at_hand)) return false;
    following_->at_hand.reset();
  }
}

bool Archiver::cannot_read(const Error& error) {
  // What cannot be read now must be read later: it is nowhere else.
  notices_.warn_once("journal reading", "the journal cannot be read: " + layout_.journal_file(following_->sequence) +
                                            ": " + error.text + ". It is tried again");
  return false;
}

void Archiver::say_damage() {
  const std::string path = layout_.journal_file(following_->sequence);
  const auto& damage = following_->reader->damage();
  for (; following_->damage_said < damage.size(); ++following_->damage_said) {
    ++damaged_ranges_;
    const auto& one = damage[following_->damage_said];
    notices_.warn_once(path + " " + std::to_string(one.offset),
                       path + " is damaged in bytes " + std::to_string(one.offset) + " to " +
                           std::to_string(one.offset + one.length) + ": " + one.what +
                           "; the rest of it is archived, and the file is kept for lmlog-decode: move it away when it "
                           "is not needed");
  }
}

bool Archiver::feed(const formats::JournalEntry& entry) {
  if (entry.type == formats::JournalEntryType::session) {
    feed_session(entry);
    return true;
  }
  if (entry.session >= following_->sessions.size() || following_->sessions[entry.session] == nullptr) {
    notices_.warn_once(
        layout_.journal_file(following_->sequence) + " sessions",
        layout_.journal_file(following_->sequence) + " lost the entry of a session: its ranges are left out");
    return true;
  }
  Session& session = *following_->sessions[entry.session];
  switch (entry.type) {
    case formats::JournalEntryType::session:
      break;
    case formats::JournalEntryType::catalog:
      feed_catalog(session, entry);
      break;
    case formats::JournalEntryType::range:
      return feed_range(session, entry);
    case formats::JournalEntryType::anchor:
      session.anchors.add(entry.anchor);
      break;
    case formats::JournalEntryType::losses: {
      const std::uint64_t offset = entry.to % 8;
      // A jump says itself what is missing before it; losses without a ring have no place in one.
      const bool may_jump = offset == formats::kJumpCursor || entry.ring == session.catalog.id();
      const auto is_left = leave_to_drain(session, entry, may_jump ? 0 : entry.to - offset);
      if (!is_left) return cannot_read(is_left.error());
      if (*is_left) break;
      feed_losses(session, entry);
      return cut_when_full(*session.home);
    }
    case formats::JournalEntryType::ring_end: {
      const auto found = rings_.find(RingKey{session.catalog.uid(), entry.ring});
      if (found != rings_.end()) found->second.ended = !found->second.is_left_to_drain;
      break;
    }
  }
  return true;
}

void Archiver::feed_session(const formats::JournalEntry& entry) {
  // A damaged file may name any number: those that are not there stay null. The bound is far above what a file of 32
  // MiB can declare.
  constexpr std::uint32_t kMaxSessionsOfAFile = 1u << 20;
  if (entry.session >= kMaxSessionsOfAFile) return;
  auto& session = sessions_[{entry.uid, entry.descriptor.session_id}];
  if (session == nullptr) {
    session = std::make_unique<Session>(entry.descriptor, entry.uid);
    session->home = &home_of({std::string(formats::service_of(entry.descriptor)), entry.uid},
                             std::string(formats::host_of(entry.descriptor)));
  }
  session->last_file = following_->sequence;
  auto& numbers = following_->sessions;
  if (entry.session >= numbers.size()) numbers.resize(entry.session + 1, nullptr);
  numbers[entry.session] = session.get();
}

void Archiver::feed_catalog(Session& session, const formats::JournalEntry& entry) {
  // Each file declares the catalog from its start: what is known is skipped.
  const std::uint64_t known = session.catalog.catalog_bytes();
  if (entry.catalog_offset > known || entry.catalog_offset + entry.bytes.size() <= known) return;
  const auto status =
      session.catalog.append(entry.bytes.subspan(static_cast<std::size_t>(known - entry.catalog_offset)));
  if (!status)
    notices_.warn_once(session.catalog.id().hex(), "a catalog in the journal is damaged: " + status.error().text);
}

Archiver::Ring& Archiver::ring_of(Session& session, const formats::JournalEntry& entry) {
  Ring& ring = rings_[RingKey{session.catalog.uid(), entry.ring}];
  if (ring.home == nullptr) {
    ring.home = session.home;
    ring.fed.session = session.catalog.id();
  }
  if (entry.data_bytes != 0) ring.fed.data_bytes = entry.data_bytes;
  return ring;
}

Result<bool> Archiver::leave_to_drain(const Session& session, const formats::JournalEntry& entry, std::uint64_t from) {
  if (!first_in_ring_) return false;
  const RingKey key{session.catalog.uid(), entry.ring};
  const auto known = rings_.find(key);
  const std::uint64_t reached = known == rings_.end() ? 0 : known->second.fed.position;
  if (known == rings_.end() || !known->second.is_left_to_drain) {
    if (from <= reached) return false;
    const auto first = first_in_ring_(session.catalog.id(), key);
    if (!first) return first.error();
    if (!*first || **first > reached) return false;
    notices_.say("the journal lost bytes " + std::to_string(reached) + " to " + std::to_string(from) + " of ring " +
                 entry.ring.hex() + ", which are still in the ring: it is drained from there on again");
    Ring& ring = rings_[key];
    ring.is_left_to_drain = true;
    if (ring.home == nullptr) {
      ring.home = session.home;
      ring.fed.session = session.catalog.id();
      ring.fed.data_bytes = entry.data_bytes;
    }
  }
  following_->left_to_rings.push_back({entry.offset, entry.length});
  return true;
}

bool Archiver::feed_range(Session& session, const formats::JournalEntry& entry) {
  const auto is_left = leave_to_drain(session, entry, entry.from);
  if (!is_left) return cannot_read(is_left.error());
  if (*is_left) return true;
  Ring& ring = ring_of(session, entry);
  const bool is_known = ring.held.has_value() || ring.fed.position != 0 || ring.fed.state.index != 0;
  if (is_known && entry.to <= ring.fed.position) return true;
  std::uint64_t from = entry.from;
  auto bytes = entry.bytes;
  if (is_known && ring.fed.position > from) {
    bytes = bytes.subspan(static_cast<std::size_t>(ring.fed.position - from));
    from = ring.fed.position;
  } else {
    if (is_known && ring.fed.position < from)
      notices_.warn_once(entry.ring.hex(), "bytes " + std::to_string(ring.fed.position) + " to " +
                                               std::to_string(from) + " of ring " + entry.ring.hex() +
                                               " are not in the journal");
    ring.fed.state = entry.state;
    ring.fed.position = from;
  }
  std::uint64_t end = entry.to;
  while (!bytes.empty()) {
    ServiceArchive& archive = *session.home;
    archive.note_pending(following_->sequence, *config_);
    const std::uint64_t room =
        config_->hot_block_records - std::min(config_->hot_block_records, archive.builder().records());
    const formats::StateVector begin = ring.fed.state;
    formats::RecordReader reader(bytes, from, entry.data_bytes);
    formats::RecordView record;
    std::uint64_t records = 0;
    std::uint64_t statements = 0;
    while (records < room && reader.next(record)) {
      const bool is_statement = record.id >= formats::kFirstStatementId;
      if (is_statement && session.catalog.find(record.id) == nullptr) break;
      ring.fed.state.apply(record);
      ++records;
      statements += is_statement ? 1 : 0;
      if (record.id == static_cast<std::uint32_t>(formats::RecordKind::clock)) add_anchor_of(session, record);
    }
    // With room left the walk went to the end, pads behind the last record included.
    std::uint64_t to = records < room ? reader.position() : record.position + record.length;
    if (records < room && reader.stop() != formats::WalkEnd::end) {
      notices_.warn_once(entry.ring.hex() + " range", "a range of ring " + entry.ring.hex() +
                                                          " in the journal holds what is no record; it is left out");
      to = std::max(from, record.position);
      bytes = bytes.first(static_cast<std::size_t>(to - from));
      end = to;
    }
    if (to > from)
      archive.builder().add_range(session.catalog, entry.ring, entry.data_bytes, from,
                                  bytes.first(static_cast<std::size_t>(to - from)), records, begin, ring.fed.state);
    archive.note_statements(statements);
    bytes = bytes.subspan(static_cast<std::size_t>(to - from));
    from = to;
    ring.fed.position = to;
    if (!cut_when_full(archive)) return false;
  }
  ring.fed.position = end;
  return true;
}

void Archiver::add_anchor_of(Session& session, const formats::RecordView& record) {
  formats::ByteReader in(record.body);
  const auto kind = in.take<std::uint32_t>();
  (void)in.take<std::uint32_t>();
  const auto anchor = in.take<formats::Anchor>();
  if (in.ok() && kind == static_cast<std::uint32_t>(formats::ClockKind::tsc)) session.anchors.add(anchor);
}

void Archiver::feed_losses(Session& session, const formats::JournalEntry& entry) {
  Ring& ring = ring_of(session, entry);
  const bool without_ring = entry.ring == session.catalog.id();
  const std::uint64_t offset = without_ring ? 0 : entry.to % 8;
  const bool is_new = has_news(entry.losses, ring.fed.state.losses);
  // Nothing that is counted was overwritten: the ring goes on behind its jump, and there is nothing to say.
  const bool is_silent_jump = !is_new && offset == formats::kJumpCursor && ring.fed.position < entry.to - offset;
  if (entry.to <= ring.fed.position || (!is_new && !is_silent_jump)) return;
  if (is_new) {
    session.home->note_pending(following_->sequence, *config_);
    session.home->builder().add_losses(session.catalog, entry.ring, ring.fed.data_bytes, entry.to - offset,
                                       static_cast<std::uint8_t>(offset), entry.time, entry.state, entry.losses);
  }
  ring.fed.state = entry.state;
  ring.fed.state.losses = entry.losses;
  ring.fed.state.sort_key = std::max(ring.fed.state.sort_key, entry.time);
  ring.fed.position = entry.to - offset;
  ring.fed.cursor = without_ring ? 0 : entry.to;
}

ServiceArchive& Archiver::home_of(const ServiceKey& key, const std::string& host) {
  auto& archive = archives_[key];
  if (archive == nullptr) {
    const auto sequence = next_sequence_.find(key);
    archive =
        std::make_unique<ServiceArchive>(tools_, key, host, sequence == next_sequence_.end() ? 0 : sequence->second);
  }
  return *archive;
}

}  // namespace lmlog::collector
