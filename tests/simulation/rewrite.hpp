// SPDX-License-Identifier: Apache-2.0
// A segment rewritten for a colder tier, as far as its writer came: the new file names the one that it replaces, and
// that one is removed last.
#pragma once

#include <string>

#include "tests/simulation/disk.hpp"

namespace lmlog::collector::simulation {

/// `to_the_end`: the new file is whole and durable, and the writer died before it removed the old one; else it died
/// while it wrote. A segment that is not sealed is left alone. True when the old one is replaced.
bool rewrite_for_warm(Disk& disk, Random& random, const std::string& path, bool to_the_end);

}  // namespace lmlog::collector::simulation
