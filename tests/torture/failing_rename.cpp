// SPDX-License-Identifier: Apache-2.0
// See failing_rename.hpp. A full or read-only folder would stop a session too, which has then nothing to count in.
#include "tests/torture/failing_rename.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>

namespace {

std::atomic<std::uint32_t> every{0};
std::atomic<std::uint32_t> rings{0};

}  // namespace

namespace lmlog::torture {

void fail_ring_renames(std::uint32_t n) noexcept { every = n; }

}  // namespace lmlog::torture

extern "C" int rename(const char* from, const char* to) noexcept {
  if (every != 0 && std::string_view(to).ends_with(".ring") && rings++ % every == 0) {
    errno = EROFS;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
