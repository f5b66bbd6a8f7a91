// SPDX-License-Identifier: Apache-2.0
// Which rings a pass reads: all that moved lately, and of those that rest as many as cost little. Ten thousand idle
// rings, read in each pass, would take more than half of a core.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "collector/attach/attached.hpp"
#include "collector/drain/ring_drain.hpp"

namespace lmlog::collector {

/// Not thread-safe. Owns nothing: rings must be forgotten before they go.
class RingRounds {
 public:
  /// In so many ns of time one resting ring is read: 0.6 µs of work, an eighth of a core at most, and 50 ms until the
  /// last of 10,000 has its turn.
  static constexpr std::int64_t kRestingReadNs = 5 * kNsPerUs;
  /// So many resting rings are read in each pass whatever the time: with fewer, none ever waits.
  static constexpr std::int64_t kAlwaysRead = 200;

  void add(AttachedSession& session, AttachedRing& ring) { awake_.push_back({&session, &ring}); }
  /// All rings of these sessions.
  void forget(const std::function<bool(const AttachedSession&)>& is_gone);

  /// Calls `read` for each ring whose turn it is (`all`: for all) until it says stop; what it gave decides which rings
  /// rest.
  enum class Read : std::uint8_t { nothing, moved, stop };
  void pass(std::int64_t now, bool all, const std::function<Read(AttachedSession&, AttachedRing&)>& read);

 private:
  struct Place {
    AttachedSession* session;
    AttachedRing* ring;
  };
  using Places = std::vector<Place>;

  static void move(Places& from, std::size_t index, Places& to);

  Places awake_;
  Places resting_;
  std::size_t next_ = 0;      // of the resting ones
  std::int64_t read_ns_ = 0;  // monotonic: the last pass
};

}  // namespace lmlog::collector
