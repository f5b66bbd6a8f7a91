// SPDX-License-Identifier: Apache-2.0
// See memory_copy.hpp.
#include "libproducer/src/memory_copy.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>

namespace lmlog::detail {

namespace {

constexpr std::size_t kPageBytes = 4096;

/// A page that reads as zero in a copy; null where that cannot be had.
void* wiped_page() noexcept {
  void* const page = ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (::madvise(page, kPageBytes, MADV_WIPEONFORK) == 0) return page;
  ::munmap(page, kPageBytes);
  return nullptr;
}

void* mark_page() noexcept {
  static void* const page = wiped_page();  // never given back: one for each process
  return page;
}

}  // namespace

bool MemoryCopy::kernel_wipes() noexcept { return mark_page() != nullptr; }

MemoryCopy::MemoryCopy() noexcept
    : mark_(kernel_wipes() ? new (mark_page()) std::atomic<std::uint32_t> : &own_mark_), own_mark_(kWiped) {
  own();
}

bool MemoryCopy::begin_again() noexcept {
  for (;;) {
    std::uint32_t mark = mark_->load(std::memory_order_acquire);
    if (mark == kOwned) return false;
    if (mark == kWiped && mark_->compare_exchange_strong(mark, kBeginning, std::memory_order_acquire)) return true;
    ::sched_yield();
  }
}

void MemoryCopy::own() noexcept {
  owner_.store(::getpid(), std::memory_order_relaxed);
  mark_->store(kOwned, std::memory_order_release);
}

bool MemoryCopy::is_guest() const noexcept { return !is_new() && owner_.load(std::memory_order_relaxed) != ::getpid(); }

void MemoryCopy::made_by_fork() noexcept {
  if (owner_.load(std::memory_order_relaxed) != ::getpid()) mark_->store(kWiped, std::memory_order_relaxed);
}

}  // namespace lmlog::detail
