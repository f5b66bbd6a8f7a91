// SPDX-License-Identifier: Apache-2.0
// Ring bytes that each user may have drained now. A user above the limit waits in the rings; nothing is
// discarded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace lmlog::collector {

/// A token bucket for each user that holds one second's worth. Not thread-safe.
class UserQuotas {
 public:
  /// `bytes_per_second` 0: no limit.
  void set_limit(std::uint64_t bytes_per_second) noexcept { limit_ = bytes_per_second; }

  [[nodiscard]] bool may_drain(std::uint32_t uid, std::int64_t now_ns) {
    if (limit_ == 0) return true;
    const auto [found, is_new] = users_.try_emplace(uid, Bucket{static_cast<std::int64_t>(limit_), now_ns});
    Bucket& bucket = found->second;
    const double seconds = static_cast<double>(now_ns - bucket.filled_ns) * 1e-9;
    const auto gained = static_cast<std::int64_t>(seconds * static_cast<double>(limit_));
    if (gained > 0) {
      bucket.tokens = std::min(bucket.tokens + gained, static_cast<std::int64_t>(limit_));
      bucket.filled_ns = now_ns;
    }
    return bucket.tokens > 0;
  }

  /// May go below zero: a record is drained as a whole, and paid back before the next one.
  void spend(std::uint32_t uid, std::uint64_t bytes) {
    if (limit_ == 0) return;
    const auto found = users_.find(uid);
    if (found != users_.end()) found->second.tokens -= static_cast<std::int64_t>(bytes);
  }

 private:
  struct Bucket {
    std::int64_t tokens;
    std::int64_t filled_ns;
  };
  std::uint64_t limit_ = 0;
  std::unordered_map<std::uint32_t, Bucket> users_;
};

}  // namespace lmlog::collector
