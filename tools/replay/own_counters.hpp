// SPDX-License-Identifier: Apache-2.0
// The counters of this process's own session, read from its files in shared memory as any other process would.
#pragma once

#include <optional>
#include <string>

#include "lmlog/formats/result.hpp"

#include "tools/rings/ring_summary.hpp"
#include "tools/rings/shared_file.hpp"

namespace lmlog::tools {

/// Holds the session file open. POSIX drops a process's lock when it closes *any* descriptor of the file, and that lock
/// is what says that the session lives: so this must be destroyed after the session.
class OwnCounters {
 public:
  /// Stored and lost calls of the session with this file and all its rings. Errors: as of the files, with path.
  [[nodiscard]] formats::Result<CallCounts> read(const std::string& session_path);

 private:
  std::optional<SharedFile> session_;
};

}  // namespace lmlog::tools
