// SPDX-License-Identifier: Apache-2.0
// Where in a ring the next record may go: the wrap, the pad before it, the accepted tail; and, in a ring with the
// policy overwrite, the sub-buffers. Arithmetic of positions alone, but for the words of the tail. Implements "Room"
// and "overwrite rings" of formats/spec/shm-abi.md §6; tests/model runs it under a model checker.
#pragma once

#include <algorithm>
#include <cstdint>

#include <lmlog/formats/record.hpp>
#include <lmlog/formats/ring_protocol.hpp>

namespace lmlog::detail {

class RingRoom {
 public:
  explicit constexpr RingRoom(std::uint64_t data_bytes) noexcept : data_bytes_(data_bytes) {}

  [[nodiscard]] constexpr std::uint64_t data_bytes() const noexcept { return data_bytes_; }

  /// True when the tail has moved, and there is more room. With the head that is published.
  template <class Atomics = formats::StdAtomics, class TailWord, class NotTailWord, class HeadWord>
  [[nodiscard]] bool accept_tail(const TailWord& tail, const NotTailWord& not_tail, const HeadWord& head) noexcept {
    const auto accepted = formats::accept_tail<Atomics>(tail, not_tail, head, accepted_tail_);
    if (accepted) accepted_tail_ = *accepted;
    return accepted.has_value();
  }

  /// Where a record of `bytes` begins that comes at `position`: there, or at the next lap's start. A record that needs
  /// less than 16 bytes does not exist, so a gap of 8 is never used.
  [[nodiscard]] constexpr std::uint64_t start_of_record(std::uint64_t position, std::uint64_t bytes) const noexcept {
    const std::uint64_t left = data_bytes_ - position % data_bytes_;
    return bytes <= left ? position : position + left;
  }

  /// Of a gap before a record: whether it is told by a pad, or too short for one.
  [[nodiscard]] static constexpr bool needs_pad(std::uint64_t gap) noexcept {
    return gap >= formats::kRecordHeaderBytes;
  }

  /// Whether bytes up to `end` may be written.
  [[nodiscard]] constexpr bool holds(std::uint64_t end) const noexcept { return end <= accepted_tail_ + data_bytes_; }

  /// How far log calls may write from `position` on before they must come to the slow path again.
  [[nodiscard]] constexpr std::uint64_t limit(std::uint64_t position) const noexcept {
    return std::min(accepted_tail_, formats::round_down(position, data_bytes_)) + data_bytes_;
  }

 private:
  std::uint64_t data_bytes_;
  std::uint64_t accepted_tail_ = 0;  // the largest tail that made sense
};

class SubBufferRoom {
 public:
  constexpr SubBufferRoom(std::uint64_t data_bytes, std::uint64_t sub_buffer_bytes) noexcept
      : data_bytes_(data_bytes), sub_bytes_(sub_buffer_bytes) {}

  [[nodiscard]] constexpr std::uint64_t sub_buffer_bytes() const noexcept { return sub_bytes_; }

  /// What is left of the sub-buffer at `position`; all of it at its beginning.
  [[nodiscard]] constexpr std::uint64_t left(std::uint64_t position) const noexcept {
    return sub_bytes_ - position % sub_bytes_;
  }

  /// Whether a record of `bytes` stays in the sub-buffer that `position` is in: what is left behind it must be nothing,
  /// or hold a pad. At the beginning of one its head comes first.
  [[nodiscard]] constexpr bool stays(std::uint64_t position, std::uint64_t bytes) const noexcept {
    const std::uint64_t left_here = left(position);
    return left_here != sub_bytes_ && (bytes == left_here || bytes + formats::kRecordHeaderBytes <= left_here);
  }

  /// Below it nothing is valid once the sub-buffer at `position` is written over.
  [[nodiscard]] constexpr std::uint64_t floor(std::uint64_t position) const noexcept {
    const std::uint64_t end = position + sub_bytes_;
    return end > data_bytes_ ? end - data_bytes_ : 0;
  }

  /// How far records may go behind `position`: a record that would leave less than a pad needs comes to the slow path.
  [[nodiscard]] constexpr std::uint64_t limit(std::uint64_t position) const noexcept {
    return position - position % sub_bytes_ + sub_bytes_ - formats::kRecordHeaderBytes;
  }

 private:
  std::uint64_t data_bytes_;
  std::uint64_t sub_bytes_;
};

}  // namespace lmlog::detail
