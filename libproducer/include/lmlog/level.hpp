// SPDX-License-Identifier: Apache-2.0
// Severity levels, as services name them and as records carry them (formats/spec/registry.md).
#pragma once

#include <lmlog/formats/registry.hpp>

namespace lmlog {

/// trace, debug, info, notice, warn, error, fatal; higher is worse.
using formats::Level;

}  // namespace lmlog
