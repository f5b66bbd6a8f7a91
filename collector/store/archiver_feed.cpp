// SPDX-License-Identifier: Apache-2.0
// What the archiver does with each journal entry. Ranges below the place that segments hold are old; one that overlaps
// is cut.
#include <algorithm>
#include <string>

#include <lmlog/formats/descriptors.hpp>
#include <lmlog/formats/record_reader.hpp>

#include "collector/store/archiver.hpp"
#include "collector/store/journal_following.hpp"
#include "collector/store/journal_steps.hpp"

namespace lmlog::collector {

Status Archiver::open_following(std::uint64_t sequence, std::optional<std::uint64_t> limit) {
  auto file = files_.open(layout_.journal_file(sequence), OpenFor::writing);
  if (!file) return file.error();
  if (!limit) {
    const auto size = (*file)->size();
    if (!size) return size.error();
    limit = *size;
  }
  auto following = std::make_unique<Following>(std::move(file).value(), sequence, *limit);
  auto reader = formats::JournalReader::open(following->source);
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
      if (!next) return cannot_read(following_->sequence, next.error());
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

bool Archiver::cannot_read(std::uint64_t sequence, const Error& error) {
  // What cannot be read now must be read later: it is nowhere else.
  notices_.warn_once("journal reading", "the journal cannot be read: " + layout_.journal_file(sequence) + ": " +
                                            error.text + ". It is tried again");
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
    case formats::JournalEntryType::losses:
      feed_losses(session, entry);
      return cut_when_full(*session.home);
    case formats::JournalEntryType::ring_end: {
      const auto found = rings_.find(RingKey{session.catalog.uid(), entry.ring});
      if (found != rings_.end()) found->second.ended = true;
      break;
    }
  }
  return true;
}

void Archiver::feed_session(const formats::JournalEntry& entry) {
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
  const auto status = take_catalog(session.catalog, entry);
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

bool Archiver::feed_range(Session& session, const formats::JournalEntry& entry) {
  Ring& ring = ring_of(session, entry);
  const bool is_known = ring.held.has_value() || ring.fed.position != 0 || ring.fed.state.index != 0;
  const NewRange range = begin_range(ring.fed, is_known, entry);
  if (range.bytes.empty()) return true;
  if (range.missing_from < range.from)
    notices_.warn_once(entry.ring.hex(), "bytes " + std::to_string(range.missing_from) + " to " +
                                             std::to_string(range.from) + " of ring " + entry.ring.hex() +
                                             " are not in the journal");
  std::uint64_t from = range.from;
  auto bytes = range.bytes;
  bool is_told = true;
  while (is_told && !bytes.empty()) {
    ServiceArchive& archive = *session.home;
    archive.note_pending(following_->sequence, *config_);
    const std::uint64_t room =
        config_->hot_block_records - std::min(config_->hot_block_records, archive.builder().records());
    const formats::StateVector begin = ring.fed.state;
    const RecordSteps steps = step_records(session.catalog, bytes, from, entry.data_bytes, room, ring.fed.state,
                                           [&](const formats::RecordView& record) {
                                             if (record.id == static_cast<std::uint32_t>(formats::RecordKind::clock))
                                               add_anchor_of(session, record);
                                           });
    is_told = steps.is_told;
    if (!is_told)
      notices_.warn_once(entry.ring.hex() + " range", "a range of ring " + entry.ring.hex() +
                                                          " in the journal holds what is no record; it is left out");
    const auto length = static_cast<std::size_t>(steps.to - from);
    if (length != 0)
      archive.builder().add_range(session.catalog, entry.ring, entry.data_bytes, from, bytes.first(length),
                                  steps.records, begin, ring.fed.state);
    archive.note_statements(steps.statements);
    bytes = bytes.subspan(length);
    from = steps.to;
    ring.fed.position = from;
    if (!cut_when_full(archive)) return false;
  }
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
  if (take_losses(ring.fed, without_ring, entry) != LossStep::counts) return;
  const std::uint64_t offset = loss_offset(without_ring, entry);
  session.home->note_pending(following_->sequence, *config_);
  session.home->builder().add_losses(session.catalog, entry.ring, ring.fed.data_bytes, entry.to - offset,
                                     static_cast<std::uint8_t>(offset), entry.time, entry.state, entry.losses);
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
