// SPDX-License-Identifier: Apache-2.0
// Counting the records of a ring that moves: the tail line is read before and after the walk, and where a walk met
// bytes that were reused meanwhile, it starts again from the newer tail.
#include "tools/rings/ring_look.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lmlog/formats/descriptors.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/ring_layout.hpp"
#include "lmlog/formats/ring_protocol.hpp"
#include "lmlog/formats/state_vector.hpp"
#include "lmlog/formats/sub_buffer.hpp"

namespace lmlog::tools {
namespace {

using formats::Error;
using formats::ErrorCode;
using formats::RecordReader;
using formats::RingDescriptor;
using formats::TailLine;
using formats::WalkEnd;

// A drain moves the tail a few thousand times a second at most, a look takes microseconds: three or four attempts are
// rare, and a hundred mean that somebody plays with the file.
constexpr int kAttempts = 100;
constexpr std::size_t kFirstChunk = std::size_t{1} << 20;

/// What lies between two positions.
struct Walk {
  std::uint64_t records = 0;
  WalkEnd end = WalkEnd::end;
  std::uint64_t stopped_at = 0;
  std::optional<formats::ThreadState> thread;
};

/// Copies the bytes of positions [from, to) out of the ring, unwrapped; false on a short read.
bool copy_positions(const SharedFile& file, const RingDescriptor& ring, std::uint64_t from, std::span<std::byte> out) {
  const std::uint64_t at = from % ring.data_bytes;
  const std::size_t before_wrap = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), ring.data_bytes - at));
  return file.read_at(ring.data_offset + at, out.first(before_wrap)) == before_wrap &&
         file.read_at(ring.data_offset, out.subspan(before_wrap)) == out.size() - before_wrap;
}

/// Walks in pieces, so that a look at a ring of 1 GiB takes a MiB; a record longer than a piece makes it grow.
Walk walk(const SharedFile& file, const RingDescriptor& ring, std::uint64_t from, std::uint64_t to) {
  Walk out;
  std::size_t chunk = kFirstChunk;
  std::vector<std::byte> bytes;
  while (from < to) {
    bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(chunk, to - from)));
    if (!copy_positions(file, ring, from, bytes)) return {out.records, WalkEnd::bad_length, from, out.thread};
    RecordReader reader(bytes, from, ring.data_bytes);
    formats::RecordView record;
    while (reader.next(record)) {
      if (record.id >= formats::kFirstStatementId) ++out.records;
      if (record.id == static_cast<std::uint32_t>(formats::RecordKind::thread))
        out.thread = formats::parse_thread(record.body);
    }
    const bool cut_by_chunk = reader.stop() == WalkEnd::bad_length && from + bytes.size() < to;
    if (reader.stop() != WalkEnd::end && !cut_by_chunk)
      return {out.records, reader.stop(), reader.position(), out.thread};
    if (cut_by_chunk && reader.position() == from) {
      if (bytes.size() >= ring.data_bytes) return {out.records, WalkEnd::bad_length, from, out.thread};
      chunk *= 2;
    }
    from = reader.position();
  }
  return out;
}

/// The tail line, whole; nullopt where it stays torn. All zero: nobody has drained yet. Read twice: its two pairs may
/// be of two answers.
std::optional<TailLine> read_tail_line(const SharedFile& file) {
  std::optional<TailLine> before;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto line = file.value_at<TailLine>(formats::kTailOffset);
    if (!line) return std::nullopt;
    if (line->is_whole() && line == before) return line;
    before = line;
    if (line->tail == 0 && line->not_tail == 0 && line->drained == 0 && line->not_drained == 0)
      return TailLine::of(0, 0);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> read_head(const SharedFile& file) {
  return formats::read_head([&] { return file.value_at<std::uint64_t>(formats::kHeadOffset); });
}

void name_owner(const SharedFile& file, const Walk& walk, RingSummary& ring) {
  ring.in_use = file.value_at<std::uint32_t>(formats::kOwnerOffset).value_or(0) == 1;
  const auto hint = file.value_at<formats::OwnerThread>(formats::kOwnerThreadOffset);
  if (hint && hint->tid != 0 && hint->name_length <= formats::kNameBytes) {
    ring.tid = hint->tid;
    ring.thread.assign(hint->name, hint->name_length);
  } else if (walk.thread) {
    ring.tid = walk.thread->tid;
    ring.thread = walk.thread->name;
  }
}

std::string describe(const Walk& walk) {
  const char* what = walk.end == WalkEnd::bad_stamp    ? "a wrong stamp"
                     : walk.end == WalkEnd::bad_length ? "an impossible length"
                                                       : "a record kind that this version does not know";
  return std::string(what) + " at position " + std::to_string(walk.stopped_at) + ": records behind it are not counted";
}

/// The head of the sub-buffer that begins at `position`.
std::optional<formats::SubBufferHead> head_at(const SharedFile& file, const RingDescriptor& ring,
                                              std::uint64_t position, std::uint64_t to) {
  // As producers write them; then as long as any may be.
  for (const std::uint64_t size : {formats::kMaxSubBufferHead, ring.sub_buffer_bytes}) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(to - position, size)));
    if (!copy_positions(file, ring, position, bytes)) return std::nullopt;
    RecordReader reader(bytes, position, ring.data_bytes);
    formats::RecordView record;
    if (reader.next(record)) return formats::parse_sub_buffer(record);
  }
  return std::nullopt;
}

/// Policy overwrite: the oldest sub-buffer knows how many records were before it, the newest how many before that; what
/// is in the newest is counted.
Walk look_at_recorder(const SharedFile& file, const RingDescriptor& ring, RingLook& out) {
  const auto read_floor = [&file] { return file.value_at<std::uint64_t>(formats::kFloorOffset).value_or(0); };
  const auto floor_now = [&read_floor] { return formats::read_floor_again(read_floor); };
  Walk newest;
  bool moved = false;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::uint64_t floor = formats::read_floor(read_floor);
    const std::uint64_t head = read_head(file).value_or(0);
    out.ring.head = head;
    out.ring.tail = std::min(floor, head);
    if (head == 0) return {};
    moved = head - floor > ring.data_bytes;
    if (moved) continue;
    if (head % 8 != 0 || floor % ring.sub_buffer_bytes != 0 || head == floor) break;
    const auto oldest = head_at(file, ring, floor, head);
    moved = floor_now() != floor;
    if (moved) continue;
    const std::uint64_t last = formats::round_down(head - 1, ring.sub_buffer_bytes);
    const auto latest = head_at(file, ring, last, head);
    newest = walk(file, ring, last, head);
    moved = floor_now() > last;
    if (moved) continue;
    if (oldest && latest && newest.end == WalkEnd::end) {
      out.ring.calls.overwritten = oldest->state.index;
      out.ring.calls.stored = latest->state.index - std::min(latest->state.index, oldest->state.index) + newest.records;
      newest.thread = newest.thread ? newest.thread : latest->state.thread;
    } else {
      out.complaint = newest.end == WalkEnd::end ? "a sub-buffer does not begin with its head: nothing is counted"
                                                 : describe(newest);
    }
    return newest;
  }
  if (moved) {
    out.complaint = "the ring moves faster than it can be read: look again";
    return newest;
  }
  out.complaint = "head " + std::to_string(out.ring.head) + " and floor " + std::to_string(out.ring.tail) +
                  " do not fit together: nothing is counted";
  return newest;
}

}  // namespace

formats::Result<RingLook> look_at_ring(const SharedFile& file, const formats::Id128& session, std::uint32_t number) {
  std::array<std::byte, sizeof(RingDescriptor)> header{};
  const std::size_t got = file.read_at(0, header);
  const auto descriptor = formats::parse_ring_descriptor(std::span(header).first(got), file.bytes());
  if (!descriptor) return descriptor.error();
  if (descriptor->session_id != session || descriptor->number != number)
    return Error{ErrorCode::damaged, "the ring's header names another session or number than its file name"};

  RingLook out;
  out.ring.id = descriptor->ring_id;
  out.ring.number = number;
  out.ring.data_bytes = descriptor->data_bytes;

  // Losses first: a call that is counted neither here nor below has not returned when the look began.
  formats::LossCounts losses{};
  const auto counted = file.value_at<formats::LossCounts>(formats::kRingLossesOffset);
  if (counted) losses = *counted;
  out.ring.calls = calls_lost(losses);

  Walk walked;
  if (formats::is_sub_buffered(*descriptor)) {
    walked = look_at_recorder(file, *descriptor, out);
    name_owner(file, walked, out.ring);
    return out;
  }
  for (int attempt = 0;; ++attempt) {
    const auto line = formats::read_tail([&] { return read_tail_line(file); });
    const auto head = read_head(file);
    if (!line || !head) return Error{ErrorCode::damaged, "the ring's tail line is torn, and stays so"};
    out.ring.head = *head;
    out.ring.tail = line->tail;
    const bool possible =
        *head % 8 == 0 && line->tail % 8 == 0 && line->tail <= *head && *head - line->tail <= descriptor->data_bytes;
    walked = possible ? walk(file, *descriptor, line->tail, *head) : Walk{};
    out.ring.calls.stored = line->drained + walked.records;
    if (possible && walked.end == WalkEnd::end) break;

    const auto after = formats::read_tail_again([&] { return read_tail_line(file); });
    const bool moved = after && after->tail != line->tail;
    if (moved && attempt < kAttempts) continue;
    if (!possible) {
      out.ring.tail = std::min(out.ring.tail, out.ring.head);
      out.complaint = "head " + std::to_string(*head) + " and tail " + std::to_string(line->tail) +
                      " do not fit together: only drained records are counted";
    } else {
      out.complaint = moved ? "the ring moves faster than it can be read: look again" : describe(walked);
    }
    break;
  }
  name_owner(file, walked, out.ring);
  return out;
}

}  // namespace lmlog::tools
