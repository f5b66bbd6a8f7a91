// SPDX-License-Identifier: Apache-2.0
// What every cold function behind a log call begins with.
#pragma once

#include <errno.h>

#include "libproducer/src/inside_library.hpp"

namespace lmlog::detail {

/// Keeps errno as the service left it, and tells a call that comes out of the library itself.
class SlowPath {
 public:
  SlowPath() noexcept : errno_(errno) {}
  ~SlowPath() { errno = errno_; }
  SlowPath(const SlowPath&) = delete;
  SlowPath& operator=(const SlowPath&) = delete;
  [[nodiscard]] bool entered() const noexcept { return inside_.entered(); }

 private:
  int errno_;
  InsideLibrary inside_;
};

}  // namespace lmlog::detail
