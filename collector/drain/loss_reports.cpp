// SPDX-License-Identifier: Apache-2.0
// Counters are cumulative and never go back: whatever a file says, a report never takes anything back.
#include "collector/drain/loss_reports.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/ring_layout.hpp>

#include "collector/attach/shared_word.hpp"
#include "collector/store/archived_ring.hpp"

namespace lmlog::collector {

namespace {

constexpr std::uint64_t kIdleCursor = 1;  // behind the head; see shm-abi.md §6
constexpr std::uint64_t kLastCursor = 2;

constexpr auto kCorrupt = static_cast<std::size_t>(formats::LossReason::corrupt);
constexpr auto kQuarantined = static_cast<std::size_t>(formats::LossReason::quarantined);

bool is_own(std::size_t reason) {
  return reason == static_cast<std::size_t>(formats::LossReason::overwritten) || reason == kCorrupt ||
         reason == kQuarantined;
}

/// The counters at `offset`, never below `known`; of the collector's own reasons those of `known`. nullopt: they cannot
/// be read now.
std::optional<formats::LossCounts> read_counters(const File& file, std::uint64_t offset,
                                                 const formats::LossCounts& known) {
  formats::LossCounts counts{};
  const auto got = file.read_at(offset, std::as_writable_bytes(std::span(&counts, 1)));
  if (!got) return std::nullopt;
  if (*got != sizeof(counts)) return known;
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = is_own(i) ? known[i] : std::max(counts[i], known[i]);
  return counts;
}

/// A time in the unit of the session's records, for losses where no record gives one.
std::uint64_t now_of(const DrainContext& context, const AttachedSession& session) {
  if (session.descriptor.clock == static_cast<std::uint32_t>(formats::ClockKind::tsc))
    return session.descriptor.boot_id == context.clock.boot_id() ? context.clock.anchor().tsc
                                                                 : session.descriptor.start_tsc;
  return static_cast<std::uint64_t>(context.clock.realtime_ns());
}

void write_report(DrainContext& context, AttachedSession& session, AttachedRing& ring, std::uint64_t cursor_offset,
                  const formats::LossCounts& counts) {
  declare(context, session);
  // Losses came after the last record; where there is none, now is as good as any time.
  const std::uint64_t time = ring.state.sort_key != 0 ? ring.state.sort_key : now_of(context, session);
  ring.cursor = ring.position + cursor_offset;
  context.journal.writer().losses(session.mark.number, ring.descriptor.ring_id, ring.cursor, time, ring.state, counts);
  ring.state.losses = counts;
  ring.state.sort_key = std::max(ring.state.sort_key, time);
}

}  // namespace

void note_losses(DrainContext& context, const formats::LossCounts& before, const formats::LossCounts& now) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] > before[i]) context.totals.losses[i] += now[i] - before[i];
  }
}

bool report_ring_losses(DrainContext& context, AttachedSession& session, AttachedRing& ring, bool is_last) {
  const std::uint64_t offset = is_last ? kLastCursor : kIdleCursor;
  // From a segment it is not known which places are taken: the idle one might be, the last one is not while there is
  // news.
  const bool is_taken =
      ring.cursor >= ring.position + offset && !(is_last && ring.cursor == ring.position + kCursorUnknown);
  if (is_taken) return true;
  const auto read = read_counters(*ring.file, formats::kRingLossesOffset, ring.state.losses);
  if (!read) return false;
  formats::LossCounts counts = *read;
  note_losses(context, ring.state.losses, counts);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (is_own(i)) counts[i] = std::max(ring.own_losses[i], ring.state.losses[i]);
  }
  if (has_news(counts, ring.state.losses)) write_report(context, session, ring, offset, counts);
  return true;
}

void report_jump(DrainContext& context, AttachedSession& session, AttachedRing& ring,
                 const formats::SubBufferHead& head, std::uint64_t position) {
  formats::Jump jump = formats::jump_to(head, ring.state);
  note_losses(context, ring.state.losses, jump.counts);
  declare(context, session);
  ring.position = position;
  ring.cursor = position + formats::kJumpCursor;
  // The state is that of the ring where it goes on, but for the losses that this entry reports.
  context.journal.writer().losses(session.mark.number, ring.descriptor.ring_id, ring.cursor, head.time, jump.state,
                                  jump.counts);
  ring.state = std::move(jump.state);
  ring.state.losses = jump.counts;
  ring.state.sort_key = std::max(ring.state.sort_key, head.time);
  for (std::size_t i = 0; i < jump.counts.size(); ++i) {
    if (is_own(i)) ring.own_losses[i] = jump.counts[i];
  }
}

void report_corruption(DrainContext& context, AttachedSession& session, AttachedRing& ring) {
  ring.is_corrupt = true;
  if (ring.state.losses[kCorrupt] != 0) return;  // nothing moves behind a corruption: it was reported
  ring.own_losses[kCorrupt] += 1;
  context.totals.losses[kCorrupt] += 1;
  const bool idle_place_is_free = ring.cursor < ring.position + kIdleCursor;
  report_ring_losses(context, session, ring, !idle_place_is_free);
}

void report_unread(DrainContext& context, AttachedSession& session, AttachedRing& ring) {
  if (ring.is_corrupt || ring.state.losses[kQuarantined] != 0) return;
  std::uint64_t head = 0;
  if (read_word(*ring.file, formats::kHeadOffset, head) && head == ring.position) return;
  ring.own_losses[kQuarantined] += 1;
  context.totals.losses[kQuarantined] += 1;
  report_ring_losses(context, session, ring, true);
}

bool report_session_losses(DrainContext& context, AttachedSession& session, std::uint64_t corrupt_rings) {
  const auto read = read_counters(*session.file, formats::kSessionLossesOffset, session.reported_losses);
  if (!read) return false;
  formats::LossCounts counts = *read;
  // What an earlier collector reported of the same rings is in `reported_losses`.
  counts[kCorrupt] = std::max(counts[kCorrupt], corrupt_rings);
  if (!has_news(counts, session.reported_losses)) return true;
  declare(context, session);
  formats::StateVector state;
  state.losses = session.reported_losses;
  const std::uint64_t sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  context.journal.writer().losses(session.mark.number, session.descriptor.session_id, 8 * sum, now_of(context, session),
                                  state, counts);
  note_losses(context, session.reported_losses, counts);
  session.reported_losses = counts;
  return true;
}

}  // namespace lmlog::collector
