// SPDX-License-Identifier: Apache-2.0
// A ring as a producer's thread writes it (formats/spec/shm-abi.md §6), and what it remembers: each record that it
// committed, each call that it lost. The oracle compares that with the archive.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lmlog/formats/ring_layout.hpp>
#include <lmlog/formats/session_layout.hpp>
#include <lmlog/formats/state_vector.hpp>

#include "tests/simulation/disk.hpp"
#include "tests/simulation/simulated_clock.hpp"

namespace lmlog::collector::simulation {

/// A record that was published.
struct Committed {
  std::uint64_t position = 0;
  std::uint64_t end = 0;
  std::uint64_t time = 0;
  std::int64_t realtime_ns = 0;  // when it was
  std::uint32_t statement = 0;
  std::vector<std::string> arguments;  // as an archive shows them
  bool has_exact_time = false;         // its clock knows of no conversion
};

/// A call: what it would write.
struct LogCall {
  std::uint32_t statement = 0;
  std::string body;
  std::vector<std::string> arguments;
  std::optional<std::uint64_t> time;  // given by the caller
};

class ModelRing {
 public:
  ModelRing(std::shared_ptr<Node> node, const formats::SessionDescriptor& session,
            const formats::RingDescriptor& descriptor, const SimulatedClock& clock, std::int64_t block_timeout_ns);

  enum class Outcome : std::uint8_t { stored, lost, waits };
  /// One call of the thread's. `waits`: it is in there until `log` of the same call gives something else.
  Outcome log(const LogCall& call);
  /// Writes the bytes of a record, and no head: the process dies in the middle.
  void tear(const LogCall& call);
  /// The thread ended, and another one goes on in its ring.
  void hand_over();
  void set_free();

  [[nodiscard]] const formats::RingDescriptor& descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const Node& node() const noexcept { return *node_; }
  [[nodiscard]] bool is_overwriting() const noexcept { return descriptor_.sub_buffer_bytes != 0; }
  /// As the collector left it.
  [[nodiscard]] formats::TailLine tail() const;

  std::vector<Committed> committed;
  formats::LossCounts losses{};  // as in the header
  std::uint64_t attempts = 0;    // calls that returned
  std::uint32_t next_number = 0;

 private:
  struct Item {
    std::uint32_t id;
    std::uint64_t time;
    std::string body;
  };
  [[nodiscard]] std::uint64_t now(const LogCall& call);
  [[nodiscard]] std::string thread_body() const;
  [[nodiscard]] std::string clock_body() const;
  /// What must stand before the next record.
  [[nodiscard]] std::vector<Item> pending(std::uint64_t time) const;
  [[nodiscard]] std::uint64_t end_after(const std::vector<Item>& items) const;
  [[nodiscard]] bool has_room(std::uint64_t end);
  void put(std::uint32_t id, std::uint64_t time, const std::string& body, std::uint64_t length);
  void pad(std::uint64_t time, std::uint64_t length);
  std::uint64_t place(const Item& item);  // gives its position
  void enter_sub_buffer(std::uint64_t time);
  void publish();
  void lose(formats::LossReason reason);
  template <class T> void store(std::uint64_t offset, const T& value) {
    node_->write(offset, std::as_bytes(std::span(&value, 1)));
  }

  std::shared_ptr<Node> node_;
  formats::SessionDescriptor session_;
  formats::RingDescriptor descriptor_;
  const SimulatedClock& clock_;
  std::int64_t block_timeout_ns_;

  std::uint64_t head_ = 0;
  std::uint64_t accepted_tail_ = 0;
  formats::StateVector state_;
  std::uint32_t epoch_ = 1;
  bool owes_thread_ = true;
  bool owes_clock_ = true;
  std::uint32_t clock_kind_;
  std::uint32_t clock_epoch_ = 1;
  std::uint64_t last_ticks_ = 0;
  std::optional<std::int64_t> waits_since_;
  std::optional<std::uint64_t> gave_up_at_;  // tail when a wait ended in vain: no waiting until it moves
};

}  // namespace lmlog::collector::simulation
