// SPDX-License-Identifier: Apache-2.0
// Copies of the rings of sessions, living or dead, taken with pread while producer and collector go on.
// Implements "Reading" of formats/spec/shm-abi.md §6 for a reader that releases nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decoder/read/report.hpp"
#include "decoder/read/session.hpp"
#include "decoder/read/snapshot_store.hpp"
#include "lmlog/formats/ring_layout.hpp"
#include "lmlog/formats/session_layout.hpp"
#include "lmlog/formats/state_vector.hpp"
#include "lmlog/formats/sub_buffer.hpp"

namespace lmlog::decoder {

struct RingSnapshot {
  std::shared_ptr<const std::string> path;
  formats::RingDescriptor descriptor{};
  std::uint64_t from = 0;                       // bytes [from, to) were copied whole
  std::uint64_t to = 0;                         // the head, or where the first bad record begins
  std::uint64_t offset = 0;                     // in the store
  formats::LossCounts losses{};                 // the header's counters, read after the head
  std::uint64_t losses_at = 0;                  // the head
  std::optional<formats::SubBufferHead> begin;  // policy overwrite: what the sub-buffer at `from` begins with
};

struct SessionSnapshot {
  std::shared_ptr<Session> session;
  std::string path;
  bool is_alive = false;
  std::vector<formats::Anchor> anchors;
  std::vector<RingSnapshot> rings;
  formats::LossCounts losses{};  // without a ring
};

/// What to copy: a session with all of its rings, or only one of them.
struct SessionRequest {
  std::string session_path;
  std::vector<std::string> ring_paths;
};

/// Copies the rings, then reads the catalog, so that it has every statement that the copies use. Files that are gone
/// meanwhile were drained and removed by a collector, and are passed over in silence; damage is reported, and the rest
/// is taken. Null session: there was nothing to take.
[[nodiscard]] SessionSnapshot take_snapshot(const SessionRequest& request, const std::shared_ptr<SnapshotStore>& store,
                                            Report& report);

}  // namespace lmlog::decoder
