// SPDX-License-Identifier: Apache-2.0
// Tells log calls that come out of the library itself (an allocator that logs, and is asked for memory here) from the
// service's: they would wait for the lock that their own thread holds, or change what is half changed.
#pragma once

namespace lmlog::detail {

/// True while the calling thread is in the slow path, or holds the process's lock.
extern __thread bool inside_library __attribute__((tls_model("initial-exec")));

class InsideLibrary {
 public:
  InsideLibrary() noexcept : entered_(!inside_library) { inside_library = true; }
  ~InsideLibrary() {
    if (entered_) inside_library = false;
  }
  InsideLibrary(const InsideLibrary&) = delete;
  InsideLibrary& operator=(const InsideLibrary&) = delete;

  /// False: the thread was inside already.
  [[nodiscard]] bool entered() const noexcept { return entered_; }

 private:
  bool entered_;
};

}  // namespace lmlog::detail
