// SPDX-License-Identifier: Apache-2.0
// Described arguments of golden files: bytes written by hand beside the value that a reader must make of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/formats/ring_script.hpp"
#include "tests/golden/json.hpp"

namespace lmlog::golden {

struct DescribedSample {
  formats::ArgType type;
  std::string name;
  std::string description;
  std::string bytes;  // eight of a fixed type; without the length word of a variable one
  bool is_truncated = false;
  Json shown;
};

/// One of each kind of type, nested ones, and values that were cut or make no sense.
[[nodiscard]] const std::vector<DescribedSample>& described_samples();

/// Adds a statement with all samples as fields.
std::uint32_t described_statement(formats::script::SessionScript& session);

/// Their values, as one record has them.
[[nodiscard]] formats::script::Arguments described_values();

/// What a reader makes of a sample; null when none has this name.
[[nodiscard]] const Json* shown_described(std::string_view name);

}  // namespace lmlog::golden
