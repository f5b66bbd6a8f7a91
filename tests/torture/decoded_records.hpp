// SPDX-License-Identifier: Apache-2.0
// Every record of the torture's statement, and every loss, as `lmlog-decode -o json` prints them: a line each, keys in
// the order of the interface.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string_view>

namespace lmlog::torture {

struct TortureRecord {
  std::uint32_t producer = 0;
  std::uint32_t thread = 0;
  std::uint64_t sequence = 0;
  std::uint64_t check = 0;
  std::string_view payload;
};

/// Reads lines to the end. `lost` gets the losses that a line reports for the process of that number. Throws
/// std::runtime_error for a line that is neither, or that contradicts itself.
void read_decoded(std::FILE* in, const std::function<void(const TortureRecord&)>& record,
                  const std::function<void(std::uint32_t pid, std::uint64_t count)>& lost);

}  // namespace lmlog::torture
