// SPDX-License-Identifier: Apache-2.0
// An inline function with gated statements, which two sources of gate_test include: the gates are one.
#pragma once

#include <lmlog/lmlog.hpp>

namespace lmlog::testing {

inline void log_shared(int number) {
  LMLOG_INFO_ONCE("shared once {}", number);
  LMLOG_INFO_EVERY_N(4, "shared every {}", number);
}

/// log_shared() as the other source has it.
void log_shared_elsewhere(int number);

}  // namespace lmlog::testing
