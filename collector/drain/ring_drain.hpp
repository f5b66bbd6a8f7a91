// SPDX-License-Identifier: Apache-2.0
// Takes the next bytes of a ring into the journal's buffer. Implements "Reading" of formats/spec/shm-abi.md §6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "collector/drain/drain_context.hpp"

namespace lmlog::collector {

enum class Turn : std::uint8_t { nothing, moved, more };

/// Not thread-safe.
class RingDrain {
 public:
  /// `catalog_limits` says how much of its catalog a session may have now; `note_catalog` is told when more was read.
  RingDrain(DrainContext& context, std::function<CatalogLimits(const AttachedSession&)> catalog_limits,
            std::function<void(AttachedSession&)> note_catalog = {})
      : context_(context), catalog_limits_(std::move(catalog_limits)), note_catalog_(std::move(note_catalog)) {}

  /// Reads the head, and a stretch of records behind the ring's position. `more`: there is more below the head that was
  /// read.
  Turn turn(AttachedSession& session, AttachedRing& ring);

  /// Reads statements that were entered since the last time. Errors: io (it may succeed later); all others put the
  /// session into quarantine.
  Status read_catalog(AttachedSession& session);

 private:
  [[nodiscard]] bool read_head(AttachedSession& session, AttachedRing& ring);
  /// Reads what must be there. False: it cannot be read now, or the file was cut and the session put into quarantine.
  [[nodiscard]] bool read_whole(AttachedSession& session, AttachedRing& ring, std::uint64_t offset,
                                std::span<std::byte> out);
  [[nodiscard]] bool read_bytes(AttachedSession& session, AttachedRing& ring, std::uint64_t from, std::uint64_t bytes);
  /// Of a flight recorder: where it begins to be whole now. Nothing: as `read_whole`, or it is impossible.
  [[nodiscard]] std::optional<std::uint64_t> read_floor(AttachedSession& session, AttachedRing& ring);
  /// The next bytes of a flight recorder into the scratch; jumps where some were overwritten. Empty: none, this time.
  [[nodiscard]] std::span<std::byte> read_over(AttachedSession& session, AttachedRing& ring);
  [[nodiscard]] Turn take_records(AttachedSession& session, AttachedRing& ring, std::span<std::byte> bytes);
  void take(AttachedSession& session, AttachedRing& ring, std::span<const std::byte> bytes,
            const formats::StateVector& before);

  DrainContext& context_;
  std::function<CatalogLimits(const AttachedSession&)> catalog_limits_;
  std::function<void(AttachedSession&)> note_catalog_;
  std::vector<std::byte> scratch_;
};

}  // namespace lmlog::collector
