// SPDX-License-Identifier: Apache-2.0
// Which folder the process's sessions and rings go to: $LMLOG_RING_DIR, else the first of /run/lmlog/rings,
// $XDG_RUNTIME_DIR/lmlog and /dev/shm/lmlog-UID that is, or can be made, a safe folder on a tmpfs.
#pragma once

#include <sys/types.h>

#include <string>

#include <lmlog/formats/result.hpp>

namespace lmlog::detail {

struct RingFolder {
  std::string path;
  mode_t file_mode = 0600;  // 0660 in a drop box, whose default ACL lets the collector read, and nobody else
  bool on_tmpfs = true;
};

/// The error names every folder that was tried and why it would not do.
[[nodiscard]] formats::Result<RingFolder> find_ring_folder();

}  // namespace lmlog::detail
