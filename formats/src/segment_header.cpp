// SPDX-License-Identifier: Apache-2.0
// Bodies of the header and checkpoint parts.
#include <utility>

#include "formats/src/body_items.hpp"
#include "formats/src/segment_bodies.hpp"
#include "lmlog/formats/descriptors.hpp"

namespace lmlog::formats {

std::string write_segment_header(const SegmentHeader& header) {
  ByteWriter out;
  out.put(kMajorVersion);
  out.put(kMinorVersion);
  out.put(std::uint32_t{0});
  out.put(std::uint64_t{0});  // incompatible flags
  out.put(std::uint64_t{0});  // compatible flags
  out.put(header.id);
  out.uv(header.uid);
  out.uv(header.sequence);
  out.uv(static_cast<std::uint64_t>(header.created_ns));
  out.put(header.tier);
  out.str(header.service);
  out.str(header.host);
  out.str(header.writer);
  out.uv(header.replaces.size());
  for (const Id128& id : header.replaces) out.put(id);
  return out.take();
}

Result<SegmentHeader> parse_segment_header(std::span<const std::byte> body) {
  ByteReader in(body);
  const auto major = in.take<std::uint16_t>();
  const auto minor = in.take<std::uint16_t>();
  (void)in.take<std::uint32_t>();
  const auto incompatible = in.take<std::uint64_t>();
  (void)in.take<std::uint64_t>();
  if (in.ok() && (major != kMajorVersion || incompatible != 0))
    return detail::newer_version("the segment", major, minor, incompatible);
  SegmentHeader out;
  out.id = in.take<Id128>();
  out.uid = take_u32(in);
  out.sequence = in.uv();
  out.created_ns = static_cast<std::int64_t>(in.uv());
  out.tier = in.take<Tier>();
  out.service = in.str();
  out.host = in.str();
  out.writer = in.str();
  const std::uint64_t replaced = in.count(sizeof(Id128));
  for (std::uint64_t i = 0; i < replaced; ++i) out.replaces.push_back(in.take<Id128>());
  if (!in.ok() || out.tier > Tier::cold) return Error{ErrorCode::damaged, "the segment's header is malformed"};
  return out;
}

std::string write_checkpoint(const std::vector<RingPosition>& rings) {
  ByteWriter out;
  out.uv(rings.size());
  for (const RingPosition& ring : rings) {
    out.put(ring.session);
    out.put(ring.ring);
    out.uv(ring.data_bytes);
    out.uv(ring.position);
    write_state(ring.state, out);
  }
  return out.take();
}

bool parse_checkpoint(std::span<const std::byte> body, std::vector<RingPosition>& out) {
  ByteReader in(body);
  const std::uint64_t n = in.count(2 * sizeof(Id128) + 3);
  if (n > kMaxSegmentRings) return false;
  std::vector<RingPosition> rings;
  for (std::uint64_t i = 0; i < n; ++i) {
    RingPosition ring;
    ring.session = in.take<Id128>();
    ring.ring = in.take<Id128>();
    ring.data_bytes = in.uv();
    ring.position = in.uv();
    if (!take_state(in, ring.state)) return false;
    rings.push_back(std::move(ring));
  }
  if (!in.ok()) return false;
  out = std::move(rings);
  return true;
}

}  // namespace lmlog::formats
