// SPDX-License-Identifier: Apache-2.0
// One thread's ring from the producer's side: where it is, how far it was read, what must be written before the next
// ordinary record (pending state), and what was lost. Implements §3 and §6 of formats/spec/shm-abi.md.
// At any time one thread owns a ring; it goes from thread to thread under the process's lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/result.hpp>
#include <lmlog/formats/ring_layout.hpp>
#include <lmlog/thread_line.hpp>

#include "libproducer/src/coarse_clock.hpp"
#include "libproducer/src/flight_recorder.hpp"
#include "libproducer/src/pending_state.hpp"
#include "libproducer/src/ring_clock.hpp"
#include "libproducer/src/ring_room.hpp"
#include "libproducer/src/shared_file.hpp"

namespace lmlog::detail {

class SharedSession;

/// A thread as its records name it.
struct ThreadIdentity {
  std::uint32_t tid = 0;
  std::string name;
};

/// One record that wants room.
struct RoomRequest {
  std::uint64_t bytes = 0;  // of the whole record
  std::uint64_t time = 0;   // the caller's; used if time_given
  bool time_given = false;
};

class Ring {
 public:
  /// Makes the file, backed and prefaulted.
  [[nodiscard]] static formats::Result<std::unique_ptr<Ring>> create(SharedSession& session, std::uint32_t number);

  /// The calling thread owns the ring from now on. The line has no room yet: the first make_room() gives it some.
  void attach(ThreadLine& line, const ThreadIdentity& thread) noexcept;
  /// Takes the position back from the line and marks the ring free.
  void detach(ThreadLine& line) noexcept;

  /// In a forked child, of a parent's ring.
  void forget_mapping() noexcept { file_.forget_mapping(); }

  enum class Outcome : std::uint8_t {
    ready,     // the line has room, `time` is the record's
    lost,      // counted
    withdrawn  // the session has ended or was retired: the thread must attach to another
  };
  [[nodiscard]] Outcome make_room(ThreadLine& line, const RoomRequest& request, std::uint64_t& time) noexcept;

  void count_loss(formats::LossReason reason) noexcept;
  [[nodiscard]] std::uint64_t losses(std::uint32_t reason) const noexcept;
  [[nodiscard]] bool is_retired() const noexcept;
  [[nodiscard]] SharedSession& session() const noexcept { return session_; }
  [[nodiscard]] std::uint64_t data_bytes() const noexcept { return room_.data_bytes(); }

 private:
  Ring(SharedSession& session, SharedFile file, std::uint64_t data_bytes) noexcept;

  template <class T> [[nodiscard]] std::atomic<T>& field(std::size_t offset) const noexcept {
    static_assert(sizeof(std::atomic<T>) == sizeof(T) && std::atomic<T>::is_always_lock_free);
    return *reinterpret_cast<std::atomic<T>*>(file_.data() + offset);
  }

  void name_owner(const ThreadIdentity& thread) noexcept;
  [[nodiscard]] bool accept_tail() noexcept;
  [[nodiscard]] bool wait_for_tail() noexcept;
  void gather(PendingState& pending, std::uint64_t now) noexcept;
  [[nodiscard]] formats::LossCounts counters() const noexcept;
  [[nodiscard]] std::uint64_t coarse_now() noexcept;
  [[nodiscard]] std::uint64_t record_over(const PendingState& pending, std::uint64_t position, std::uint64_t bytes,
                                          std::uint64_t time) noexcept;
  [[nodiscard]] bool place(const PendingState& pending, std::uint64_t position, std::uint64_t bytes) const noexcept;
  [[nodiscard]] std::uint64_t write_pad(std::uint64_t position, std::uint64_t start, std::uint64_t time) noexcept;
  [[nodiscard]] std::uint64_t write_pending(const PendingState& pending, std::uint64_t position,
                                            std::uint64_t time) noexcept;
  void write_record(const PendingState& pending, const PendingState::Record& record, std::uint64_t position,
                    std::uint64_t time) noexcept;
  void publish_pending(std::uint64_t position) noexcept;
  void open_line(ThreadLine& line, std::uint64_t position) noexcept;
  [[nodiscard]] bool session_has_ended() const noexcept;

  SharedSession& session_;
  SharedFile file_;
  RingRoom room_;
  std::byte* data_;

  std::uint64_t position_ = 0;  // while no thread owns the ring
  ThreadIdentity thread_;
  std::uint32_t epoch_ = 0;
  bool thread_pending_ = false;
  bool losses_pending_ = false;
  bool losses_come_first_ = false;          // they are the thread's that had the ring before
  bool waited_in_vain_ = false;             // policy block: after a time-out it drops until the tail moves
  std::optional<FlightRecorder> recorder_;  // policy overwrite
  RingClock clock_;
  std::optional<CoarseClock> coarse_;  // clock coarse
  bool clock_pending_ = true;
  std::uint64_t anchor_ticks_ = 0;  // of the anchor that was written last
};

}  // namespace lmlog::detail
