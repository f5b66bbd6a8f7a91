// SPDX-License-Identifier: Apache-2.0
// Every record of the torture's statement in a sealed archive, straight from the columns of its segments, in the order
// of the files.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace lmlog::torture {

struct TortureRecord {
  std::uint32_t producer = 0;
  std::uint32_t thread = 0;
  std::uint64_t sequence = 0;
  std::uint64_t check = 0;
  std::string_view payload;
};

/// `lost` gets the losses that the run reports, for the process of that number. Throws std::runtime_error for whatever
/// cannot be read.
void read_archive(const std::string& archive, const std::function<void(const TortureRecord&)>& record,
                  const std::function<void(std::uint32_t pid, std::uint32_t reason, std::uint64_t count)>& lost);

}  // namespace lmlog::torture
