// SPDX-License-Identifier: Apache-2.0
// The loss records that the collector writes: for what a producer counted and did not report, and for what the
// collector itself could not take. Implements "Losses" of formats/spec/shm-abi.md §6.
#pragma once

#include <cstdint>

#include <lmlog/formats/sub_buffer.hpp>

#include "collector/drain/drain_context.hpp"

namespace lmlog::collector {

/// Adds what `now` has above `before` to the totals.
void note_losses(DrainContext& context, const formats::LossCounts& before, const formats::LossCounts& now);

/// For a ring that is drained to its head: its counters may be ahead of its last loss record. At most one such record
/// for each position; the last one of a dead producer has a place of its own. Journal entries, not flushed. False: the
/// counters cannot be read now.
bool report_ring_losses(DrainContext& context, AttachedSession& session, AttachedRing& ring, bool is_last);

/// For a flight recorder whose bytes behind the ring's position were overwritten: goes on at `position`, the beginning
/// of a sub-buffer, with what its head says, and reports what was lost. A journal entry, not flushed.
void report_jump(DrainContext& context, AttachedSession& session, AttachedRing& ring,
                 const formats::SubBufferHead& head, std::uint64_t position);

/// Counts the ring's bytes behind its position as one corrupt stretch, unless an earlier collector did, and reports it.
void report_corruption(DrainContext& context, AttachedSession& session, AttachedRing& ring);

/// For a ring of a quarantined session that is about to go: counts what was not read.
void report_unread(DrainContext& context, AttachedSession& session, AttachedRing& ring);

/// Losses of threads that had no ring, and `corrupt_rings` of which nothing could be read: a ring of their own to
/// readers. False: the counters cannot be read now.
bool report_session_losses(DrainContext& context, AttachedSession& session, std::uint64_t corrupt_rings = 0);

}  // namespace lmlog::collector
