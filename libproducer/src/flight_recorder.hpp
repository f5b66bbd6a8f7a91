// SPDX-License-Identifier: Apache-2.0
// The sub-buffers of a ring with the policy `overwrite`: where records go, their heads, the floor, and the state that a
// head must tell. Implements "overwrite rings" of formats/spec/shm-abi.md §6. Used by the thread that owns the ring.
//
//     | sub-buffer | sub-buffer |  …  | head record · records · pad | head record · records →
//     floor: moved over a sub-buffer before its first byte is written anew     position
//
// The index in a head, and its sort key, are not kept by log calls: the records are counted here, from their headers,
// before the position goes on. A line is opened for 4 KiB at a time, so that what is counted is still in the first
// cache and no call waits longer for it than some hundred nanoseconds.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/state_vector.hpp>
#include <lmlog/formats/sub_buffer.hpp>

#include "libproducer/src/ring_room.hpp"

namespace lmlog::detail {

class FlightRecorder {
 public:
  FlightRecorder(std::byte* data, std::uint64_t data_bytes, std::atomic<std::uint64_t>& floor) noexcept
      : data_(data), data_bytes_(data_bytes), room_(data_bytes, data_bytes / formats::kSubBuffers), floor_(floor) {}

  [[nodiscard]] std::uint64_t max_record_bytes() const noexcept {
    return formats::max_record_bytes_overwriting(data_bytes_, room_.sub_buffer_bytes());
  }

  /// Takes the records before `position` into the state. All of them are whole.
  void count_to(std::uint64_t position) noexcept;

  /// Where a record of `bytes` (at most `max_record_bytes`) goes that comes at `position`: there, or behind the head of
  /// the next sub-buffer, which is entered then. `counters` are the header's.
  [[nodiscard]] std::uint64_t place(std::uint64_t position, std::uint64_t bytes, std::uint64_t time,
                                    const formats::LossCounts& counters) noexcept;

  /// How far log calls may write before they must come here again. A record that would leave less room before the
  /// sub-buffer's end than a pad needs comes here, too.
  [[nodiscard]] std::uint64_t limit(std::uint64_t position) const noexcept;

 private:
  /// As formats::StateVector, of what producers write; no memory is allocated.
  struct State {
    std::array<std::byte, 12 + formats::kMaxThreadName> thread{};  // the record's body
    std::uint32_t thread_bytes = 0;                                // 0: none yet
    std::uint32_t clock_kind = 0;
    std::uint32_t clock_epoch = 0;
    formats::LossCounts losses{};
    std::uint64_t sort_key = 0;
    std::uint64_t index = 0;
  };

  void take(std::uint32_t id, std::uint64_t time, const std::byte* body) noexcept;
  [[nodiscard]] std::uint64_t enter(std::uint64_t position, std::uint64_t time,
                                    const formats::LossCounts& counters) noexcept;

  std::byte* data_;
  std::uint64_t data_bytes_;
  SubBufferRoom room_;
  std::atomic<std::uint64_t>& floor_;
  std::uint64_t counted_ = 0;  // records below are in `state_`
  State state_;
};

}  // namespace lmlog::detail
