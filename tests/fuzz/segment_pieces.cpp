// SPDX-License-Identifier: Apache-2.0
// Parts of a segment, apart and together. Checks are not looked at when it is taken apart, and good afterwards.
#include "tests/fuzz/segment_pieces.hpp"

#include <cstddef>
#include <cstring>
#include <span>

#include "formats/src/block_directory.hpp"
#include "formats/src/checksum.hpp"
#include "formats/src/part.hpp"

namespace lmlog::fuzz {

using namespace formats;

namespace {

constexpr std::uint64_t kLargestBody = 1 << 20;  // of what is worth mutating

bool take_part(std::string_view bytes, SegmentPiece& piece, std::size_t& taken) {
  PartHeader header;
  if (bytes.size() < sizeof(header)) return false;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.frame_magic != kSkippableFrame || part_bytes(header) < sizeof(header) ||
      part_bytes(header) > bytes.size() || (header.magic != kPartMagic && header.magic != kHeaderMagic))
    return false;
  const auto stored = bytes.substr(sizeof(header), static_cast<std::size_t>(stored_body_bytes(header)));
  piece.kind = SegmentPiece::Kind::part;
  piece.type = header.type;
  piece.body = stored;
  if ((header.flags & kPartCompressed) != 0 &&
      (header.body_bytes > kLargestBody || !inflate(view(stored), header.body_bytes, piece.body)))
    return false;
  taken = static_cast<std::size_t>(part_bytes(header));
  if (header.type != static_cast<std::uint16_t>(PartType::block)) return true;
  const auto directory = parse_block_directory(view(piece.body));
  if (!directory || stored_frame_bytes(*directory) > bytes.size() - taken) return true;
  piece.frames = bytes.substr(taken, static_cast<std::size_t>(stored_frame_bytes(*directory)));
  taken += piece.frames.size();
  return true;
}

void append_piece(const SegmentPiece& piece, Deflater& deflater, std::string& out) {
  const std::size_t begin = out.size();
  const bool is_header = piece.type == static_cast<std::uint16_t>(PartType::header) && begin == 0;
  append_part(is_header ? PartType::header : PartType::catalog, piece.body, deflater, out);
  PartHeader header;
  std::memcpy(&header, out.data() + begin, sizeof(header));
  header.type = piece.type;
  header.header_check = checksum(bytes_of(header, offsetof(PartHeader, header_check)));
  std::memcpy(out.data() + begin, &header, sizeof(header));
  out += piece.frames;
}

}  // namespace

std::vector<SegmentPiece> take_segment_apart(std::string_view bytes) {
  constexpr std::string_view kNextPart = "LMLOGPRT";
  constexpr std::size_t kMagicOffset = offsetof(PartHeader, magic);
  std::vector<SegmentPiece> out;
  while (!bytes.empty()) {
    SegmentPiece piece;
    std::size_t taken = 0;
    if (take_part(bytes, piece, taken)) {
      // it is
    } else if (bytes.size() >= kEndBytes && bytes.substr(24, 8) == "LMLOGEND") {
      piece = {SegmentPiece::Kind::end, 0, {}, {}};
      taken = kEndBytes;
    } else {
      const std::size_t next = bytes.find(kNextPart, kMagicOffset + 1);
      taken = next == std::string_view::npos ? bytes.size() : next - kMagicOffset;
      piece = {SegmentPiece::Kind::raw, 0, std::string(bytes.substr(0, taken)), {}};
    }
    out.push_back(std::move(piece));
    bytes.remove_prefix(taken);
  }
  return out;
}

std::string put_segment_together(const std::vector<SegmentPiece>& pieces) {
  Deflater deflater(1);
  std::string out;
  std::uint64_t footer = 0;
  for (const SegmentPiece& piece : pieces) {
    if (piece.type == static_cast<std::uint16_t>(PartType::footer)) footer = out.size();
    switch (piece.kind) {
      case SegmentPiece::Kind::part:
        append_piece(piece, deflater, out);
        break;
      case SegmentPiece::Kind::end:
        append_end(footer, out);
        break;
      case SegmentPiece::Kind::raw:
        out += piece.body;
    }
  }
  return out;
}

}  // namespace lmlog::fuzz
