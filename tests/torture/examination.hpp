// SPDX-License-Identifier: Apache-2.0
// Behind the last kill of a round: everything that is there is read and checked, drained, and read and checked again.
#pragma once

#include <string>
#include <vector>

#include "tests/torture/round.hpp"
#include "tests/torture/witness.hpp"

namespace lmlog::torture {

struct Places {
  std::string rings;
  std::string archive;
  std::string errors;  // what collector and rewriter say
};

void examine(const Programs& programs, const Places& places, const std::vector<const Witness*>& witnesses,
             CollectorProcess& collector, Tally& tally);

}  // namespace lmlog::torture
