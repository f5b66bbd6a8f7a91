// SPDX-License-Identifier: Apache-2.0
// Bodies of catalog parts.
#include <cstring>
#include <utility>

#include "formats/src/body_items.hpp"
#include "formats/src/segment_bodies.hpp"
#include "lmlog/formats/descriptors.hpp"

namespace lmlog::formats {
namespace {

bool take_session(ByteReader& in, SegmentCatalog& out) {
  const std::uint32_t number = take_u32(in);
  const std::uint32_t uid = take_u32(in);
  const auto bytes = in.bytes(in.uv());
  if (!in.ok() || number >= kMaxSegmentSessions) return false;
  const auto descriptor = parse_session_descriptor(bytes);
  if (!descriptor) return false;
  if (number >= out.size()) out.resize(number + 1);
  if (!out[number]) {
    out[number] = std::make_shared<SessionCatalog>(*descriptor, uid);
    return true;
  }
  return out[number]->id() == descriptor->session_id;
}

/// False: malformed. An entry of a session that is not known is left out.
bool take_entry(ByteReader& in, SegmentCatalog& out, bool& complete) {
  const std::uint32_t number = take_u32(in);
  const auto raw = in.bytes(in.uv());
  if (!in.ok()) return false;
  if (number >= out.size() || !out[number]) {
    complete = false;
    return true;
  }
  return out[number]->add_entry(raw).ok();
}

}  // namespace

std::string write_catalog(const std::vector<CatalogItem>& sessions, const std::vector<CatalogItem>& entries) {
  ByteWriter out;
  out.uv(sessions.size());
  for (const CatalogItem& session : sessions) {
    out.uv(session.session);
    out.uv(session.uid);
    out.str(session.descriptor);
  }
  out.uv(entries.size());
  for (const CatalogItem& entry : entries) {
    out.uv(entry.session);
    out.str(entry.raw);
  }
  return out.take();
}

bool parse_catalog(std::span<const std::byte> body, SegmentCatalog& out) {
  ByteReader in(body);
  const std::uint64_t sessions = in.count(3 + kDescriptorBytes);
  for (std::uint64_t i = 0; i < sessions; ++i) {
    if (!take_session(in, out)) return false;
  }
  const std::uint64_t entries = in.count(2);
  bool complete = true;
  for (std::uint64_t i = 0; i < entries; ++i) {
    if (!take_entry(in, out, complete)) return false;
  }
  return in.ok() && complete;
}

std::string write_whole_catalog(const SegmentCatalog& sessions) {
  std::vector<CatalogItem> items;
  std::vector<CatalogItem> entries;
  for (std::uint32_t number = 0; number < sessions.size(); ++number) {
    const SessionCatalog* session = sessions[number].get();
    if (session == nullptr) continue;
    const auto* descriptor = reinterpret_cast<const char*>(&session->descriptor());
    items.push_back({number, session->uid(), {descriptor, kDescriptorBytes}, {}});
    session->for_each_entry([&](std::string_view raw) { entries.push_back({number, session->uid(), {}, raw}); });
  }
  return write_catalog(items, entries);
}

}  // namespace lmlog::formats
