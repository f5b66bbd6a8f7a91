// SPDX-License-Identifier: Apache-2.0
// A session's rings are opened as they will be for serving, with the same checks, and closed again.
#include "collector/attach/ring_remains.hpp"

#include <span>

#include <lmlog/formats/ring_layout.hpp>
#include <lmlog/formats/sub_buffer.hpp>

#include "collector/attach/folder_scan.hpp"
#include "collector/attach/opening.hpp"

namespace lmlog::collector {

namespace {

Result<std::uint64_t> first_in(const AttachedRing& ring) {
  if (!formats::is_sub_buffered(ring.descriptor)) {
    const auto tail = read_tail(ring);
    if (!tail) return tail.error();
    return tail->tail;
  }
  std::uint64_t floor = 0;
  const auto got = ring.file->read_at(formats::kFloorOffset, std::as_writable_bytes(std::span(&floor, 1)));
  if (!got) return got.error();
  return floor;
}

}  // namespace

Result<std::optional<std::uint64_t>> RingRemains::first_of(const formats::Id128& session, const RingKey& ring) {
  if (!known_.contains(session)) {
    if (auto status = look(session); !status) return status.error();
  }
  const auto& rings = known_[session];
  const auto found = rings.find(ring);
  return found == rings.end() ? std::nullopt : std::optional(found->second);
}

Status RingRemains::look(const formats::Id128& session) {
  std::map<RingKey, std::uint64_t> out;
  for (const auto& folder : folders_) {
    auto scan = scan_folder(files_, folder);
    if (!scan) return scan.error();
    for (const auto& [id, name] : scan->sessions) {
      if (id != session) continue;
      const auto opened = open_session(files_, folder, name);
      if (!opened && opened.error().code == ErrorCode::io) return opened.error();
      if (!opened) continue;
      const auto [begin, end] = scan->rings.equal_range(session);
      for (auto it = begin; it != end; ++it) {
        const auto ring = open_ring(files_, **opened, it->second);
        if (!ring && ring.error().code == ErrorCode::io) return ring.error();
        if (!ring) continue;
        const auto first = first_in(**ring);
        if (!first && first.error().code == ErrorCode::io) return first.error();
        if (first) out.try_emplace(RingKey{(*opened)->uid, (*ring)->descriptor.ring_id}, *first);
      }
    }
  }
  known_[session] = std::move(out);
  return Done{};
}

}  // namespace lmlog::collector
