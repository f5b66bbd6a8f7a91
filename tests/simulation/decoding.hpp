// SPDX-License-Identifier: Apache-2.0
// The archive of a run through the decoder, as lmlog-decode reads it from real files.
#pragma once

#include "tests/simulation/world.hpp"

namespace lmlog::collector::simulation {

/// Writes the archive to a folder of its own, verifies it, and reads all records in the decoder's order; what is not as
/// promised is added to the world's failures. Call it after `judge`, of a world that had no power cut.
void decode(World& world);

}  // namespace lmlog::collector::simulation
