// SPDX-License-Identifier: Apache-2.0
// Order means nothing here: a ring that changes its place leaves it to the last one.
#include "collector/drain/ring_rounds.hpp"

#include <algorithm>

namespace lmlog::collector {

namespace {

// A ring that has not moved for so long rests. Threads that log once in a while are not worth 250 reads a second.
constexpr std::int64_t kRestNs = kNsPerSecond;

bool may_rest(const AttachedSession& session, const AttachedRing& ring, std::int64_t now) {
  return session.is_quarantined() || (ring.head == ring.position && now - ring.moved_ns >= kRestNs);
}

}  // namespace

void RingRounds::move(Places& from, std::size_t index, Places& to) {
  to.push_back(from[index]);
  from[index] = from.back();
  from.pop_back();
}

void RingRounds::forget(const std::function<bool(const AttachedSession&)>& is_gone) {
  const auto goes = [&](const Place& place) { return is_gone(*place.session); };
  std::erase_if(awake_, goes);
  std::erase_if(resting_, goes);
}

void RingRounds::pass(std::int64_t now, bool all, const std::function<Read(AttachedSession&, AttachedRing&)>& read) {
  const auto resting = static_cast<std::int64_t>(resting_.size());
  const std::int64_t due = std::max((now - read_ns_) / kRestingReadNs, kAlwaysRead);
  read_ns_ = now;
  // Those that begin to rest in this pass have been read in it.
  for (std::size_t i = 0; i < awake_.size();) {
    const Place place = awake_[i];
    const Read result = read(*place.session, *place.ring);
    if (result == Read::stop) return;
    if (result == Read::nothing && may_rest(*place.session, *place.ring, now)) {
      move(awake_, i, resting_);
    } else {
      ++i;
    }
  }
  for (std::int64_t left = all ? resting : std::min(resting, due); left > 0; --left) {
    if (next_ >= resting_.size()) next_ = 0;
    const Place place = resting_[next_];
    const Read result = read(*place.session, *place.ring);
    if (result == Read::stop) return;
    if (result == Read::moved) {
      move(resting_, next_, awake_);
    } else {
      ++next_;
    }
  }
}

}  // namespace lmlog::collector
