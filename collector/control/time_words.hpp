// SPDX-License-Identifier: Apache-2.0
// The time that the collector gives to sessions: the coarse word every millisecond, an anchor every second and on a
// step (formats/spec/shm-abi.md §2, docs/decisions/time-is-the-raw-counter.md).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <lmlog/formats/id128.hpp>

#include "collector/host/clock.hpp"
#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// How often a session's clocks are read together: for the word in its file, and for the journal.
inline constexpr std::int64_t kAnchorNs = kNsPerSecond;

/// `attach` and `detach` may be called while another thread refreshes.
class TimeWords {
 public:
  using Write = std::function<void(File&, std::uint32_t uid, std::uint64_t offset, std::span<const std::byte>)>;

  explicit TimeWords(const Clock& clock) : clock_(clock) {}

  void attach(const formats::Id128& id, std::shared_ptr<File> session, std::uint32_t uid, std::uint32_t clock_kind);
  void detach(const formats::Id128& id);

  /// Writes what is due.
  void refresh(const Write& write);

  /// How long until something is due.
  [[nodiscard]] std::int64_t next_refresh_ns() const;

 private:
  struct Session {
    std::shared_ptr<File> file;
    std::uint32_t uid;
    std::uint32_t clock_kind;
  };

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<formats::Id128, Session> sessions_;
  std::unordered_set<formats::Id128> coarse_;
  std::vector<formats::Id128> new_;  // with ticks, and no anchor yet
  std::int64_t anchored_ns_ = 0;     // monotonic
  std::int64_t offset_ns_ = 0;       // realtime − monotonic raw, at the last anchor
};

}  // namespace lmlog::collector
