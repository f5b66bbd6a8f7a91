// SPDX-License-Identifier: Apache-2.0
// One bounded piece of torture: empty folders, so many kills, then everything is examined.
#pragma once

#include <cstdint>
#include <string>

#include "tests/torture/tally.hpp"

namespace lmlog::torture {

struct Programs {
  std::string collector;
  std::string decode;
  std::string shim;
  std::string rewriter;
};

/// `folder` is made for it, and is removed unless something was wrong and `keep` is set. Throws std::runtime_error
/// when the machine refuses what the torture needs. What is wrong goes to stderr and into the tally.
void run_round(const Programs& programs, const std::string& folder, std::uint64_t seed, std::uint64_t kills, bool keep,
               Tally& tally);

}  // namespace lmlog::torture
