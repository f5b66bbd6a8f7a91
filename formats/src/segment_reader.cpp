// SPDX-License-Identifier: Apache-2.0
// Opening a segment: the header, then the footer if there is a valid one, else a scan of all parts.
#include "lmlog/formats/segment_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <unordered_map>
#include <utility>

#include "formats/src/checksum.hpp"
#include "formats/src/part.hpp"
#include "formats/src/part_scanner.hpp"
#include "formats/src/segment_bodies.hpp"
#include "formats/src/summaries.hpp"

namespace lmlog::formats {
namespace {

/// A part whose header is at `offset`; false when it fails any check.
Result<bool> read_part(const ByteSource& source, std::uint64_t offset, std::uint64_t end, PartHeader& header,
                       std::string& body) {
  if (offset > end || end - offset < sizeof(header)) return false;
  const auto got = source.read_at(offset, std::as_writable_bytes(std::span(&header, 1)));
  if (!got) return got.error();
  if (*got < sizeof(header) || !part_header_fits(header) || part_bytes(header) > end - offset) return false;
  std::string stored(static_cast<std::size_t>(stored_body_bytes(header)), '\0');
  const auto read =
      source.read_at(offset + sizeof(header), std::as_writable_bytes(std::span(stored.data(), stored.size())));
  if (!read) return read.error();
  return *read == stored.size() && open_part_body(header, view(stored), body);
}

/// The positions of all checkpoints; of a ring that occurs again the larger one.
void merge_checkpoint(std::vector<RingPosition> more, std::vector<RingPosition>& all) {
  if (all.empty()) {
    all = std::move(more);
    return;
  }
  std::unordered_map<Id128, std::size_t> known;
  for (std::size_t i = 0; i < all.size(); ++i) known[all[i].ring] = i;
  for (RingPosition& ring : more) {
    const auto at = known.find(ring.ring);
    if (at == known.end()) {
      all.push_back(std::move(ring));
    } else if (ring.position >= all[at->second].position) {
      all[at->second] = std::move(ring);
    }
  }
}

}  // namespace

Result<SegmentReader> SegmentReader::open(const ByteSource& source) {
  SegmentReader reader(source);
  const auto size = source.size();
  if (!size) return size.error();
  if (auto status = reader.read_header(*size); !status) return status.error();
  const auto footer = reader.read_footer(*size);
  if (!footer) return footer.error();
  const auto status = *footer ? reader.read_between_blocks() : reader.scan(*size);
  if (!status) return status.error();
  return reader;
}

Status SegmentReader::read_header(std::uint64_t size) {
  PartHeader header{};
  const auto got = source_->read_at(0, std::as_writable_bytes(std::span(&header, 1)));
  if (!got) return got.error();
  const bool ours = *got >= offsetof(PartHeader, magic) + sizeof(header.magic) && header.magic == kHeaderMagic;
  if (ours && (*got < sizeof(header) || (part_header_fits(header) && part_bytes(header) > size)))
    return Error{ErrorCode::truncated, "the segment is shorter than its header", 0, size};
  std::string body;
  const auto read = read_part(*source_, 0, size, header, body);
  if (!read) return read.error();
  if (*read && header.type == static_cast<std::uint16_t>(PartType::header)) {
    header_bytes_ = part_bytes(header);
  } else {
    const auto copied = read_header_copy(size, body);
    if (!copied) return copied.error();
    if (!*copied && !ours) return Error{ErrorCode::not_ours, "this is no segment (wrong magic)"};
    if (!*copied) return Error{ErrorCode::damaged, "the segment's header is damaged", 0, sizeof(header)};
  }
  auto parsed = parse_segment_header(view(body));
  if (!parsed && parsed.error().code == ErrorCode::unsupported) return parsed.error();
  if (!parsed) return Error{ErrorCode::damaged, parsed.error().text, 0, header_bytes_};
  header_ = *std::move(parsed);
  return Done{};
}

Result<bool> SegmentReader::read_header_copy(std::uint64_t size, std::string& body) {
  PartScanner scanner(*source_, 0, std::min(size, kHeaderCopySearchBytes));
  ScannedPart part;
  const auto found = scanner.next(part);
  if (!found && found.error().code == ErrorCode::io) return found.error();
  if (!found || !*found || part.type != PartType::header_copy) return false;
  body = std::move(part.body);
  header_bytes_ = part.offset + part.bytes;
  damage_.push_back({0, part.offset, "the segment's header is damaged; its copy serves"});
  return true;
}

Result<bool> SegmentReader::read_footer(std::uint64_t size) {
  parts_end_ = size;
  if (size < header_bytes_ + sizeof(PartHeader) + kEndBytes) return false;
  std::array<std::byte, kEndBytes> end{};
  const auto got = source_->read_at(size - kEndBytes, end);
  if (!got) return got.error();
  if (*got < kEndBytes || !parse_end(end, footer_offset_)) return false;
  parts_end_ = size - kEndBytes;
  return take_footer(size);
}

Result<bool> SegmentReader::take_footer(std::uint64_t size) {
  if (footer_offset_ < header_bytes_) return false;
  PartHeader header;
  std::string body;
  const auto read = read_part(*source_, footer_offset_, parts_end_, header, body);
  if (!read) return read.error();
  if (!*read || header.type != static_cast<std::uint16_t>(PartType::footer)) return false;
  if (footer_offset_ + part_bytes(header) != parts_end_) return false;
  Footer footer;
  SegmentCatalog sessions;
  if (!parse_footer(view(body), footer, sessions)) return false;
  std::uint64_t behind = header_bytes_;
  for (const BlockSummary& block : footer.blocks) {
    if (block.offset < behind || block.offset > footer_offset_ || block.bytes > footer_offset_ - block.offset)
      return false;
    behind = block.offset + block.bytes;
  }
  has_footer_ = true;
  records_ = footer.records;
  ranges_ = footer.ranges;
  levels_ = footer.levels;
  blocks_ = std::move(footer.blocks);
  rings_ = std::move(footer.rings);
  sessions_ = std::move(sessions);
  valid_end_ = size;
  return true;
}

Status SegmentReader::read_between_blocks() {
  std::uint64_t from = header_bytes_;
  for (std::size_t i = 0; i <= blocks_.size(); ++i) {
    const std::uint64_t end = i < blocks_.size() ? blocks_[i].offset : footer_offset_;
    PartScanner scanner(*source_, from, end, PartScanner::Bodies::checkpoints);
    ScannedPart part;
    for (;;) {
      const auto found = scanner.next(part);
      if (!found) return found.error();
      if (!*found) break;
      std::vector<RingPosition> rings;
      if (part.type != PartType::checkpoint) continue;
      if (parse_checkpoint(view(part.body), rings)) {
        merge_checkpoint(std::move(rings), checkpoint_);
      } else {
        damage_.push_back({part.offset, part.bytes, "a checkpoint is malformed"});
      }
    }
    damage_.insert(damage_.end(), scanner.damage().begin(), scanner.damage().end());
    if (scanner.position() < end)
      damage_.push_back({scanner.position(), end - scanner.position(), "bytes that are no part"});
    if (i < blocks_.size()) from = blocks_[i].offset + blocks_[i].bytes;
  }
  return Done{};
}

Status SegmentReader::scan(std::uint64_t size) {
  PartScanner scanner(*source_, header_bytes_, parts_end_);
  RingSummaries rings;
  ScannedPart part;
  std::uint64_t behind_footer = 0;
  const std::size_t of_the_header = damage_.size();
  for (;;) {
    const auto found = scanner.next(part);
    if (!found) return found.error();
    if (!*found) break;
    if (part.type == PartType::footer) {
      footer_offset_ = part.offset;
      behind_footer = part.offset + part.bytes;
    }
    if (part.type == PartType::catalog && !parse_catalog(view(part.body), sessions_) && scanner.damage().empty())
      damage_.push_back({part.offset, part.bytes, "a catalog part is malformed"});
    if (part.type == PartType::checkpoint) {
      std::vector<RingPosition> positions;
      if (parse_checkpoint(view(part.body), positions)) {
        merge_checkpoint(std::move(positions), checkpoint_);
      } else {
        damage_.push_back({part.offset, part.bytes, "a checkpoint is malformed"});
      }
    }
    if (part.type != PartType::block) continue;
    BlockSummary summary = summary_of(part.directory);
    summary.offset = part.offset;
    summary.bytes = part.bytes;
    records_ += summary.records;
    ranges_.add(summary.ranges);
    levels_ = static_cast<std::uint8_t>(levels_ | summary.levels);
    blocks_.push_back(std::move(summary));
    for (const BlockRun& run : part.directory.runs) {
      const SessionCatalog* known = session(part.directory.sessions[run.session].number);
      rings.add(known == nullptr ? Id128{} : known->id(), run);  // the position counts in any case
    }
  }
  if (behind_footer != 0 && size - behind_footer == kEndBytes && parts_end_ == size) {
    // A crash would have left less: the file was closed, and its footer serves though no end says where it is.
    parts_end_ = behind_footer;
    const auto taken = take_footer(size);
    if (!taken) return taken.error();
    if (*taken) {
      end_is_damaged_ = true;
      checkpoint_.clear();
      damage_.resize(of_the_header);
      damage_.push_back(damage_of_end());
      return read_between_blocks();
    }
    parts_end_ = size;
  }
  rings_ = rings.take();
  damage_.insert(damage_.end(), scanner.damage().begin(), scanner.damage().end());
  valid_end_ = scanner.position();
  if (valid_end_ == parts_end_) {
    valid_end_ = size;
  } else if (parts_end_ != size) {  // the file was closed: nothing of it is torn
    damage_.push_back({valid_end_, parts_end_ - valid_end_, "a part fails its checks"});
  }
  return Done{};
}

Result<BlockReader> SegmentReader::read_block(const BlockSummary& block) const {
  std::string bytes(static_cast<std::size_t>(std::min(block.bytes, kMaxBlockBytes)), '\0');
  const auto got = source_->read_at(block.offset, std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
  if (!got) return got.error();
  if (*got < block.bytes) return Error{ErrorCode::truncated, "a block is cut off", block.offset, *got};
  return BlockReader::open(std::move(bytes), block.offset);
}

std::string SegmentReader::rebuild_footer() const {
  Footer footer{records_, ranges_, levels_, blocks_, rings_};
  Deflater deflater(kPartLevel);
  std::string out;
  append_part(PartType::footer, write_footer(footer, write_whole_catalog(sessions_)), deflater, out);
  append_end(valid_end_, out);
  return out;
}

}  // namespace lmlog::formats
