// SPDX-License-Identifier: Apache-2.0
// What the archive knows of one ring: how far it is held, and the state there. Keyed by (uid, ring id), never by pid.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <numeric>
#include <unordered_map>

#include <lmlog/formats/id128.hpp>
#include <lmlog/formats/state_vector.hpp>

namespace lmlog::collector {

struct RingKey {
  std::uint32_t uid = 0;
  formats::Id128 ring;
  friend auto operator<=>(const RingKey&, const RingKey&) = default;
};

struct RingKeyHash {
  std::size_t operator()(const RingKey& key) const noexcept {
    return std::hash<formats::Id128>{}(key.ring) ^ (std::size_t{key.uid} << 17);
  }
};

/// A place in a ring. `cursor` is that of the collector's last loss record at this position: position + 1 or + 2, 0
/// when there was none, and position + 7 where it is not known whether there was one (a segment's footer does not say).
struct RingPlace {
  formats::Id128 session;
  std::uint64_t data_bytes = 0;
  std::uint64_t position = 0;
  std::uint64_t cursor = 0;
  formats::StateVector state;
};

using RingPlaces = std::unordered_map<RingKey, RingPlace, RingKeyHash>;

inline constexpr std::uint64_t kCursorUnknown = 7;

/// True when some count is above what the state has reported.
[[nodiscard]] inline bool has_news(const formats::LossCounts& counts, const formats::LossCounts& reported) noexcept {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > reported[i]) return true;
  }
  return false;
}

/// The later of two places of one ring: by position; at the same position, the one that has reported more losses.
[[nodiscard]] inline bool is_later(std::uint64_t position, const formats::StateVector& state,
                                   const RingPlace& than) noexcept {
  if (position != than.position) return position > than.position;
  return has_news(state.losses, than.state.losses);
}

}  // namespace lmlog::collector
