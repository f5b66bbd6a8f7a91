// SPDX-License-Identifier: Apache-2.0
// Sessions are copied out before they are written: a slow write must not hold up the drain, which attaches sessions.
#include "collector/control/time_words.hpp"

#include <array>
#include <cstdlib>

#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/session_layout.hpp>

namespace lmlog::collector {

namespace {

constexpr std::int64_t kCoarseNs = kNsPerMs;
// Slewing moves the clock by 0.5 ms a second at most: more since the last anchor is a step.
constexpr std::int64_t kStepNs = kNsPerMs;
// Without coarse sessions the clock is looked at so often for steps.
constexpr std::int64_t kStepCheckNs = 100 * kNsPerMs;

bool is_coarse(std::uint32_t kind) { return kind == static_cast<std::uint32_t>(formats::ClockKind::coarse); }
bool has_ticks(std::uint32_t kind) { return kind == static_cast<std::uint32_t>(formats::ClockKind::tsc); }

}  // namespace

void TimeWords::attach(const formats::Id128& id, std::shared_ptr<File> session, std::uint32_t uid,
                       std::uint32_t clock_kind) {
  const std::lock_guard lock(mutex_);
  if (!sessions_.insert_or_assign(id, Session{std::move(session), uid, clock_kind}).second) return;
  if (is_coarse(clock_kind)) coarse_.insert(id);
  if (has_ticks(clock_kind)) new_.push_back(id);
}

void TimeWords::detach(const formats::Id128& id) {
  const std::lock_guard lock(mutex_);
  coarse_.erase(id);
  sessions_.erase(id);
}

void TimeWords::refresh(const Write& write) {
  std::vector<Session> coarse;
  std::vector<Session> anchored;
  formats::Anchor anchor{};
  {
    const std::lock_guard lock(mutex_);
    if (sessions_.empty()) return;
    const std::int64_t now = clock_.monotonic_ns();
    anchor = clock_.anchor();
    const std::int64_t offset = anchor.realtime_ns - anchor.monotonic_raw_ns;
    const bool is_due = now - anchored_ns_ >= kAnchorNs || std::abs(offset - offset_ns_) >= kStepNs;
    for (const auto& id : coarse_) coarse.push_back(sessions_.at(id));
    // Tails are answered thousands of times a second: then no walk over thousands of sessions.
    if (is_due && anchor.tsc != 0) {
      for (const auto& [id, session] : sessions_) {
        if (has_ticks(session.clock_kind)) anchored.push_back(session);
      }
    } else if (anchor.tsc != 0) {
      for (const auto& id : new_) {
        const auto found = sessions_.find(id);
        if (found != sessions_.end()) anchored.push_back(found->second);
      }
    }
    new_.clear();
    if (is_due) {
      anchored_ns_ = now;
      offset_ns_ = offset;
    }
  }
  for (const auto& session : coarse) {
    const auto time = static_cast<std::uint64_t>(clock_.realtime_ns());
    write(*session.file, session.uid, formats::kCoarseTimeOffset, std::as_bytes(std::span(&time, 1)));
  }
  const auto realtime = static_cast<std::uint64_t>(anchor.realtime_ns);
  const auto raw = static_cast<std::uint64_t>(anchor.monotonic_raw_ns);
  const std::array<std::uint64_t, 4> words{anchor.tsc, realtime, raw,
                                           anchor.tsc ^ realtime ^ raw ^ formats::kAnchorCheck};
  for (const auto& session : anchored)
    write(*session.file, session.uid, formats::kAnchorOffset, std::as_bytes(std::span(words)));
}

std::int64_t TimeWords::next_refresh_ns() const {
  const std::lock_guard lock(mutex_);
  if (sessions_.empty()) return kAnchorNs;
  return coarse_.empty() ? kStepCheckNs : kCoarseNs;
}

}  // namespace lmlog::collector
