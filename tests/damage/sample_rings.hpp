// SPDX-License-Identifier: Apache-2.0
// What the files of the damage tests are made of: sessions of two services whose rings are written stretch by stretch,
// with values that call for every column encoding, and the losses between them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/formats/ring_script.hpp"

namespace lmlog::damage {

using namespace formats;

/// The next piece of one ring: it begins where the one before ended.
struct Stretch {
  std::uint32_t session = 0;
  script::RingScript ring;
  std::optional<LossCounts> losses{};  // behind it: found by the collector
};

/// The same on every machine and in every run.
class SampleRings {
 public:
  SampleRings();

  /// One stretch of each ring, of about so many records. A statement is new in some rounds.
  [[nodiscard]] std::vector<Stretch> next(std::uint32_t records);

  [[nodiscard]] script::SessionScript& session(std::uint32_t number) { return *sessions_[number].script; }
  [[nodiscard]] std::uint32_t sessions() const { return static_cast<std::uint32_t>(sessions_.size()); }
  [[nodiscard]] static Anchor anchor_of(std::uint32_t session) {
    return {1'000'000 + session, 1'795'000'000'000'000'000, 5'000'000'000};
  }

 private:
  struct Session {
    std::unique_ptr<script::SessionScript> script;
    std::uint32_t tick = 0, order = 0, text = 0, mark = 0, newest = 0;
  };
  struct Ring {
    std::uint32_t session = 0;
    Id128 id;
    std::uint64_t head = 0;
    std::uint64_t time = 0;
    StateVector state{};
  };
  void write(script::RingScript& ring, const Session& session, std::uint64_t& time, std::uint32_t number);

  std::vector<Session> sessions_;
  std::vector<Ring> rings_;
  std::uint32_t round_ = 0;
  std::minstd_rand random_{20261122};
};

}  // namespace lmlog::damage
