// SPDX-License-Identifier: Apache-2.0
// The walk, and the search for the next part behind damage.
#include "formats/src/part_scanner.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "formats/src/block_directory.hpp"
#include "formats/src/part.hpp"

namespace lmlog::formats {
namespace {

constexpr std::size_t kPartSearchChunk = 256 << 10;

bool is_known(std::uint16_t type) noexcept { return type >= 1 && type <= 6; }

}  // namespace

Result<bool> PartScanner::next(ScannedPart& out) {
  while (position_ < end_) {
    const auto found = load(out);
    if (!found) return found.error();
    switch (*found) {
      case Load::part:
        position_ += out.bytes;
        return true;
      case Load::skipped:
        position_ += skip_;
        continue;
      case Load::torn:
        return false;
      case Load::no_part:
      case Load::bad_part:
        break;
    }
    const bool bad = *found == Load::bad_part;
    const auto next = search(position_ + (bad ? skip_ : 1));
    if (!next) return next.error();
    if (*next == end_) return false;
    damage_.push_back({position_, *next - position_, bad ? "a part fails its checks" : "bytes that are no part"});
    position_ = *next;
  }
  return false;
}

Result<PartScanner::Load> PartScanner::load(ScannedPart& out) {
  std::array<std::byte, sizeof(PartHeader)> bytes{};
  const std::size_t room = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), end_ - position_));
  const auto got = source_->read_at(position_, std::span(bytes).first(room));
  if (!got) return got.error();
  std::uint64_t footer_offset = 0;
  if (*got >= kEndBytes && parse_end(std::span(bytes).first(kEndBytes), footer_offset)) {
    skip_ = kEndBytes;
    return Load::skipped;
  }
  PartHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (*got < sizeof(header) || !part_header_fits(header)) return Load::no_part;
  skip_ = part_bytes(header);
  if (skip_ > end_ - position_) return Load::torn;
  if (!is_known(header.type)) {
    if (header.type >= kFirstSkippableTag) return Load::skipped;
    return Error{ErrorCode::unsupported,
                 "a part of the segment has type " + std::to_string(header.type) +
                     ", which this program does not know and may not skip: use a newer lmlog",
                 position_, skip_};
  }
  out.type = static_cast<PartType>(header.type);
  out.offset = position_;
  out.bytes = skip_;
  if ((out.type == PartType::header) != (header.magic == kHeaderMagic && position_ == 0)) return Load::bad_part;
  if (wanted_ == Bodies::checkpoints && out.type != PartType::checkpoint) return Load::part;
  return load_body(header, out);
}

Result<PartScanner::Load> PartScanner::load_body(const PartHeader& header, ScannedPart& out) {
  stored_.resize(static_cast<std::size_t>(stored_body_bytes(header)));
  const auto stored = std::as_writable_bytes(std::span(stored_.data(), stored_.size()));
  const auto got = source_->read_at(position_ + sizeof(header), stored);
  if (!got) return got.error();
  if (*got < stored.size()) return Load::torn;
  if (!open_part_body(header, stored, out.body)) return Load::bad_part;
  if (out.type != PartType::block) return Load::part;
  auto directory = parse_block_directory(std::as_bytes(std::span(out.body.data(), out.body.size())));
  if (!directory) return Load::bad_part;
  out.directory = *std::move(directory);
  out.bytes += stored_frame_bytes(out.directory);
  return out.bytes <= end_ - position_ ? Load::part : Load::torn;
}

Result<std::uint64_t> PartScanner::search(std::uint64_t from) {
  const std::string_view magic(reinterpret_cast<const char*>(&kPartMagic), sizeof(kPartMagic));
  constexpr std::size_t kMagicOffset = offsetof(PartHeader, magic);
  std::string chunk(kPartSearchChunk, '\0');
  while (from < end_ && end_ - from >= sizeof(PartHeader)) {
    const std::size_t room = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), end_ - from));
    const auto got = source_->read_at(from, std::as_writable_bytes(std::span(chunk.data(), room)));
    if (!got) return got.error();
    if (*got < sizeof(PartHeader)) break;
    const std::string_view seen(chunk.data(), *got);
    const std::size_t last = seen.size() - sizeof(PartHeader);  // where a whole header may begin
    for (std::size_t at = seen.find(magic, kMagicOffset); at != std::string_view::npos && at - kMagicOffset <= last;
         at = seen.find(magic, at + 1)) {
      PartHeader header;
      std::memcpy(&header, chunk.data() + at - kMagicOffset, sizeof(header));
      if (part_header_fits(header)) return from + at - kMagicOffset;
    }
    from += last + 1;
  }
  return end_;
}

}  // namespace lmlog::formats
