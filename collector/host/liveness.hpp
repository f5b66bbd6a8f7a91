// SPDX-License-Identifier: Apache-2.0
// Whether the process behind a session lives: the third seam. In-process tests say it themselves, because a process
// never sees its own locks.
#pragma once

#include <cstdint>
#include <memory>

#include "collector/host/end_watch.hpp"
#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// Thread-safe.
class Liveness {
 public:
  static constexpr int kUnknownHolder = -2;

  virtual ~Liveness() = default;
  /// The process that holds the write lock on the file's first byte; 0: none. -1: held by one that this process cannot
  /// name. kUnknownHolder: it could not be asked.
  [[nodiscard]] virtual int lock_holder(const File& file) const = 0;
  /// Whether a process of this number runs (not: waits to be reaped). A number can belong to a later process: only "no"
  /// is certain.
  [[nodiscard]] virtual bool may_run(std::uint32_t pid) const = 0;
  /// Null: there are no hints, and each session is asked for in its turn.
  [[nodiscard]] virtual std::unique_ptr<EndWatch> make_end_watch() const { return nullptr; }
};

}  // namespace lmlog::collector
