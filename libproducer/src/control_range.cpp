// SPDX-License-Identifier: Apache-2.0
// See control_range.hpp.
#include "libproducer/src/control_range.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

#include <lmlog/formats/session_layout.hpp>

namespace lmlog::detail {

namespace {

constexpr std::size_t kRangeBytes = 8 * formats::kControlCount;
constexpr int kAccess = PROT_READ;  // sessions write their words through their own mapping
constexpr int kZeros = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

/// By the bare system call: ThreadSanitizer takes mmap() for a write into the whole range, which log calls read at any
/// time. What they find while it changes is one mapping or the other.
void* map(void* at, std::size_t bytes, int flags, int descriptor, std::uint64_t offset) noexcept {
  const long address = ::syscall(SYS_mmap, at, bytes, kAccess, flags, descriptor, offset);
  return address == -1 ? MAP_FAILED : reinterpret_cast<void*>(address);
}

}  // namespace

bool ControlRange::reserve() noexcept {
  if (words_ != nullptr) return true;
  void* const at = map(nullptr, kRangeBytes, kZeros, -1, 0);
  if (at == MAP_FAILED) return false;
  words_ = static_cast<std::atomic<std::uint64_t>*>(at);
  return true;
}

void ControlRange::show(int descriptor, std::uint64_t words) noexcept {
  if (words_ == nullptr || words <= shown_) return;
  // Populated: no log call shall take a page fault.
  if (map(words_ + shown_, 8 * (words - shown_), MAP_SHARED | MAP_FIXED | MAP_POPULATE, descriptor,
          formats::kHeaderBytes + 8 * shown_) != MAP_FAILED)
    shown_ = words;
}

void ControlRange::clear() noexcept {
  if (shown_ == 0) return;
  if (map(words_, kRangeBytes, kZeros | MAP_FIXED, -1, 0) != MAP_FAILED) shown_ = 0;
}

}  // namespace lmlog::detail
