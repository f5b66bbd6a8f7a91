// SPDX-License-Identifier: Apache-2.0
// Compares what producers committed with what the archive holds after the last collector.
#pragma once

#include "tests/simulation/world.hpp"

namespace lmlog::collector::simulation {

/// Adds to the world's failures whatever is not as promised (docs/reliability.md).
void judge(World& world);

}  // namespace lmlog::collector::simulation
