// SPDX-License-Identifier: Apache-2.0
// Types of arguments in words: `i64`, `list<string>`, `Order {id: i64, px: f64}`.
#pragma once

#include <string>

#include "lmlog/formats/catalog.hpp"

namespace lmlog::decoder {

/// A type that this version does not know is `type 20`.
[[nodiscard]] std::string type_name(const formats::Argument& argument);

}  // namespace lmlog::decoder
