// SPDX-License-Identifier: Apache-2.0
// The second source of shared_statement.hpp.
#include "tests/libproducer/shared_statement.hpp"

namespace lmlog::testing {

void log_shared_elsewhere(int number) { log_shared(number); }

}  // namespace lmlog::testing
