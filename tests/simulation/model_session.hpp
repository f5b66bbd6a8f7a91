// SPDX-License-Identifier: Apache-2.0
// A producer's process: its session file, a catalog that grows, rings that come and change their threads, and its end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/model_ring.hpp"

namespace lmlog::collector::simulation {

struct ProcessShape {
  std::string service;
  std::uint32_t uid = 0;
  std::uint32_t pid = 0;
  formats::ClockKind clock{};
  formats::RingPolicy policy{};
  std::uint64_t ring_bytes = 0;
  std::uint64_t payload_bytes = 0;  // of a record's text, at most
  std::int64_t block_timeout_ns = 0;
};

class ModelSession {
 public:
  /// Makes the session's file; it is not to be seen before `appear`.
  ModelSession(Disk& disk, Random& random, const SimulatedClock& clock, const std::string& folder,
               const ProcessShape& shape);

  /// Gives the file its name. The first move of a process; dying before it leaves a `.tmp`.
  void appear();
  [[nodiscard]] bool has_appeared() const noexcept { return has_appeared_; }

  /// One of the things that a process does: mostly, some log calls. Says whether names changed.
  bool move();
  /// SIGKILL, at times in the middle of a record.
  void die();
  /// All threads leave, the session is closed; the process lives on.
  void close();

  [[nodiscard]] bool is_writing() const noexcept { return is_alive_ && !is_closed_; }
  [[nodiscard]] bool is_alive() const noexcept { return is_alive_; }
  [[nodiscard]] bool holds_lock() const noexcept { return is_alive_ && !is_closed_; }
  [[nodiscard]] std::uint32_t pid() const noexcept { return shape_.pid; }
  [[nodiscard]] const Node& node() const noexcept { return *node_; }
  [[nodiscard]] const formats::SessionDescriptor& descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const ProcessShape& shape() const noexcept { return shape_; }

  std::vector<std::unique_ptr<ModelRing>> rings;
  formats::LossCounts losses{};  // without a ring

 private:
  void add_statement();
  void add_ring();
  [[nodiscard]] LogCall next_call(ModelRing& ring);
  [[nodiscard]] std::string random_text(std::uint64_t length);
  template <class T> void store(std::uint64_t offset, const T& value) {
    node_->write(offset, std::as_bytes(std::span(&value, 1)));
  }

  Disk& disk_;
  Random& random_;
  const SimulatedClock& clock_;
  std::string folder_;
  ProcessShape shape_;
  formats::SessionDescriptor descriptor_;
  std::shared_ptr<Node> node_;
  std::string name_;
  std::uint64_t catalog_head_ = 0;
  std::vector<std::uint32_t> statements_;  // by number: how many arguments
  /// Of each ring: the call that its thread is in.
  std::vector<std::optional<LogCall>> waiting_;
  bool has_appeared_ = false;
  bool is_alive_ = true;
  bool is_closed_ = false;
};

}  // namespace lmlog::collector::simulation
