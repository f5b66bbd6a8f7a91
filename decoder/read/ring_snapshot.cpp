// SPDX-License-Identifier: Apache-2.0
// The order of reads is what makes a copy valid; it is argued at each step.
#include "decoder/read/ring_snapshot.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "decoder/read/raw_range.hpp"
#include "decoder/read/record_check.hpp"
#include "lmlog/formats/descriptors.hpp"
#include "lmlog/formats/mutant.hpp"
#include "lmlog/formats/ring_protocol.hpp"

namespace lmlog::decoder {

using formats::Anchor;
using formats::Error;
using formats::ErrorCode;
using formats::Result;
using formats::TailLine;

namespace {

constexpr std::size_t kCopyBytes = 256 << 10;
/// A tail line is torn only while the collector is writing it, and a head runs ahead of an old tail only until the tail
/// is read again: more tries mean that somebody writes nonsense.
constexpr int kTries = 100;

template <class T> Result<T> read_value(const FileSource& file, std::uint64_t offset) {
  T value{};
  if (auto status = read_exactly(file, offset, std::as_writable_bytes(std::span(&value, 1))); !status)
    return status.error();
  return value;
}

Result<TailLine> read_tail(const FileSource& file) {
  for (int i = 0; i < kTries; ++i) {
    const auto line = read_value<TailLine>(file, formats::kTailOffset);
    if (!line) return line.error();
    if (line->is_whole()) return *line;
  }
  return Error{ErrorCode::damaged, "the tail of the ring is no pair of a number and its complement",
               formats::kTailOffset, sizeof(TailLine)};
}

Result<std::uint64_t> read_head(const FileSource& file) {
  return formats::read_head([&] { return read_value<std::uint64_t>(file, formats::kHeadOffset); });
}

struct Extent {
  std::uint64_t tail = 0;  // policy overwrite: the floor
  std::uint64_t head = 0;
};

Result<Extent> read_extent(const FileSource& file, const formats::RingDescriptor& descriptor) {
  Extent extent;
  for (int i = 0; i < kTries; ++i) {
    const auto tail = formats::read_tail([&] { return read_tail(file); });
    if (!tail) return tail.error();
    const auto head = read_head(file);
    if (!head) return head.error();
    extent = {tail->tail, *head};
    // The tail was read first: a head that is too far ahead only says that the tail has moved meanwhile.
    if (extent.head - extent.tail <= descriptor.data_bytes) break;
  }
  if (extent.tail % 8 != 0)
    return Error{ErrorCode::damaged, "the tail of the ring is no multiple of 8", formats::kTailOffset,
                 sizeof(TailLine)};
  if (extent.head % 8 != 0 || extent.head < extent.tail || extent.head - extent.tail > descriptor.data_bytes)
    return Error{ErrorCode::damaged, "the head of the ring does not fit to its tail", formats::kHeadOffset,
                 sizeof(extent.head)};
  return extent;
}

Result<std::uint64_t> read_floor(const FileSource& file, const formats::RingDescriptor& descriptor) {
  const auto floor = read_value<std::uint64_t>(file, formats::kFloorOffset);
  if (floor && *floor % descriptor.sub_buffer_bytes != 0)
    return Error{ErrorCode::damaged, "the floor of the ring is no beginning of a sub-buffer", formats::kFloorOffset, 8};
  return floor;
}

/// Of a ring with the policy overwrite, or its newest `bytes`.
Result<Extent> read_floor_and_head(const FileSource& file, const formats::RingDescriptor& descriptor,
                                   std::uint64_t bytes) {
  Extent extent;
  for (int i = 0; i < kTries; ++i) {
    const auto floor = formats::read_floor([&] { return read_floor(file, descriptor); });
    if (!floor) return floor.error();
    const auto head = read_head(file);
    if (!head) return head.error();
    extent = {*floor, *head};
    // The floor was read first: a head that is too far ahead only says that the floor has moved meanwhile. A producer
    // that was killed between the two leaves a floor that is ahead by a sub-buffer, but below its head.
    if (extent.head - extent.tail <= descriptor.data_bytes) break;
  }
  if (extent.head % 8 != 0 || extent.head < extent.tail || extent.head - extent.tail > descriptor.data_bytes)
    return Error{ErrorCode::damaged, "the head of the ring does not fit to its floor", formats::kHeadOffset,
                 sizeof(extent.head)};
  const std::uint64_t newest = extent.head - std::min(extent.head, bytes);
  extent.tail = std::max(extent.tail, formats::round_down(newest, descriptor.sub_buffer_bytes));
  return extent;
}

/// Appends the ring's bytes [from, to), in the order of positions.
formats::Status copy(const FileSource& file, const formats::RingDescriptor& descriptor, const Extent& extent,
                     SnapshotStore& store) {
  std::string buffer;
  for (std::uint64_t at = extent.tail; at < extent.head;) {
    const std::uint64_t in_ring = at % descriptor.data_bytes;
    const auto n = static_cast<std::size_t>(
        std::min({std::uint64_t{kCopyBytes}, extent.head - at, descriptor.data_bytes - in_ring}));
    buffer.resize(n);
    const auto bytes = std::as_writable_bytes(std::span(buffer.data(), n));
    if (auto status = read_exactly(file, descriptor.data_offset + in_ring, bytes); !status) return status;
    if (auto status = store.append(bytes); !status) return status;
    at += n;
  }
  return formats::Done{};
}

/// Walks the copy: finds its clock readings, and where it stops being good.
void examine(RingSnapshot& ring, const formats::SessionCatalog& catalog, const std::shared_ptr<SnapshotStore>& store,
             std::vector<Anchor>& anchors, Report& report) {
  RawWalk walk({store, ring.offset, ring.from, ring.to, ring.descriptor.data_bytes});
  std::string buffer;
  formats::RecordView record;
  formats::StateVector state;  // only to see whether state records are good
  while (walk.load(buffer, kCopyBytes)) {
    while (walk.next(record)) {
      const char* problem = nullptr;
      if (record.id >= formats::kFirstStatementId) {
        problem = check_arguments(record, catalog.find(record.id)).problem;
      } else if (!state.apply(record)) {
        problem = kBadState;
      } else if (record.id == static_cast<std::uint32_t>(formats::RecordKind::clock)) {
        formats::ByteReader in(record.body);
        (void)in.take<std::uint64_t>();         // kind and epoch
        const auto anchor = in.take<Anchor>();  // there: the record holds its kind
        if (anchor.tsc != 0) anchors.push_back(anchor);
      }
      if (problem == nullptr) continue;
      walk.reject(record, problem);
      break;
    }
  }
  if (!walk.error()) return;
  Error error = *walk.error();
  error.offset = ring.descriptor.data_offset + walk.position() % ring.descriptor.data_bytes;
  error.length = std::min(error.length, ring.descriptor.data_offset + ring.descriptor.data_bytes - error.offset);
  report.error(*ring.path, error);
  ring.to = walk.position();
}

/// What the copy at `position` begins with, if that is the head of a sub-buffer.
std::optional<formats::SubBufferHead> head_at(const SnapshotStore& store, const RingSnapshot& ring,
                                              std::uint64_t position) {
  const auto bytes =
      static_cast<std::size_t>(std::min(ring.to - position, formats::max_record_bytes(ring.descriptor.data_bytes)));
  std::string buffer(bytes, '\0');
  const auto out = std::as_writable_bytes(std::span(buffer.data(), buffer.size()));
  if (!read_exactly(store, ring.offset + (position - ring.from), out)) return std::nullopt;
  formats::RecordReader reader(out, position, ring.descriptor.data_bytes);
  formats::RecordView record;
  if (!reader.next(record)) return std::nullopt;
  return formats::parse_sub_buffer(record);
}

/// The copy of a ring with the policy overwrite. Its producer waits for nobody: what it wrote over while it was copied
/// lies below the floor of afterwards.
formats::Status copy_while_overwritten(const FileSource& file, SnapshotStore& store, RingSnapshot& out) {
  const auto& descriptor = out.descriptor;
  // Where a producer is faster than the copy, one of fewer bytes has better prospects.
  std::uint64_t bytes = descriptor.data_bytes;
  for (int i = 0; i < kTries; ++i, bytes = std::max(bytes / 2, descriptor.sub_buffer_bytes)) {
    const auto extent = read_floor_and_head(file, descriptor, bytes);
    if (!extent) return extent.error();
    const std::uint64_t offset = store.end();
    if (auto copied = copy(file, descriptor, *extent, store); !copied) return copied;
    // Of a byte that was written anew before it was copied, the floor says so: the producer moved it first.
    const auto floor = formats::read_floor_again([&] {
      return formats::mutant(formats::Mutant::floor_not_read_again) ? Result<std::uint64_t>(extent->tail)
                                                                    : read_floor(file, descriptor);
    });
    if (!floor) return floor.error();
    out.from = formats::whole_from(extent->tail, *floor, extent->head);
    out.to = extent->head;
    out.offset = offset + (out.from - extent->tail);
    if (out.from != out.to || out.to == 0) break;
  }
  out.losses_at = out.to;
  if (out.from != out.to) {
    out.begin = head_at(store, out, out.from);
    if (!out.begin)
      return Error{ErrorCode::damaged, "a sub-buffer of the ring does not begin with its head",
                   descriptor.data_offset + out.from % descriptor.data_bytes, out.to - out.from};
  }
  const auto losses = read_value<formats::LossCounts>(file, formats::kRingLossesOffset);
  if (!losses) return losses.error();
  out.losses = *losses;
  return formats::Done{};
}

Result<RingSnapshot> copy_ring(const FileSource& file, const Session& session, SnapshotStore& store) {
  RingSnapshot out;
  out.path = std::make_shared<const std::string>(file.path());
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0)
    return Error{ErrorCode::io, "cannot be examined: " + system_reason(errno)};
  std::byte bytes[sizeof(formats::RingDescriptor)];
  const auto got = file.read_at(0, bytes);
  if (!got) return got.error();
  const auto descriptor =
      formats::parse_ring_descriptor(std::span(bytes).first(*got), static_cast<std::uint64_t>(status.st_size));
  if (!descriptor) return descriptor.error();
  if (descriptor->session_id != session.id())
    return Error{ErrorCode::damaged, "the ring belongs to another session than its name says", 48, 16};
  if (status.st_uid != session.uid())
    return Error{ErrorCode::damaged, "the ring has another owner than its session: it is not read", 0, 0};
  out.descriptor = *descriptor;
  if (formats::is_sub_buffered(*descriptor)) {
    if (auto status = copy_while_overwritten(file, store, out); !status) return status.error();
    return out;
  }

  auto extent = read_extent(file, *descriptor);
  if (!extent) return extent.error();
  const std::uint64_t offset = store.end();
  if (auto copied = copy(file, *descriptor, *extent, store); !copied) return copied.error();
  // What lies below the tail may have been overwritten while it was copied. The tail only moves forward: what lies
  // above the tail of now was whole during all of the copy. What lies below it is in the journal, which is read later.
  const auto tail = formats::read_tail_again([&] { return read_tail(file); });
  if (!tail) return tail.error();
  out.from = formats::whole_from(extent->tail, tail->tail, extent->head);
  out.to = extent->head;
  out.offset = offset + (out.from - extent->tail);
  out.losses_at = extent->head;
  // Counters are read last: what they say beyond the records copied happened at or behind the head.
  const auto losses = read_value<formats::LossCounts>(file, formats::kRingLossesOffset);
  if (!losses) return losses.error();
  out.losses = *losses;
  return out;
}

bool holds_lock(const FileSource& file) {
  struct flock lock {};
  lock.l_type = F_RDLCK;  // a producer's write lock is in the way of it
  lock.l_whence = SEEK_SET;
  lock.l_len = 1;
  return ::fcntl(file.descriptor(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

void read_catalog(const FileSource& file, Session& session, Report& report) {
  const auto& descriptor = session.descriptor();
  // As for rings: entries are whole below the head that was read.
  const auto head = formats::read_head([&] { return read_value<std::uint64_t>(file, formats::kCatalogHeadOffset); });
  if (!head) return report.error(file.path(), head.error());
  const std::uint64_t bytes = std::min(*head, descriptor.catalog_bytes);
  if (bytes != *head)
    report.damage(file.path(), formats::kCatalogHeadOffset, 8, "the catalog ends behind the end of its room");
  std::string buffer(static_cast<std::size_t>(bytes), '\0');
  const auto out = std::as_writable_bytes(std::span(buffer.data(), buffer.size()));
  if (auto status = read_exactly(file, descriptor.catalog_offset, out); !status)
    return report.error(file.path(), status.error());
  if (auto status = session.catalog().append(out); !status) {
    const std::uint64_t at = session.catalog().catalog_bytes();
    report.damage(file.path(), descriptor.catalog_offset + at, bytes - at, status.error().text);
  }
}

/// The clock readings of the session file: that of its start, and the last one.
std::vector<Anchor> session_anchors(const FileSource& file, const formats::SessionDescriptor& descriptor) {
  std::vector<Anchor> anchors;
  if (descriptor.start_tsc != 0)
    anchors.push_back({descriptor.start_tsc, descriptor.start_realtime_ns, descriptor.start_monotonic_raw_ns});
  struct LastAnchor {
    Anchor anchor;
    std::uint64_t check;
  };
  const auto last = read_value<LastAnchor>(file, formats::kAnchorOffset);
  if (last && last->anchor.tsc != 0 &&
      (last->anchor.tsc ^ static_cast<std::uint64_t>(last->anchor.realtime_ns) ^
       static_cast<std::uint64_t>(last->anchor.monotonic_raw_ns) ^ formats::kAnchorCheck) == last->check)
    anchors.push_back(last->anchor);
  return anchors;
}

}  // namespace

SessionSnapshot take_snapshot(const SessionRequest& request, const std::shared_ptr<SnapshotStore>& store,
                              Report& report) {
  SessionSnapshot out;
  out.path = request.session_path;
  const auto file = FileSource::open(request.session_path);
  if (!file) {
    if (file.error().code != ErrorCode::not_found) report.error(request.session_path, file.error());
    return out;
  }
  struct stat status {};
  if (::fstat((*file)->descriptor(), &status) != 0) {
    report.io(request.session_path, "cannot be examined: " + system_reason(errno));
    return out;
  }
  std::byte bytes[formats::kDescriptorBytes];
  const auto got = (*file)->read_at(0, bytes);
  const auto descriptor =
      got ? formats::parse_session_descriptor(std::span(bytes).first(*got), static_cast<std::uint64_t>(status.st_size))
          : Result<formats::SessionDescriptor>(got.error());
  if (!descriptor) {
    report.error(request.session_path, descriptor.error());
    return out;
  }
  out.session = std::make_shared<Session>(*descriptor, status.st_uid);
  out.is_alive = holds_lock(**file);
  for (const auto& path : request.ring_paths) {
    const auto ring_file = FileSource::open(path);
    if (!ring_file) {
      if (ring_file.error().code != ErrorCode::not_found) report.error(path, ring_file.error());
      continue;
    }
    auto ring = copy_ring(**ring_file, *out.session, *store);
    if (!ring) {
      report.error(path, ring.error());
      continue;
    }
    out.rings.push_back(*std::move(ring));
  }
  read_catalog(**file, *out.session, report);  // behind the rings: it has every statement that the copies use
  for (RingSnapshot& ring : out.rings) examine(ring, out.session->catalog(), store, out.anchors, report);
  for (const Anchor& anchor : session_anchors(**file, *descriptor)) out.anchors.push_back(anchor);
  if (const auto losses = read_value<formats::LossCounts>(**file, formats::kSessionLossesOffset)) out.losses = *losses;
  return out;
}

}  // namespace lmlog::decoder
