// SPDX-License-Identifier: Apache-2.0
// The torture's programs have a rename() of their own, which libraries linked into them use too: it can fail.
#pragma once

#include <cstdint>

namespace lmlog::torture {

/// From now on every `n`-th file of a ring is refused its name (0: none), the first of them at once.
void fail_ring_renames(std::uint32_t n) noexcept;

}  // namespace lmlog::torture
