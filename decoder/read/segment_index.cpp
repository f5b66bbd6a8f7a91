// SPDX-License-Identifier: Apache-2.0
// Learns footers and forgets the rest; memory is some eighty bytes a block and forty a ring.
#include "decoder/read/segment_index.hpp"

#include <algorithm>
#include <numeric>

#include "lmlog/formats/mutant.hpp"

namespace lmlog::decoder {

using formats::ErrorCode;

void SegmentIndex::add(const std::string& path, bool named) {
  auto source = FileSource::open(path);
  if (!source) {
    if (source.error().code != ErrorCode::not_found) return report_->error(path, source.error());
    if (named) report_->io(path, source.error().text);
    return;
  }
  const auto size = (*source)->size();
  if (size && *size == 0 && !named) return;  // just being created
  // It is opened again when its blocks are read, and shall be the same then: a collector goes on writing it.
  if (size) (*source)->end_at(*size);
  auto reader = formats::SegmentReader::open(**source);
  if (!reader) return report_->error(path, reader.error());
  if (!known_.insert(reader->header().id).second) return;  // given twice
  for (const auto& damage : reader->damage()) report_->damage(path, damage);
  const auto number = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({*source, reader->header().id, reader->header().uid});
  services_.push_back(reader->header().service);
  dropped_.push_back(false);
  const auto& replaces = reader->header().replaces;
  if (reader->has_footer()) {
    replaced_.insert(replaces.begin(), replaces.end());
  } else if (!replaces.empty()) {
    unended_.emplace_back(number, replaces);
  }
  if (size && has_torn_end(*reader, *size)) report_->torn_end(path, reader->valid_end(), *size);
  learn(number, *reader);
}

bool has_torn_end(const formats::SegmentReader& reader, std::uint64_t file_bytes) noexcept {
  // Behind a damaged footer stands an end: that file was closed, and nothing of it is torn.
  return file_bytes > reader.valid_end() &&
         std::none_of(reader.damage().begin(), reader.damage().end(),
                      [&reader](const auto& damage) { return damage.offset + damage.length > reader.valid_end(); });
}

void SegmentIndex::learn(std::uint32_t segment, const formats::SegmentReader& reader) {
  const std::uint32_t uid = reader.header().uid;
  std::uint32_t number = 0;
  for (const auto& block : reader.blocks()) {
    const bool losses = std::any_of(block.sites.begin(), block.sites.end(), [](const auto& site) {
      return site.first == static_cast<std::uint64_t>(formats::RecordKind::loss);
    });
    blocks_.push_back({segment, number++, block.records, block.ranges, block.levels, losses});
  }
  for (const auto& ring : reader.checkpoint()) raise_floor({uid, ring.ring}, ring.position, ring.state, segment);
  for (const auto& ring : reader.rings()) raise_floor({uid, ring.ring}, ring.to, ring.end_state, segment);
}

void SegmentIndex::raise_floor(const RingKey& key, std::uint64_t position, const formats::StateVector& state,
                               std::uint32_t segment) {
  const std::uint64_t losses = std::accumulate(state.losses.begin(), state.losses.end(), std::uint64_t{0});
  const auto [at, is_new] = floors_.try_emplace(key, Floor{position, losses, segment});
  Floor& floor = at->second;
  // Of equal positions one may know more: losses that were noticed without new bytes. It need not be listed later: an
  // older segment may have moved to a colder tier.
  const bool is_later = position != floor.position ? position > floor.position : losses >= floor.losses;
  if (!is_new && is_later) floor = {position, losses, segment};
}

void SegmentIndex::settle() {
  for (std::size_t i = 0; i < entries_.size(); ++i)
    dropped_[i] = replaced_.contains(entries_[i].id) && !formats::mutant(formats::Mutant::replaces_ignored);
  // A rewrite that came to no end. Were one of its sources gone, and not by another rewrite, it had ended, and its
  // footer was damaged later.
  const auto is_held = [this](const auto& id) { return known_.contains(id) || replaced_.contains(id); };
  for (const auto& [segment, sources] : unended_) {
    if (std::all_of(sources.begin(), sources.end(), is_held)) dropped_[segment] = true;
  }
  std::erase_if(blocks_, [this](const Block& block) { return dropped_[block.segment]; });
}

std::vector<BlockRef> SegmentIndex::blocks(const RecordFilter& filter) const {
  std::vector<BlockRef> out;
  for (const Block& block : blocks_) {
    if (!filter.wants_service(services_[block.segment])) continue;
    if (block.ranges.max_time < filter.since_ns || block.ranges.min_time > filter.until_ns) continue;
    if ((block.levels & filter.levels) == 0 && !block.has_losses) continue;
    if (block.ranges.max_key < filter.min_key) continue;
    out.push_back({block.segment, block.block, block.records, block.ranges.min_key, block.ranges.max_key});
  }
  std::stable_sort(out.begin(), out.end(), [](const BlockRef& a, const BlockRef& b) { return a.min_key < b.min_key; });
  return out;
}

const SegmentIndex::Floor* SegmentIndex::floor(const RingKey& key) const {
  const auto found = floors_.find(key);
  return found == floors_.end() ? nullptr : &found->second;
}

std::shared_ptr<const formats::StateVector> SegmentIndex::floor_state(const RingKey& key) {
  const Floor* at = floor(key);
  if (at == nullptr) return nullptr;
  const auto segment = open(at->segment);
  if (!segment) return nullptr;
  for (const auto& ring : segment->reader.rings())
    if (ring.ring == key.ring && ring.to == at->position)
      return std::make_shared<const formats::StateVector>(ring.end_state);
  for (const auto& ring : segment->reader.checkpoint())
    if (ring.ring == key.ring && ring.position == at->position)
      return std::make_shared<const formats::StateVector>(ring.state);
  return nullptr;
}

std::shared_ptr<OpenSegment> SegmentIndex::open(std::uint32_t segment) {
  for (auto at = open_.begin(); at != open_.end(); ++at) {
    if (at->first != segment) continue;
    open_.splice(open_.begin(), open_, at);
    return at->second;
  }
  const Entry& entry = entries_[segment];
  auto reader = formats::SegmentReader::open(*entry.source);
  if (!reader) {
    report_->error(entry.source->path(), reader.error());
    return nullptr;
  }
  auto opened = std::make_shared<OpenSegment>(OpenSegment{entry.source, std::move(*reader), {}});
  for (const auto& catalog : opened->reader.sessions()) opened->sessions.push_back(std::make_shared<Session>(catalog));
  open_.emplace_front(segment, opened);
  if (open_.size() > kOpenSegments) open_.pop_back();
  return opened;
}

}  // namespace lmlog::decoder
