// SPDX-License-Identifier: Apache-2.0
// Tells three kinds of callers apart, however the process was split:
//
//   owner    the process that set this memory up
//   copy     a child with memory of its own (fork, or clone without CLONE_VM): finds a page wiped (MADV_WIPEONFORK)
//   guest    a child in its parent's memory (vfork, posix_spawn, clone with CLONE_VM): the page stands, the pid is
//   another
//
// The pid alone cannot tell a copy from a guest; what is right for one would wreck the other's parent.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

namespace lmlog::detail {

class MemoryCopy {
 public:
  /// The calling process owns the memory.
  MemoryCopy() noexcept;

  /// True from a split on until begin_again() is done. One load.
  [[nodiscard]] bool is_new() const noexcept { return mark_->load(std::memory_order_acquire) != kOwned; }
  /// True in exactly one thread of a new copy, which must call own(); the others wait here until it has.
  [[nodiscard]] bool begin_again() noexcept;
  /// The calling process owns the memory from now on.
  void own() noexcept;
  /// True for a child that runs in this memory while it is its parent's.
  [[nodiscard]] bool is_guest() const noexcept;

  /// False before Linux 4.14: then only fork() itself says that there is a copy, through made_by_fork().
  [[nodiscard]] static bool kernel_wipes() noexcept;
  /// In the child of fork(), where no other thread runs yet: also without a kernel that wipes (or one that only says
  /// so, as qemu-user does).
  void made_by_fork() noexcept;

 private:
  static constexpr std::uint32_t kWiped = 0;  // what the kernel leaves
  static constexpr std::uint32_t kOwned = 1;
  static constexpr std::uint32_t kBeginning = 2;

  std::atomic<std::uint32_t>* mark_;     // alone on its page, if the kernel wipes
  std::atomic<std::uint32_t> own_mark_;  // else
  std::atomic<pid_t> owner_;
};

}  // namespace lmlog::detail
