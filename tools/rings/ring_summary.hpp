// SPDX-License-Identifier: Apache-2.0
// What lmlog-rings knows of sessions and rings after one look from outside.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/state_vector.hpp"

namespace lmlog::tools {

/// Log calls by their fate.
struct CallCounts {
  std::uint64_t stored = 0;
  std::uint64_t dropped = 0;
  std::uint64_t sampled_out = 0;
  std::uint64_t overwritten = 0;

  [[nodiscard]] std::uint64_t attempted() const noexcept { return stored + dropped + sampled_out + overwritten; }

  CallCounts& operator+=(const CallCounts& other) noexcept {
    stored += other.stored;
    dropped += other.dropped;
    sampled_out += other.sampled_out;
    overwritten += other.overwritten;
    return *this;
  }
};

/// The cumulative loss counters of a ring or session header, by fate. registry.md, "Loss reasons".
[[nodiscard]] inline CallCounts calls_lost(const formats::LossCounts& losses) noexcept {
  CallCounts out;
  for (std::uint32_t reason = 0; reason < formats::kLossReasons; ++reason)
    if (formats::is_drop(reason)) out.dropped += losses[reason];
  out.sampled_out = losses[static_cast<std::size_t>(formats::LossReason::sampled_out)];
  out.overwritten = losses[static_cast<std::size_t>(formats::LossReason::overwritten)];
  return out;
}

struct RingSummary {
  formats::Id128 id;
  std::uint32_t number = 0;
  std::uint32_t tid = 0;  // of the latest owner; 0: not known
  std::string thread;
  bool in_use = false;
  std::uint64_t data_bytes = 0;
  std::uint64_t head = 0;
  std::uint64_t tail = 0;  // policy overwrite: the floor
  CallCounts calls;

  /// Part of the ring that is not drained yet, 0 to 1.
  [[nodiscard]] double fill() const noexcept {
    return data_bytes == 0 ? 0 : static_cast<double>(head - tail) / static_cast<double>(data_bytes);
  }
};

struct SessionSummary {
  formats::Id128 id;
  std::string service;
  std::uint32_t pid = 0;
  std::uint32_t uid = 0;
  bool alive = false;
  bool closed = false;
  std::int64_t started_ns = 0;
  std::uint32_t clock = 0;
  std::uint64_t sites = 0;
  CallCounts calls;  // of all rings, and those that found no ring
  std::vector<RingSummary> rings;
};

/// Something that could not be shown, or is shown only in part.
struct Problem {
  std::string path;
  std::string what;
  bool damaged = true;  // false: the system refused to read
};

}  // namespace lmlog::tools
