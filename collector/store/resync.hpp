// SPDX-License-Identifier: Apache-2.0
// Syncing a file that an earlier process wrote.
#pragma once

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// Everything in the file survives a loss of power. The kernel reports a failed write once and then takes the pages for
/// clean, so that a repeated sync proves nothing: after a failure all bytes are written anew, once. Errors: io.
[[nodiscard]] Status sync_or_rewrite(File& file);

}  // namespace lmlog::collector
