// SPDX-License-Identifier: Apache-2.0
// Where the ids of new segments come from: the kernel, or a seeded source in a simulation.
#pragma once

#include <functional>

#include <lmlog/formats/id128.hpp>

namespace lmlog::collector {

using IdSource = std::function<formats::Id128()>;

/// 128 random bits of the machine.
[[nodiscard]] formats::Id128 random_id();

}  // namespace lmlog::collector
