// SPDX-License-Identifier: Apache-2.0
// System calls that a signal interrupted.
#pragma once

#include <cerrno>

namespace lmlog::collector {

/// What `call` gives (-1 and errno: an error) when it is not interrupted any more. Not for syncs: of one that failed
/// nobody knows what it left undone.
template <class Call> [[nodiscard]] auto retried(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

}  // namespace lmlog::collector
