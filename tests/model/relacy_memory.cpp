// SPDX-License-Identifier: Apache-2.0
// Which step is relaxed now.
#include "tests/model/relacy_memory.hpp"

#include "tests/model/scenario.hpp"

namespace lmlog::model {

Step weakened = Step::count;

void weaken(Step step) { weakened = step; }

}  // namespace lmlog::model
