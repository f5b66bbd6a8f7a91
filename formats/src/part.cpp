// SPDX-License-Identifier: Apache-2.0
// Parts and the end of a segment, written and checked.
#include "formats/src/part.hpp"

#include <cstring>

#include "formats/src/checksum.hpp"
#include "lmlog/formats/mutant.hpp"

namespace lmlog::formats {
namespace {

struct End {
  std::uint32_t frame_magic;
  std::uint32_t frame_bytes;
  std::uint64_t footer_offset;
  std::uint64_t check;  // of footer_offset
  std::uint64_t magic;
};
static_assert(sizeof(End) == kEndBytes);

}  // namespace

void append_part(PartType type, std::string_view body, Deflater& deflater, std::string& out) {
  std::string compressed;
  const bool stays = type == PartType::header || type == PartType::header_copy;
  if (!stays) deflater.append_frame(body, compressed);
  const bool smaller = !stays && compressed.size() < body.size();
  const std::string_view stored = smaller ? std::string_view(compressed) : body;
  PartHeader header{kSkippableFrame,
                    static_cast<std::uint32_t>(sizeof(PartHeader) - 8 + stored.size()),
                    type == PartType::header ? kHeaderMagic : kPartMagic,
                    static_cast<std::uint16_t>(type),
                    smaller ? kPartCompressed : std::uint16_t{0},
                    0,
                    body.size(),
                    checksum(view(stored)),
                    0};
  header.header_check = checksum(bytes_of(header, offsetof(PartHeader, header_check)));
  out.append(reinterpret_cast<const char*>(&header), sizeof(header));
  out.append(stored);
}

void append_end(std::uint64_t footer_offset, std::string& out) {
  const End end{kSkippableFrame, kEndBytes - 8, footer_offset, checksum(bytes_of(footer_offset)), kEndMagic};
  out.append(reinterpret_cast<const char*>(&end), sizeof(end));
}

bool part_header_fits(const PartHeader& header) noexcept {
  if (header.frame_magic != kSkippableFrame || part_bytes(header) < sizeof(PartHeader)) return false;
  if (header.magic != kPartMagic && header.magic != kHeaderMagic) return false;
  if (!checksum_fits(bytes_of(header, offsetof(PartHeader, header_check)), header.header_check)) return false;
  const bool compressed = (header.flags & kPartCompressed) != 0;
  return header.body_bytes <= kMaxInflatedBytes && (compressed || header.body_bytes == stored_body_bytes(header));
}

bool open_part_body(const PartHeader& header, std::span<const std::byte> stored, std::string& out) {
  if (!mutant(Mutant::part_unchecked) && !checksum_fits(stored, header.body_check)) return false;
  if ((header.flags & kPartCompressed) != 0) return inflate(stored, header.body_bytes, out);
  out.assign(reinterpret_cast<const char*>(stored.data()), stored.size());
  return true;
}

bool parse_end(std::span<const std::byte> bytes, std::uint64_t& footer_offset) noexcept {
  End end;
  if (bytes.size() != sizeof(end)) return false;
  std::memcpy(&end, bytes.data(), sizeof(end));
  if (end.frame_magic != kSkippableFrame || end.frame_bytes != kEndBytes - 8 || end.magic != kEndMagic) return false;
  if (!checksum_fits(bytes_of(end.footer_offset), end.check)) return false;
  footer_offset = end.footer_offset;
  return true;
}

}  // namespace lmlog::formats
