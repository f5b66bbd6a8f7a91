// SPDX-License-Identifier: Apache-2.0
// Whether MADV_WIPEONFORK does what it says, by trying it: an emulator may take it and do nothing.
#pragma once

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>

namespace lmlog::testing {

[[nodiscard]] inline bool fork_wipes_pages() {
  constexpr std::size_t kBytes = 4096;
  void* const page = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  auto* const byte = static_cast<volatile unsigned char*>(page);
  *byte = 1;
  bool wiped = false;
  if (::madvise(page, kBytes, MADV_WIPEONFORK) == 0) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(*byte);
    int status = 0;
    wiped = child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  ::munmap(page, kBytes);
  return wiped;
}

}  // namespace lmlog::testing
