// SPDX-License-Identifier: Apache-2.0
// What a block builder holds between two blocks: raw ring bytes, and which run they belong to.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/session_catalog.hpp"

namespace lmlog::formats {

/// A piece of a run's bytes: ranges arrive one by one, and continue their ring's run.
struct PendingPiece {
  std::size_t offset = 0;  // in PendingBlock::bytes
  std::size_t length = 0;
  std::uint64_t from = 0;  // position of its first byte
};

struct PendingRun {
  BlockRun run;  // records and losses are filled in when the block is built
  std::vector<PendingPiece> pieces;
};

struct PendingBlock {
  std::vector<char> bytes;  // whole records at multiples of 8
  std::vector<PendingRun> runs;
  std::unordered_map<Id128, std::size_t> last_run;  // of a ring
  std::vector<const SessionCatalog*> sessions;      // in order of appearance
  std::unordered_map<const SessionCatalog*, std::uint32_t> session_indices;
  std::uint64_t records = 0;

  void clear() {
    bytes.clear();
    runs.clear();
    last_run.clear();
    sessions.clear();
    session_indices.clear();
    records = 0;
  }
};

}  // namespace lmlog::formats
