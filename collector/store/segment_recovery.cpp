// SPDX-License-Identifier: Apache-2.0
// A segment without footer was being written when its collector died: the torn end is cut, the footer is appended.
#include "collector/store/segment_recovery.hpp"

#include <algorithm>

#include <lmlog/formats/segment_reader.hpp>

namespace lmlog::collector {

namespace {

class SegmentRecovery {
 public:
  SegmentRecovery(FileSystem& files, const std::set<formats::Id128>& sessions, Notices& notices)
      : files_(files), sessions_(sessions), notices_(notices) {}

  Status tier(const std::string& folder, formats::Tier tier) {
    auto services = files_.list(folder);
    if (!services) return services.error().code == ErrorCode::not_found ? Status(Done{}) : services.error();
    for (const auto& service : *services) {
      const std::string service_folder = folder + "/" + service;
      const auto info = files_.info(service_folder);
      if (!info || !info->is_folder) continue;
      auto names = files_.list(service_folder);
      if (!names) return names.error();
      for (const auto& name : *names) {
        if (!name.ends_with(".lms")) continue;
        if (auto status = segment(service_folder, name, tier); !status) return status;
      }
    }
    return Done{};
  }

  RecoveredSegments take() { return std::move(out_); }

 private:
  Status segment(const std::string& folder, const std::string& name, formats::Tier tier) {
    const std::string path = folder + "/" + name;
    auto file = files_.open(path, OpenFor::writing);
    if (!file) return file.error();
    auto bytes = (*file)->size();
    if (!bytes) return bytes.error();
    // Made, and not one write came: nothing was in it.
    if (*bytes == 0) return files_.remove(path);
    auto reader = formats::SegmentReader::open(**file);
    if (!reader) {
      notices_.warn_once(path, path + " cannot be read and is left alone: " + reader.error().text);
      return Done{};
    }
    if (!reader->has_footer()) {
      if (reader->blocks().empty()) return files_.remove(path);  // its checkpoint says nothing that older files do not
      if (auto status = close(**file, path, *reader); !status) return status;
      bytes = (*file)->size();
      if (!bytes) return bytes.error();
    }
    take_places(*reader);
    const formats::SegmentHeader& header = reader->header();
    std::uint64_t& next = out_.next_sequence[{header.service, header.uid}];
    next = std::max(next, header.sequence + 1);
    TierCounts& counts = out_.tiers[static_cast<std::size_t>(tier)];
    counts.bytes += *bytes;
    counts.segments += 1;
    counts.records += reader->records();
    return Done{};
  }

  Status close(File& file, const std::string& path, const formats::SegmentReader& reader) {
    const std::string footer = reader.rebuild_footer();
    if (auto status = file.truncate(reader.valid_end()); !status) return status;
    if (auto status = file.write_at(reader.valid_end(), std::as_bytes(std::span(footer.data(), footer.size())));
        !status)
      return status;
    if (!reader.damage().empty())
      notices_.warn_once(path, path + " has damaged parts; the rest was closed: lmlog-decode verify shows them");
    return file.sync();
  }

  void take_places(const formats::SegmentReader& reader) {
    const ServiceKey home{reader.header().service, reader.header().uid};
    for (const auto& ring : reader.checkpoint())
      take_place(home, ring.ring, ring.session, ring.data_bytes, ring.position, ring.state);
    for (const auto& ring : reader.rings())
      take_place(home, ring.ring, ring.session, ring.data_bytes, ring.to, ring.end_state);
  }

  void take_place(const ServiceKey& home, const formats::Id128& ring, const formats::Id128& session,
                  std::uint64_t data_bytes, std::uint64_t position, const formats::StateVector& state) {
    if (!sessions_.contains(session)) return;
    out_.homes.try_emplace(session, home);
    const auto [found, is_new] = out_.places.try_emplace(RingKey{home.uid, ring});
    RingPlace& place = found->second;
    if (!is_new && !is_later(position, state, place)) return;
    place = {session, data_bytes, position, position + kCursorUnknown, state};
  }

  FileSystem& files_;
  const std::set<formats::Id128>& sessions_;
  Notices& notices_;
  RecoveredSegments out_;
};

}  // namespace

Result<RecoveredSegments> recover_segments(FileSystem& files, const ArchiveLayout& layout,
                                           const std::set<formats::Id128>& sessions, Notices& notices) {
  SegmentRecovery recovery(files, sessions, notices);
  for (const auto tier : {formats::Tier::hot, formats::Tier::warm, formats::Tier::cold}) {
    if (auto status = recovery.tier(layout.tier_folder(tier), tier); !status) return status.error();
  }
  return recovery.take();
}

}  // namespace lmlog::collector
