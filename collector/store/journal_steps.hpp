// SPDX-License-Identifier: Apache-2.0
// How each entry of the journal moves the place of its ring. The archiver goes these steps as it archives, and the
// start of a collector to learn where to go on draining: both must come to the same places.
#pragma once

#include <cstdint>
#include <span>

#include <lmlog/formats/journal_reader.hpp>
#include <lmlog/formats/record_reader.hpp>
#include <lmlog/formats/session_catalog.hpp>
#include <lmlog/formats/sub_buffer.hpp>

#include "collector/store/archived_ring.hpp"

namespace lmlog::collector {

/// A damaged file may name any number. The bound is far above what a file of 32 MiB can declare; those at or above it
/// are taken for not declared.
inline constexpr std::uint32_t kMaxSessionsOfAFile = 1u << 20;

/// Each file declares the catalog from its start: what is known is skipped. Errors: damaged; what came before is taken.
formats::Status take_catalog(formats::SessionCatalog& catalog, const formats::JournalEntry& entry);

/// What of a range is behind the ring's place.
struct NewRange {
  std::span<const std::byte> bytes;  // empty: nothing
  std::uint64_t from = 0;
  std::uint64_t missing_from = 0;  // bytes from here to `from` are not in the journal; `from`: none
};

/// The place is then at `from`, with the state there. `is_known`: the place is one, not what a ring begins with.
[[nodiscard]] NewRange begin_range(RingPlace& place, bool is_known, const formats::JournalEntry& entry);

/// Records of a range, and where the next begins.
struct RecordSteps {
  std::uint64_t to = 0;
  std::uint64_t records = 0;
  std::uint64_t statements = 0;
  bool is_told = true;  // else what is at `to` is no record, or one whose statement is not known: the range ends there
};

/// Applies up to `room` records to the state, and calls `take` with each.
template <class Take>
[[nodiscard]] RecordSteps step_records(const formats::SessionCatalog& catalog, std::span<const std::byte> bytes,
                                       std::uint64_t from, std::uint64_t data_bytes, std::uint64_t room,
                                       formats::StateVector& state, Take take) {
  formats::RecordReader reader(bytes, from, data_bytes);
  formats::RecordView record;
  RecordSteps out;
  out.to = from;
  while (out.records < room) {
    if (!reader.next(record)) {
      // Pads behind the last record included.
      out.to = reader.position();
      out.is_told = reader.stop() == formats::WalkEnd::end;
      return out;
    }
    const bool is_statement = record.id >= formats::kFirstStatementId;
    if (is_statement && catalog.find(record.id) == nullptr) {
      out.is_told = false;
      return out;
    }
    state.apply(record);
    ++out.records;
    out.statements += is_statement ? 1 : 0;
    out.to = record.position + record.length;
    take(record);
  }
  return out;
}

/// What a loss record of the collector brings.
enum class LossStep : std::uint8_t {
  old,
  counts,      // counts that were not reported before
  silent_jump  // nothing that is counted: a flight recorder goes on behind what was overwritten
};

/// Takes the entry of a ring, or of a session's losses without a ring.
[[nodiscard]] LossStep take_losses(RingPlace& place, bool without_ring, const formats::JournalEntry& entry);

/// Where in its position a loss record stands.
[[nodiscard]] inline std::uint64_t loss_offset(bool without_ring, const formats::JournalEntry& entry) noexcept {
  return without_ring ? 0 : entry.to % 8;
}

}  // namespace lmlog::collector
