// SPDX-License-Identifier: Apache-2.0
// See flight_recorder.hpp. What is counted are the thread's own stores: no other process is trusted.
#include "libproducer/src/flight_recorder.hpp"

#include <algorithm>
#include <cstring>

#include <lmlog/formats/record.hpp>

#include "libproducer/src/record_writing.hpp"

namespace lmlog::detail {

using formats::RecordKind;
using formats::StateTag;

namespace {

// A page: a hundred records of the usual size, counted in some hundred nanoseconds.
constexpr std::uint64_t kStretchBytes = 4096;

/// The body of a head, put together on the stack.
class HeadBody {
 public:
  template <class T> void put(const T& value) noexcept { put_bytes(&value, sizeof(value)); }
  void put_bytes(const void* from, std::size_t bytes) noexcept {
    std::memcpy(bytes_.data() + used_, from, bytes);
    used_ += bytes;
  }
  void begin_item(StateTag tag, std::uint32_t bytes) noexcept {
    put(static_cast<std::uint32_t>(tag));
    put(bytes);
  }
  void align() noexcept { used_ = formats::round_up_8(used_); }  // over zeros
  void put_losses(const formats::LossCounts& counts) noexcept {
    put(static_cast<std::uint64_t>(count_of(counts)));
    for (std::uint32_t reason = 0; reason < counts.size(); ++reason) {
      if (counts[reason] == 0) continue;
      put(std::uint64_t{reason});
      put(counts[reason]);
    }
  }
  static std::uint32_t count_of(const formats::LossCounts& counts) noexcept {
    return static_cast<std::uint32_t>(std::count_if(counts.begin(), counts.end(), [](auto c) { return c != 0; }));
  }
  [[nodiscard]] std::size_t size() const noexcept { return used_; }
  [[nodiscard]] std::byte* at(std::size_t offset) noexcept { return bytes_.data() + offset; }

 private:
  std::array<std::byte, formats::kMaxSubBufferHead - formats::kRecordHeaderBytes> bytes_{};
  std::size_t used_ = 0;
};

}  // namespace

void FlightRecorder::count_to(std::uint64_t position) noexcept {
  // Sizes are powers of two; a division here would take longer than all the rest.
  while (counted_ < position) {
    const std::byte* const at = data_ + (counted_ & (data_bytes_ - 1));
    formats::RecordHeader header;
    std::memcpy(&header, at, sizeof(header));
    std::uint64_t bytes = std::uint64_t{header.id_and_length >> 20} * 8;
    std::size_t header_bytes = formats::kRecordHeaderBytes;
    if (bytes == 0) {
      std::memcpy(&bytes, at + sizeof(header), sizeof(bytes));
      header_bytes = formats::kExtendedHeaderBytes;
    }
    // Somebody in the service wrote where he should not have: what he hit is not counted.
    if (bytes < header_bytes) {
      counted_ = position;
      return;
    }
    take(header.id_and_length & formats::kIdMask, header.time, at + header_bytes);
    counted_ += bytes;
  }
}

/// No pad: place(), which writes them, counts over them.
void FlightRecorder::take(std::uint32_t id, std::uint64_t time, const std::byte* body) noexcept {
  bool new_epoch = false;
  if (id >= formats::kFirstStatementId) {
    ++state_.index;
  } else if (id == static_cast<std::uint32_t>(RecordKind::thread)) {
    std::uint32_t name_bytes = 0;
    std::memcpy(&name_bytes, body + 8, sizeof(name_bytes));
    state_.thread_bytes = 12 + std::min<std::uint32_t>(name_bytes, formats::kMaxThreadName);
    std::memcpy(state_.thread.data(), body, state_.thread_bytes);
  } else if (id == static_cast<std::uint32_t>(RecordKind::clock)) {
    std::uint32_t epoch = 0;
    std::memcpy(&state_.clock_kind, body, sizeof(std::uint32_t));
    std::memcpy(&epoch, body + 4, sizeof(epoch));
    new_epoch = epoch != state_.clock_epoch;
    state_.clock_epoch = epoch;
  } else if (id == static_cast<std::uint32_t>(RecordKind::loss)) {
    std::uint32_t n = 0;
    std::memcpy(&n, body, sizeof(n));
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(n, formats::kLossReasons); ++i) {
      std::uint64_t entry[2];
      std::memcpy(entry, body + 8 + 16 * std::size_t{i}, sizeof(entry));
      state_.losses[entry[0] % formats::kLossReasons] = entry[1];
    }
  }
  state_.sort_key = new_epoch ? time : std::max(state_.sort_key, time);
}

std::uint64_t FlightRecorder::place(std::uint64_t position, std::uint64_t bytes, std::uint64_t time,
                                    const formats::LossCounts& counters) noexcept {
  if (room_.stays(position, bytes)) return position;
  count_to(position);
  if (const std::uint64_t left = room_.left(position); left != room_.sub_buffer_bytes()) {
    (void)write_header(data_ + position % data_bytes_, position, RecordKind::pad, left, time);
    position += left;
    counted_ = position;
  }
  return enter(position, time, counters);
}

std::uint64_t FlightRecorder::enter(std::uint64_t position, std::uint64_t time,
                                    const formats::LossCounts& counters) noexcept {
  formats::move_floor(floor_, room_.floor(position));

  HeadBody body;
  body.put(position);
  body.put(state_.index);
  body.put_losses(counters);
  const std::size_t length_at = body.size();
  body.put(std::uint64_t{0});
  if (state_.thread_bytes != 0) {
    body.begin_item(StateTag::thread, state_.thread_bytes);
    body.put_bytes(state_.thread.data(), state_.thread_bytes);
    body.align();
  }
  if (state_.clock_kind != 0) {
    body.begin_item(StateTag::clock, 8);
    body.put(state_.clock_kind);
    body.put(state_.clock_epoch);
  }
  if (const std::uint32_t n = HeadBody::count_of(state_.losses); n != 0) {
    body.begin_item(StateTag::losses, 8 + 16 * n);
    body.put_losses(state_.losses);
  }
  if (state_.sort_key != 0) {
    body.begin_item(StateTag::sort_key, 8);
    body.put(state_.sort_key);
  }
  if (state_.index != 0) {
    body.begin_item(StateTag::index, 8);
    body.put(state_.index);
  }
  const std::uint64_t state_bytes = body.size() - length_at - 8;
  std::memcpy(body.at(length_at), &state_bytes, sizeof(state_bytes));

  const std::uint64_t bytes = formats::record_length(body.size());
  std::byte* const at = write_header(data_ + position % data_bytes_, position, RecordKind::sub_buffer, bytes, time);
  std::memcpy(at, body.at(0), body.size());
  return position + bytes;
}

std::uint64_t FlightRecorder::limit(std::uint64_t position) const noexcept {
  return std::min(room_.limit(position), position + kStretchBytes);
}

}  // namespace lmlog::detail
