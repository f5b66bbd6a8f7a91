// SPDX-License-Identifier: Apache-2.0
// The archiver's pace: what is read, when blocks are cut and segments closed, and when journal files go.
#include "collector/store/archiver.hpp"

#include <algorithm>
#include <numeric>

#include "collector/store/journal_following.hpp"

namespace lmlog::collector {

namespace {

// Slow services keep old journal files alive until their block is cut; beyond so many files their blocks are cut early.
// 16 × 32 MiB: half a GiB of disk at most, while the archiver keeps up.
constexpr std::size_t kMaxJournalFiles = 16;

// Each open segment is a descriptor and a footer in memory; services are named by producers, who may name many.
constexpr std::size_t kMaxOpenSegments = 256;

}  // namespace

Archiver::Session::Session(const formats::SessionDescriptor& descriptor, std::uint32_t uid)
    : catalog(descriptor, uid),
      anchors({descriptor.start_tsc, descriptor.start_realtime_ns, descriptor.start_monotonic_raw_ns}) {}

Archiver::Archiver(FileSystem& files, const Clock& clock, const ArchiveLayout& layout, IdSource new_id,
                   const ConfigBox& config, Notices& notices, RecoveredSegments recovered)
    : files_(files),
      clock_(clock),
      layout_(layout),
      config_box_(config),
      config_(config.get()),
      notices_(notices),
      tools_{files_, clock_, layout_, std::move(new_id),
             [this](const formats::SessionCatalog& catalog) { return anchors_of(catalog); }},
      next_sequence_(std::move(recovered.next_sequence)) {
  counts_.hot = recovered.tiers[static_cast<std::size_t>(formats::Tier::hot)];
  for (auto& [key, place] : recovered.places) {
    Ring& ring = rings_[key];
    ring.home = &home_of(recovered.homes.at(place.session), {});
    ring.held = formats::RingPosition{place.session, key.ring, place.data_bytes, place.position, place.state};
    ring.fed = std::move(place);
  }
}

Archiver::~Archiver() = default;

void Archiver::follow(const OldJournal& journal, std::set<formats::Id128> present) {
  for (const auto& file : journal.files) old_files_.push_back(file.sequence);
  next_file_ = journal.next_sequence;
  present_ = std::move(present);
  if (old_files_.empty()) forget_absent();
  update_counts();
}

RingPlaces Archiver::places() const {
  RingPlaces out;
  for (const auto& [key, ring] : rings_) out.emplace(key, ring.fed);
  return out;
}

void Archiver::forget_absent() {
  for (auto& [key, ring] : rings_) ring.ended = !present_.contains(ring.fed.session);
  present_.clear();
  forget_ended();
}

bool Archiver::pump_old_journal() {
  while (!old_files_.empty()) {
    const std::uint64_t sequence = old_files_.front();
    if (following_ == nullptr) {
      const std::string path = layout_.journal_file(sequence);
      const auto status = open_following(sequence, std::nullopt);
      if (!status && status.error().code == ErrorCode::io) return cannot_read(sequence, status.error());
      if (!status) {
        if (status.error().code != ErrorCode::unsupported) ++damaged_ranges_;
        notices_.warn_once(path, path + " cannot be read and is left alone: " + status.error().text);
      }
    }
    if (following_ != nullptr && !read_following()) return false;
    following_.reset();
    old_files_.pop_front();
    if (old_files_.empty()) forget_absent();
    // Not all of it at once in memory.
    if (!cut_what_is_due()) return false;
  }
  return true;
}

bool Archiver::pump(const JournalFront& front) {
  config_ = config_box_.get();
  bool good = write_out_all() && pump_old_journal();
  while (good) {
    if (following_ == nullptr) {
      const bool exists = next_file_ < front.sequence || front.bytes != 0;
      if (!exists) break;
      const auto limit = next_file_ == front.sequence ? std::optional(front.bytes) : std::nullopt;
      if (auto status = open_following(next_file_, limit); !status) {
        if (status.error().code != ErrorCode::io && next_file_ < front.sequence) {
          if (status.error().code == ErrorCode::truncated) {
            // Abandoned because it could not be synced, and cut: the next one has it all.
            journal_files_.insert(next_file_);
          } else {
            notices_.warn_once(
                layout_.journal_file(next_file_),
                layout_.journal_file(next_file_) + " cannot be read and is left alone: " + status.error().text);
          }
          ++next_file_;
          continue;
        }
        return cannot_read(next_file_, status.error());
      }
      ++next_file_;
    }
    const bool is_last = following_->sequence == front.sequence;
    const auto bytes = is_last ? Result<std::uint64_t>(front.bytes) : following_->file->size();
    if (!bytes) return cannot_read(following_->sequence, bytes.error());
    following_->source.set_limit(*bytes);
    good = read_following();
    if (!good || is_last) break;
    following_.reset();
  }
  if (good) good = cut_what_is_due();
  if (good) remove_old_journal();
  update_counts();
  return good;
}

bool Archiver::cut_when_full(ServiceArchive& archive) { return !archive.builder().full() || cut(archive); }

bool Archiver::cut_what_is_due() {
  const std::int64_t now = clock_.monotonic_ns();
  const auto block_age_ns = static_cast<std::int64_t>(config_->block_seconds) * kNsPerSecond;
  const std::uint64_t oldest_allowed = next_file_ > kMaxJournalFiles ? next_file_ - kMaxJournalFiles : std::uint64_t{0};
  for (auto& [key, archive] : archives_) {
    if (!archive->builder().empty()) {
      const bool is_old = now - archive->pending_since_ns() >= block_age_ns;
      const bool holds_journal = archive->oldest_journal().value_or(oldest_allowed) < oldest_allowed;
      if ((is_old || holds_journal) && !cut(*archive)) return false;
    }
    if (archive->is_due_for_rotation(*config_)) {
      archive->seal();
      if (!write_out(*archive)) return false;
    }
  }
  if (!seal_beyond_bound()) return false;
  for (;;) {
    std::uint64_t sum = 0;
    ServiceArchive* largest = nullptr;
    for (auto& [key, archive] : archives_) {
      const std::uint64_t bytes = archive->builder().bytes();
      sum += bytes;
      if (largest == nullptr || bytes > largest->builder().bytes()) largest = archive.get();
    }
    if (sum <= config_->memory) return true;
    if (!cut(*largest)) return false;
  }
}

bool Archiver::seal_beyond_bound() {
  std::vector<ServiceArchive*> open;
  for (auto& [key, archive] : archives_) {
    if (archive->has_open_segment()) open.push_back(archive.get());
  }
  if (open.size() <= kMaxOpenSegments) return true;
  std::sort(open.begin(), open.end(), [](const auto* a, const auto* b) { return a->begun_ns() < b->begun_ns(); });
  open.resize(open.size() - kMaxOpenSegments);
  return std::all_of(open.begin(), open.end(), [this](ServiceArchive* archive) {
    archive->seal();
    return write_out(*archive);
  });
}

void Archiver::forget_idle_archives() {
  if (archives_.size() <= kMaxOpenSegments) return;
  std::set<const ServiceArchive*> needed;
  for (const auto& [key, ring] : rings_) needed.insert(ring.home);
  for (const auto& [key, session] : sessions_) needed.insert(session->home);
  std::erase_if(archives_, [&](const auto& entry) {
    const ServiceArchive& archive = *entry.second;
    if (needed.contains(&archive) || archive.has_open_segment() || !archive.builder().empty() || !archive.is_written())
      return false;
    next_sequence_[entry.first] = archive.next_sequence();
    return true;
  });
}

bool Archiver::cut(ServiceArchive& archive) {
  const auto reached = archive.cut([&] { return checkpoint_of(archive); });
  for (const auto& ring : reached) {
    const auto found = rings_.find(RingKey{archive.key().uid, ring.ring});
    if (found == rings_.end()) continue;
    found->second.held = formats::RingPosition{ring.session, ring.ring, ring.data_bytes, ring.to, ring.end_state};
  }
  if (!write_out(archive)) return false;
  if (archive.is_due_for_rotation(*config_)) {
    archive.seal();
    if (!write_out(archive)) return false;
  }
  forget_ended();
  return true;
}

bool Archiver::write_out(ServiceArchive& archive) {
  const auto status = archive.write_out(config_->durability == Durability::fsync);
  const std::string subject = "segments";
  if (!status) {
    notices_.warn_once(subject,
                       "segments cannot be written: " + status.error().text +
                           ". Records wait in the journal and in the rings; writing is tried again all the time");
    return false;
  }
  notices_.settle(subject, "segments can be written again");
  const TierCounts written = archive.take_written();
  const std::lock_guard lock(counts_mutex_);
  counts_.hot += written;
  counts_.services[archive.key().service] += written;
  return true;
}

bool Archiver::write_out_all() {
  return std::all_of(archives_.begin(), archives_.end(),
                     [this](auto& entry) { return entry.second->is_written() || write_out(*entry.second); });
}

std::vector<formats::RingPosition> Archiver::checkpoint_of(const ServiceArchive& archive) const {
  std::vector<formats::RingPosition> out;
  for (const auto& [key, ring] : rings_) {
    if (ring.home == &archive && ring.held && !ring.ended) out.push_back(*ring.held);
  }
  // The order of a hash table says nothing; that of ids makes equal archives equal files.
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.ring < b.ring; });
  return out;
}

std::vector<formats::Anchor> Archiver::anchors_of(const formats::SessionCatalog& catalog) {
  const auto found = sessions_.find({catalog.uid(), catalog.id()});
  if (found == sessions_.end() || catalog.descriptor().clock != static_cast<std::uint32_t>(formats::ClockKind::tsc))
    return {};
  AnchorHistory& anchors = found->second->anchors;
  // One at the cut: then every record lies before an anchor, and the next block goes on from the same one.
  if (catalog.descriptor().boot_id == clock_.boot_id()) anchors.add(clock_.anchor());
  auto out = anchors.for_block();
  anchors.trim();
  return out;
}

void Archiver::remove_old_journal() {
  std::uint64_t needed = following_ != nullptr ? following_->sequence : next_file_;
  if (!old_files_.empty()) needed = std::min(needed, old_files_.front());
  for (const auto& [key, archive] : archives_) needed = std::min(needed, archive->oldest_journal().value_or(needed));
  while (!journal_files_.empty() && *journal_files_.begin() < needed) {
    const std::string path = layout_.journal_file(*journal_files_.begin());
    if (auto status = files_.remove(path); !status && status.error().code != ErrorCode::not_found) {
      notices_.warn_once(path, status.error().text);
      return;
    }
    journal_files_.erase(journal_files_.begin());
  }
  // A session that no remaining file names is declared anew before it is needed again.
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second->last_file < needed; });
  forget_idle_archives();
}

void Archiver::forget_ended() {
  std::erase_if(rings_, [](const auto& entry) {
    const Ring& ring = entry.second;
    return ring.ended && (!ring.held || ring.held->position == ring.fed.position);
  });
}

Status Archiver::finish() {
  const auto failure = [this] { return Error{ErrorCode::io, notices_.last_error()}; };
  if (!write_out_all()) return failure();
  for (auto& [key, archive] : archives_) {
    if (!archive->builder().empty() && !cut(*archive)) return failure();
    if (!archive->has_open_segment()) continue;
    archive->seal();
    if (!write_out(*archive)) return failure();
  }
  following_.reset();
  remove_old_journal();
  update_counts();
  return Done{};
}

void Archiver::update_counts() {
  const std::lock_guard lock(counts_mutex_);
  const std::size_t unread = old_files_.empty() || following_ == nullptr ? old_files_.size() : old_files_.size() - 1;
  counts_.journal_files = journal_files_.size() + unread;
  counts_.damaged_ranges = damaged_ranges_;
  counts_.pending_records =
      std::accumulate(archives_.begin(), archives_.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const auto& entry) { return sum + entry.second->pending_statements(); });
}

Archiver::Counts Archiver::counts() const {
  const std::lock_guard lock(counts_mutex_);
  return counts_;
}

}  // namespace lmlog::collector
