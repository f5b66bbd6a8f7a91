// SPDX-License-Identifier: Apache-2.0
// Hints that processes ended, so that the drain can ask for their locks at once instead of in their turn. Part of the
// seam Liveness; the truth stays the lock (docs/decisions/alive-means-a-lock.md).
#pragma once

#include <cstdint>
#include <vector>

namespace lmlog::collector {

/// Not thread-safe.
class EndWatch {
 public:
  virtual ~EndWatch() = default;
  /// From now on the end of process `pid` is told once, as `token` (not 0). False: it cannot be told of this one.
  virtual bool add(std::uint64_t token, std::uint32_t pid) = 0;
  virtual void remove(std::uint64_t token) = 0;
  /// Tokens of processes that ended since the last call. Never blocks.
  [[nodiscard]] virtual std::vector<std::uint64_t> take_ends() = 0;
};

}  // namespace lmlog::collector
