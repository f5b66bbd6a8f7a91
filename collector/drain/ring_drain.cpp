// SPDX-License-Identifier: Apache-2.0
// Order: head, acquire fence, data, validation in the private copy, journal. Tails are released elsewhere, and later.
#include "collector/drain/ring_drain.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <lmlog/formats/journal_layout.hpp>
#include <lmlog/formats/mutant.hpp>
#include <lmlog/formats/record_reader.hpp>
#include <lmlog/formats/ring_protocol.hpp>
#include <lmlog/formats/sub_buffer.hpp>

#include "collector/drain/loss_reports.hpp"
#include "collector/drain/range_check.hpp"

namespace lmlog::collector {

namespace {

// At most so much of one ring before the others have their turn: half a millisecond of copying and checking. Half of a
// larger ring: then every record (a quarter at most) fits into one stretch.
constexpr std::uint64_t kStretchBytes = std::uint64_t{256} << 10;

std::uint64_t stretch_of(std::uint64_t data_bytes) {
  return std::min<std::uint64_t>(std::max(kStretchBytes, data_bytes / 2), formats::kMaxJournalRange);
}

}  // namespace

Status RingDrain::read_catalog(AttachedSession& session) {
  auto status = session.catalog.read_more(*session.file, session.descriptor, catalog_limits_(session));
  if (note_catalog_) note_catalog_(session);
  if (status) {
    note_readable(context_, session.is_unreadable, session.path());
  } else if (status.error().code == ErrorCode::io) {
    note_unreadable(context_, session.is_unreadable, session.path(), status.error());
  } else {
    quarantine(context_, session, session.path(), Violation::catalog, status.error().text);
  }
  return status;
}

bool RingDrain::read_whole(AttachedSession& session, AttachedRing& ring, std::uint64_t offset,
                           std::span<std::byte> out) {
  const auto got = ring.file->read_at(offset, out);
  if (!got) {
    note_unreadable(context_, ring.is_unreadable, ring.path, got.error());
    return false;
  }
  note_readable(context_, ring.is_unreadable, ring.path);
  if (*got == out.size()) return true;
  quarantine(context_, session, ring.path, Violation::cut, "the file was cut");
  report_corruption(context_, session, ring);
  return false;
}

bool RingDrain::read_head(AttachedSession& session, AttachedRing& ring) {
  std::uint64_t head = 0;
  const bool is_read = formats::read_head(
      [&] { return read_whole(session, ring, formats::kHeadOffset, std::as_writable_bytes(std::span(&head, 1))); });
  if (!is_read) return false;
  const bool is_possible =
      head % 8 == 0 && head >= ring.head && head >= ring.position &&
      (formats::is_sub_buffered(ring.descriptor) || head - ring.position <= ring.descriptor.data_bytes);
  if (!is_possible) {
    quarantine(context_, session, ring.path, Violation::head,
               "its head " + std::to_string(head) + " is impossible at position " + std::to_string(ring.position));
    report_corruption(context_, session, ring);
    return false;
  }
  if (head != ring.head) {
    ring.head = head;
    ring.moved_ns = context_.clock.monotonic_ns();
  }
  return true;
}

bool RingDrain::read_bytes(AttachedSession& session, AttachedRing& ring, std::uint64_t from, std::uint64_t bytes) {
  if (scratch_.size() < bytes) scratch_.resize(static_cast<std::size_t>(bytes));
  const std::uint64_t begin = from % ring.descriptor.data_bytes;
  const std::uint64_t first = std::min(bytes, ring.descriptor.data_bytes - begin);
  const auto out = std::span(scratch_).first(static_cast<std::size_t>(bytes));
  return read_whole(session, ring, ring.descriptor.data_offset + begin, out.first(static_cast<std::size_t>(first))) &&
         (first == bytes ||
          read_whole(session, ring, ring.descriptor.data_offset, out.subspan(static_cast<std::size_t>(first))));
}

Turn RingDrain::turn(AttachedSession& session, AttachedRing& ring) {
  if (session.is_quarantined() || !read_head(session, ring)) return Turn::nothing;
  const std::uint64_t available = ring.head - ring.position;
  if (available == 0) {
    ring.caught_up_ns = context_.clock.monotonic_ns();
    return Turn::nothing;
  }
  if (!context_.quotas.may_drain(session.uid, context_.clock.monotonic_ns())) return Turn::nothing;
  if (formats::is_sub_buffered(ring.descriptor)) {
    const auto bytes = read_over(session, ring);
    if (!bytes.empty()) return take_records(session, ring, bytes);
    return session.is_quarantined() || ring.is_unreadable ? Turn::nothing : Turn::more;
  }
  constexpr auto kHeadAfterBody = formats::Mutant::head_after_body;
  std::uint64_t bytes = std::min(formats::mutant(kHeadAfterBody) ? ring.descriptor.data_bytes : available,
                                 stretch_of(ring.descriptor.data_bytes));
  if (!read_bytes(session, ring, ring.position, bytes)) return Turn::nothing;
  if (formats::mutant(kHeadAfterBody) && read_head(session, ring)) bytes = std::min(bytes, ring.head - ring.position);
  return take_records(session, ring, std::span(scratch_).first(static_cast<std::size_t>(bytes)));
}

std::optional<std::uint64_t> RingDrain::read_floor(AttachedSession& session, AttachedRing& ring) {
  std::uint64_t floor = 0;
  if (!read_whole(session, ring, formats::kFloorOffset, std::as_writable_bytes(std::span(&floor, 1))))
    return std::nullopt;
  if (floor % ring.descriptor.sub_buffer_bytes == 0) return floor;
  quarantine(context_, session, ring.path, Violation::floor,
             "its floor " + std::to_string(floor) + " is no sub-buffer's beginning");
  report_corruption(context_, session, ring);
  return std::nullopt;
}

std::span<std::byte> RingDrain::read_over(AttachedSession& session, AttachedRing& ring) {
  const auto violation = [&](const std::string& what) {
    quarantine(context_, session, ring.path, Violation::floor, what);
    report_corruption(context_, session, ring);
    return std::span<std::byte>{};
  };
  // An honest producer is faster than this copy now and then, and never for long.
  constexpr std::uint32_t kMaxInVain = 10'000;
  const auto in_vain = [&] {
    return ++ring.in_vain < kMaxInVain ? std::span<std::byte>{} : violation("its floor runs away");
  };
  const auto floor_before = formats::read_floor([&] { return read_floor(session, ring); });
  // The head behind the floor: in that order the head is never below it.
  if (!floor_before || !read_head(session, ring)) return {};
  const std::uint64_t from = std::max(ring.position, *floor_before);
  if (from > ring.head || (ring.head - from > ring.descriptor.data_bytes && ++ring.in_vain >= kMaxInVain))
    return violation("its head " + std::to_string(ring.head) + " is impossible with the floor " +
                     std::to_string(*floor_before));
  if (ring.head == from || ring.head - from > ring.descriptor.data_bytes) return {};
  const std::uint64_t bytes = std::min(ring.head - from, stretch_of(ring.descriptor.data_bytes));
  if (!read_bytes(session, ring, from, bytes)) return {};
  // The producer moves the floor before it writes over the first byte below it: of what was overwritten before it was
  // read here, the floor says so now.
  const auto floor = formats::read_floor_again([&] {
    return formats::mutant(formats::Mutant::floor_not_read_again) ? floor_before : read_floor(session, ring);
  });
  if (!floor) return {};
  const std::uint64_t whole = formats::whole_from(from, *floor, from + bytes);
  if (whole == from + bytes) return in_vain();
  ring.in_vain = 0;
  const auto left =
      std::span(scratch_).first(static_cast<std::size_t>(bytes)).subspan(static_cast<std::size_t>(whole - from));
  if (whole == ring.position) return left;
  formats::RecordReader reader(left, whole, ring.descriptor.data_bytes);
  formats::RecordView record;
  if (reader.next(record)) {
    if (const auto head = formats::parse_sub_buffer(record)) {
      report_jump(context_, session, ring, *head, whole);
      return left;
    }
  } else if (whole + left.size() < ring.head) {
    return in_vain();  // the head of the sub-buffer is longer than what was read of it
  }
  return violation("the sub-buffer at position " + std::to_string(whole) + " does not begin with its head");
}

Turn RingDrain::take_records(AttachedSession& session, AttachedRing& ring, std::span<std::byte> bytes) {
  const bool is_all = bytes.size() == ring.head - ring.position;
  const formats::StateVector before = ring.state;
  const RangeVerdict verdict = check_range(
      bytes, ring.position, ring.descriptor.data_bytes, session.catalog, [&] { return read_catalog(session); },
      ring.state);
  context_.totals.stored += verdict.stored;
  context_.totals.stored_by_service[std::string(session.service())] += verdict.stored;
  const auto refused = static_cast<std::size_t>(formats::LossReason::quarantined);
  ring.own_losses[refused] += verdict.refused;
  context_.totals.losses[refused] += verdict.refused;
  if (verdict.refused != 0)
    context_.notices.warn_once(session.path() + " quota",
                               session.path() +
                                   " has more statements than its quota: records of those beyond are refused "
                                   "(quota.sites_per_session, quota.catalog_bytes)");
  if (verdict.valid_bytes != 0) take(session, ring, bytes.first(static_cast<std::size_t>(verdict.valid_bytes)), before);
  if (!verdict.violation.empty() && (is_all || verdict.valid_bytes == 0)) {
    // (A stretch that was cut short ends inside a record: no violation, unless nothing of it could be used.)
    quarantine(context_, session, ring.path, Violation::record, verdict.violation);
    report_corruption(context_, session, ring);
    return Turn::moved;
  }
  // Its records wait for a catalog that cannot be read now.
  if (session.is_unreadable) return verdict.valid_bytes != 0 ? Turn::moved : Turn::nothing;
  if (ring.position != ring.head) return Turn::more;
  ring.caught_up_ns = context_.clock.monotonic_ns();
  return Turn::moved;
}

void RingDrain::take(AttachedSession& session, AttachedRing& ring, std::span<const std::byte> bytes,
                     const formats::StateVector& before) {
  declare(context_, session);
  const std::uint64_t to = ring.position + bytes.size();
  context_.journal.writer().range(session.mark.number, ring.descriptor.ring_id, ring.descriptor.data_bytes,
                                  ring.position, to, before, bytes);
  ring.position = to;
  note_losses(context_, before.losses, ring.state.losses);
  context_.quotas.spend(session.uid, bytes.size());
  if (formats::is_sub_buffered(ring.descriptor)) return;  // its producer waits for no tail
  context_.tails.push_back({ring.file, session.uid, to, ring.state.index});
  if (formats::mutant(formats::Mutant::tail_before_journal)) context_.answers.release(context_.tails);
}

}  // namespace lmlog::collector
