// SPDX-License-Identifier: Apache-2.0
// The same steps as the archiver's, without blocks. A second walk is made only where bytes of a ring may be missing:
// with what segments hold, and with the rings.
#include "collector/store/old_journal.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_set>
#include <utility>

#include <lmlog/formats/journal_reader.hpp>

#include "collector/store/fresh_copy.hpp"
#include "collector/store/journal_steps.hpp"
#include "collector/store/read_ahead_source.hpp"

namespace lmlog::collector {

namespace {

using formats::JournalEntry;
using formats::JournalEntryType;

/// One file after the other, in the order in which they were written.
class JournalWalk {
 public:
  /// `places`: where the rings are before it. Without `first_in_ring` nothing is left to the drain, and gaps are noted.
  JournalWalk(RingPlaces places, const FirstInRing* first_in_ring, Notices* notices)
      : places_(std::move(places)), first_in_ring_(first_in_ring), notices_(notices) {}

  Status read(const File& file, OldJournalFile& of) {
    const ReadAheadSource source(file, of.bytes);
    auto reader = formats::JournalReader::open(source);
    if (!reader) return reader.error().code == ErrorCode::io ? Status(reader.error()) : Status(Done{});
    numbers_.clear();
    of.is_whole = true;
    for (;;) {
      const auto entry = reader->next();
      if (!entry && entry.error().code == ErrorCode::io) return entry.error();
      if (!entry) of.is_whole = false;
      if (!entry || !*entry) break;
      if (auto status = take(**entry, of); !status) return status;
    }
    of.is_whole = of.is_whole && reader->damage().empty();
    of.valid_end = reader->valid_end();
    return Done{};
  }

  [[nodiscard]] std::set<formats::Id128> sessions() const {
    std::set<formats::Id128> out;
    for (const auto& [key, catalog] : sessions_) out.insert(key.second);
    return out;
  }
  [[nodiscard]] RingPlaces take_places() { return std::move(places_); }
  [[nodiscard]] std::vector<OldJournal::Gap> take_gaps() { return std::move(gaps_); }

 private:
  using Catalog = formats::SessionCatalog;

  Status take(const JournalEntry& entry, OldJournalFile& of) {
    if (entry.type == JournalEntryType::session) {
      take_session(entry);
      return Done{};
    }
    const auto found = numbers_.find(entry.session);
    if (found == numbers_.end()) return Done{};  // damage took it
    Catalog& catalog = *found->second;
    switch (entry.type) {
      case JournalEntryType::session:
      case JournalEntryType::anchor:
        break;
      case JournalEntryType::catalog:
        (void)take_catalog(catalog, entry);  // the archiver says what is wrong with it
        break;
      case JournalEntryType::range:
        return take_range(catalog, entry, of);
      case JournalEntryType::losses:
        return take_losses_of(catalog, entry, of);
      case JournalEntryType::ring_end:
        // The drain will say it again.
        if (left_.contains({catalog.uid(), entry.ring})) of.left_to_rings.push_back({entry.offset, entry.length});
        break;
    }
    return Done{};
  }

  void take_session(const JournalEntry& entry) {
    if (entry.session >= kMaxSessionsOfAFile) return;
    auto& catalog = sessions_[{entry.uid, entry.descriptor.session_id}];
    if (catalog == nullptr) catalog = std::make_unique<Catalog>(entry.descriptor, entry.uid);
    numbers_[entry.session] = catalog.get();
  }

  Status take_range(const Catalog& catalog, const JournalEntry& entry, OldJournalFile& of) {
    const auto is_left = leave_to_drain(catalog, entry, entry.from, of);
    if (!is_left) return is_left.error();
    if (*is_left) return Done{};
    const auto [place, is_known] = place_of(catalog, entry);
    const NewRange range = begin_range(*place, is_known, entry);
    if (range.bytes.empty()) return Done{};
    const RecordSteps steps = step_records(catalog, range.bytes, range.from, entry.data_bytes, ~std::uint64_t{0},
                                           place->state, [](const formats::RecordView&) {});
    place->position = steps.to;
    return Done{};
  }

  Status take_losses_of(const Catalog& catalog, const JournalEntry& entry, OldJournalFile& of) {
    // A jump says itself what is missing before it; losses without a ring have no place in one.
    const std::uint64_t offset = entry.to % 8;
    const bool may_jump = offset == formats::kJumpCursor || entry.ring == catalog.id();
    const auto is_left = leave_to_drain(catalog, entry, may_jump ? 0 : entry.to - offset, of);
    if (!is_left) return is_left.error();
    if (*is_left) return Done{};
    (void)take_losses(*place_of(catalog, entry).first, entry.ring == catalog.id(), entry);
    return Done{};
  }

  /// And whether it was there before.
  std::pair<RingPlace*, bool> place_of(const Catalog& catalog, const JournalEntry& entry) {
    const auto [found, is_new] = places_.try_emplace(RingKey{catalog.uid(), entry.ring});
    RingPlace& place = found->second;
    if (is_new) place.session = catalog.id();
    if (entry.data_bytes != 0) place.data_bytes = entry.data_bytes;
    return {&place, !is_new};
  }

  /// What `entry` has of its ring begins at `from`: true when it is left to the drain. Errors: io.
  Result<bool> leave_to_drain(const Catalog& catalog, const JournalEntry& entry, std::uint64_t from,
                              OldJournalFile& of) {
    const RingKey key{catalog.uid(), entry.ring};
    if (!left_.contains(key)) {
      const auto known = places_.find(key);
      const std::uint64_t reached = known == places_.end() ? 0 : known->second.position;
      if (from <= reached) return false;
      if (first_in_ring_ == nullptr) {
        gaps_.push_back({key, reached, from});
        return false;
      }
      const auto first = (*first_in_ring_)(catalog.id(), key);
      if (!first) return first.error();
      if (!*first || **first > reached) return false;
      notices_->say("the journal lost bytes " + std::to_string(reached) + " to " + std::to_string(from) + " of ring " +
                    entry.ring.hex() + ", which are still in the ring: it is drained from there on again");
      left_.insert(key);
      (void)place_of(catalog, entry);
    }
    of.left_to_rings.push_back({entry.offset, entry.length});
    return true;
  }

  RingPlaces places_;
  const FirstInRing* first_in_ring_;
  Notices* notices_;
  std::map<std::pair<std::uint32_t, formats::Id128>, std::unique_ptr<Catalog>> sessions_;  // by uid and id
  std::unordered_map<std::uint32_t, Catalog*> numbers_;                                    // of the file at hand
  std::unordered_set<RingKey, RingKeyHash> left_;                                          // to the drain
  std::vector<OldJournal::Gap> gaps_;
};

/// Bytes of a ring are in no file, unless the ring still has them.
bool has_gap(const OldJournal& journal, const RingPlaces& held) {
  return std::any_of(journal.gaps.begin(), journal.gaps.end(), [&held](const OldJournal::Gap& gap) {
    const auto found = held.find(gap.ring);
    return found == held.end() || found->second.position < gap.to;
  });
}

Status settle(const OldJournalFile& of, FileSystem& files, const std::string& path) {
  if (of.valid_end == 0) return Done{};  // it could not be read: it is left alone
  const bool is_cut = of.is_whole && of.bytes > of.valid_end;
  if (!is_cut && of.left_to_rings.empty()) return Done{};
  auto file = files.open(path, OpenFor::writing);
  if (!file) return file.error();
  // A cut that a loss of power takes back is made again.
  if (of.left_to_rings.empty()) return (*file)->truncate(of.valid_end);
  const SplicedSource rest(**file, is_cut ? of.valid_end : of.bytes, of.left_to_rings);
  auto fresh = replace_by_copy(files, path, rest, rest.bytes());
  if (!fresh) return fresh.error();
  return Done{};
}

}  // namespace

Result<OldJournal> read_old_journal(FileSystem& files, const ArchiveLayout& layout, Durability durability) {
  OldJournal out;
  auto names = files.list(layout.journal_folder());
  if (!names) return names.error();
  for (const auto& name : *names) {
    if (name.ends_with(kCopySuffix)) {
      if (auto status = files.remove(layout.journal_folder() + "/" + name); !status) return status.error();
    }
    if (const auto sequence = journal_sequence_of(name)) out.files.push_back({*sequence, 0, 0, false, {}});
  }
  std::sort(out.files.begin(), out.files.end(), [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
  if (!out.files.empty()) out.next_sequence = out.files.back().sequence + 1;
  JournalWalk walk({}, nullptr, nullptr);
  for (OldJournalFile& of : out.files) {
    const std::string path = layout.journal_file(of.sequence);
    auto file = files.open(path, OpenFor::writing);
    if (!file) return file.error();
    if (durability == Durability::fsync) {
      if (auto status = sync_or_replace(files, path, *file); !status) return status.error();
    }
    const auto bytes = (*file)->size();
    if (!bytes) return bytes.error();
    of.bytes = *bytes;
    if (auto status = walk.read(**file, of); !status) return status.error();
  }
  out.sessions = walk.sessions();
  out.places = walk.take_places();
  out.gaps = walk.take_gaps();
  return out;
}

Result<RingPlaces> take_over(OldJournal& journal, FileSystem& files, const ArchiveLayout& layout, Durability durability,
                             RingPlaces held, const FirstInRing& first_in_ring, Notices& notices) {
  RingPlaces places;
  if (first_in_ring && has_gap(journal, held)) {
    JournalWalk walk(std::move(held), &first_in_ring, &notices);
    for (OldJournalFile& of : journal.files) {
      auto file = files.open(layout.journal_file(of.sequence), OpenFor::reading);
      if (!file) return file.error();
      if (auto status = walk.read(**file, of); !status) return status.error();
    }
    places = walk.take_places();
  } else {
    places = std::move(held);
    for (const auto& [key, place] : journal.places) {
      const auto [found, is_new] = places.try_emplace(key, place);
      if (!is_new && is_later(place.position, place.state, found->second)) found->second = place;
    }
  }
  for (const OldJournalFile& of : journal.files) {
    const std::string path = layout.journal_file(of.sequence);
    // Shorter than a header: its collector died before the first entry.
    auto status = of.bytes < formats::kJournalHeaderBytes ? files.remove(path) : settle(of, files, path);
    if (!status) return status.error();
  }
  std::erase_if(journal.files, [](const auto& of) { return of.bytes < formats::kJournalHeaderBytes; });
  if (durability == Durability::fsync) {
    if (auto status = files.sync_folder(layout.journal_folder()); !status) return status.error();
  }
  return places;
}

}  // namespace lmlog::collector
