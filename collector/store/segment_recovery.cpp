// SPDX-License-Identifier: Apache-2.0
// A segment without footer was being written when its collector died: the torn end is cut, the footer is appended.
#include "collector/store/segment_recovery.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <lmlog/formats/mutant.hpp>
#include <lmlog/formats/segment_layout.hpp>
#include <lmlog/formats/segment_reader.hpp>

#include "collector/store/bounded_source.hpp"
#include "collector/store/fresh_copy.hpp"

namespace lmlog::collector {

namespace {

/// What one segment says of itself.
struct Segment {
  std::string path;
  formats::Tier tier;
  formats::Id128 id;
  ServiceKey home;
  std::uint64_t sequence;
  TierCounts counts;
  std::vector<std::pair<formats::Id128, RingPlace>> places;  // by ring
};

/// One that replaces others, and has no footer.
struct Rewrite {
  std::string path;
  formats::Tier tier;
  std::vector<formats::Id128> sources;
};

class SegmentRecovery {
 public:
  SegmentRecovery(FileSystem& files, const std::set<formats::Id128>& sessions, Durability durability, Notices& notices)
      : files_(files), sessions_(sessions), durability_(durability), notices_(notices) {}

  Status tier(const std::string& folder, formats::Tier tier) {
    auto services = files_.list(folder);
    if (!services) return services.error().code == ErrorCode::not_found ? Status(Done{}) : services.error();
    for (const auto& service : *services) {
      const std::string service_folder = folder + "/" + service;
      const auto info = files_.info(service_folder);
      // What was overlooked here would be archived twice.
      if (!info && info.error().code != ErrorCode::not_found) return info.error();
      if (!info || !info->is_folder) continue;
      auto names = files_.list(service_folder);
      if (!names) return names.error();
      for (const auto& name : *names) {
        if (is_unfinished_segment(name)) {
          // Its collector died before the first block was written: the journal has all of it.
          if (auto status = files_.remove(service_folder + "/" + name); !status) return status;
        }
        if (!name.ends_with(".lms")) continue;
        if (auto status = read(service_folder + "/" + name, tier); !status) return status;
      }
      if (durability_ != Durability::fsync) continue;
      if (auto status = files_.sync_folder(service_folder); !status) return status;
    }
    return Done{};
  }

  /// A rewrite that came to no end has replaced nothing, and goes. Where one of its sources is gone, and not by another
  /// rewrite that came to its end, this one had, and its footer was damaged later: it is all there is.
  Status settle_rewrites() {
    sources_are_known_ = true;
    std::set<formats::Id128> held = replaced_;  // elsewhere: in a segment of that id, or in one that replaced it
    for (const Segment& segment : segments_) held.insert(segment.id);
    for (const Rewrite& rewrite : unended_) {
      const bool all_held = std::all_of(rewrite.sources.begin(), rewrite.sources.end(),
                                        [&held](const auto& id) { return held.contains(id); });
      if (auto status = all_held ? files_.remove(rewrite.path) : read(rewrite.path, rewrite.tier); !status)
        return status;
    }
    return Done{};
  }

  /// A segment that another one replaces is a leftover of the rewrite: its records count once.
  Result<RecoveredSegments> sum_up() {
    RecoveredSegments out;
    for (const Segment& segment : segments_) {
      std::uint64_t& next = out.next_sequence[segment.home];
      next = std::max(next, segment.sequence + 1);
      if (replaced_.contains(segment.id) && !formats::mutant(formats::Mutant::replaces_ignored)) {
        if (auto status = files_.remove(segment.path); !status) return status.error();
        continue;
      }
      out.tiers[static_cast<std::size_t>(segment.tier)] += segment.counts;
      for (const auto& [ring, place] : segment.places) {
        out.homes.try_emplace(place.session, segment.home);
        const auto [found, is_new] = out.places.try_emplace(RingKey{segment.home.uid, ring}, place);
        if (!is_new && is_later(place.position, place.state, found->second)) found->second = place;
      }
    }
    return out;
  }

 private:
  Status read(const std::string& path, formats::Tier tier) {
    auto file = files_.open(path, OpenFor::writing);
    if (!file) return file.error();
    if (durability_ == Durability::fsync) {
      // It may have been killed between the write and the sync; the journal goes because of what is in here.
      if (auto status = sync_or_replace(files_, path, *file); !status) return status;
    }
    auto bytes = (*file)->size();
    if (!bytes) return bytes.error();
    // Made, and not one write came: nothing was in it.
    if (*bytes == 0) return files_.remove(path);
    BoundedSource source(**file);
    auto reader = open_whole(source, path);
    if (!reader) {
      if (reader.error().code == ErrorCode::io) return reader.error();
      notices_.warn_once(path, path + " cannot be read and is left alone: " + reader.error().text);
      return Done{};
    }
    if (!reader->has_footer()) {
      // Without blocks its checkpoint says nothing that older files do not.
      if (reader->blocks().empty()) return files_.remove(path);
      if (!reader->header().replaces.empty() && !sources_are_known_) {
        unended_.push_back({path, tier, reader->header().replaces});
        return Done{};
      }
      auto closed = close(**file, path, *reader);
      if (!closed) return closed.error();
      bytes = *closed;
    }
    take(path, tier, *bytes, *reader);
    return Done{};
  }

  /// Opens what is whole of it. Blocks are written one by one, and each is synced before the next: in a file without
  /// footer the last write may be there in pieces, its block's directory without its columns. The journal has all of
  /// it. One whose footer lacks only the end that says where it is is closed again.
  Result<formats::SegmentReader> open_whole(BoundedSource& source, const std::string& path) {
    for (;;) {
      auto reader = formats::SegmentReader::open(source);
      if (!reader || reader->blocks().empty()) return reader;
      if (reader->has_footer()) {
        const auto bytes = source.size();
        if (!bytes) return bytes.error();
        if (reader->damage().empty() || reader->damage().back().offset + formats::kEndBytes != *bytes) return reader;
        source.set_limit(reader->blocks().back().offset + reader->blocks().back().bytes);
        continue;
      }
      const auto& blocks = reader->blocks();
      const auto is_whole = is_last_write_whole(*reader);
      if (!is_whole) return is_whole.error();
      const std::uint64_t end = blocks.back().offset + blocks.back().bytes;
      if (*is_whole) {
        const bool has_torn_end = !reader->damage().empty() && reader->damage().back().offset >= end;
        if (!has_torn_end) return reader;
        source.set_limit(end);
        continue;
      }
      notices_.say(path + ": its last block did not reach the disk as a whole: it is taken from the journal again");
      if (blocks.size() == 1) {
        source.set_limit(blocks.front().offset);
      } else {
        const auto& before = blocks[blocks.size() - 2];
        source.set_limit(before.offset + before.bytes);
      }
    }
  }

  static Result<bool> is_last_write_whole(const formats::SegmentReader& reader) {
    if (formats::mutant(formats::Mutant::last_write_unchecked)) return true;
    const auto& blocks = reader.blocks();
    const std::uint64_t begin =
        blocks.size() == 1 ? 0 : blocks[blocks.size() - 2].offset + blocks[blocks.size() - 2].bytes;
    // What lies behind the block is of a later write, a footer's mostly: it says nothing of the block, whose journal
    // may be gone.
    const std::uint64_t end = blocks.back().offset + blocks.back().bytes;
    for (const auto& damage : reader.damage()) {
      if (damage.offset >= begin && damage.offset < end) return false;
    }
    auto block = reader.read_block(blocks.back());
    if (!block && block.error().code == ErrorCode::io) return block.error();
    return block && bool(block->verify_frames());
  }

  /// Gives its size then.
  Result<std::uint64_t> close(File& file, const std::string& path, const formats::SegmentReader& reader) {
    const std::string text = reader.rebuild_footer();
    const auto footer = std::as_bytes(std::span(text));
    if (!formats::mutant(formats::Mutant::torn_end_not_cut)) {
      if (auto status = file.truncate(reader.valid_end()); !status) return status.error();
    }
    if (auto status = file.write_at(reader.valid_end(), footer); !status) return status.error();
    if (!reader.damage().empty())
      notices_.warn_once(path, path + " has damaged parts; the rest was closed: lmlog-decode verify shows them");
    if (!file.sync()) {
      auto fresh = replace_by_copy(files_, path, file, reader.valid_end(), footer);
      if (!fresh) return fresh.error();
    }
    return reader.valid_end() + footer.size();
  }

  void take(const std::string& path, formats::Tier tier, std::uint64_t bytes, const formats::SegmentReader& reader) {
    const formats::SegmentHeader& header = reader.header();
    Segment segment{path, tier, header.id, {header.service, header.uid}, header.sequence, {bytes, 1, 0}, {}};
    for (const auto& block : reader.blocks()) segment.counts.records += statement_records(block);
    const auto place = [&](const auto& ring, std::uint64_t position, const formats::StateVector& state) {
      if (sessions_.contains(ring.session))
        segment.places.emplace_back(
            ring.ring, RingPlace{ring.session, ring.data_bytes, position, position + kCursorUnknown, state});
    };
    for (const auto& ring : reader.checkpoint()) place(ring, ring.position, ring.state);
    for (const auto& ring : reader.rings()) place(ring, ring.to, ring.end_state);
    replaced_.insert(header.replaces.begin(), header.replaces.end());
    segments_.push_back(std::move(segment));
  }

  FileSystem& files_;
  const std::set<formats::Id128>& sessions_;
  Durability durability_;
  Notices& notices_;
  std::vector<Segment> segments_;
  std::vector<Rewrite> unended_;
  bool sources_are_known_ = false;  // all segments were read
  std::set<formats::Id128> replaced_;
};

}  // namespace

Result<RecoveredSegments> recover_segments(FileSystem& files, const ArchiveLayout& layout,
                                           const std::set<formats::Id128>& sessions, Durability durability,
                                           Notices& notices) {
  SegmentRecovery recovery(files, sessions, durability, notices);
  for (const auto tier : {formats::Tier::hot, formats::Tier::warm, formats::Tier::cold}) {
    if (auto status = recovery.tier(layout.tier_folder(tier), tier); !status) return status.error();
  }
  if (auto status = recovery.settle_rewrites(); !status) return status.error();
  return recovery.sum_up();
}

}  // namespace lmlog::collector
