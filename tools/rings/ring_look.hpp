// SPDX-License-Identifier: Apache-2.0
// One look at one ring, while its producer writes and its collector drains. Implements "Reading" of shm-abi.md §6
// without ever answering: it counts the records between tail and head, and believes nothing unchecked.
#pragma once

#include <string>

#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/result.hpp"

#include "tools/rings/ring_summary.hpp"
#include "tools/rings/shared_file.hpp"

namespace lmlog::tools {

struct RingLook {
  RingSummary ring;
  std::string complaint;  // empty, or why `ring` counts fewer records than there are
};

/// `session` and `number` are those of the file's name. Errors: the header cannot be used.
[[nodiscard]] formats::Result<RingLook> look_at_ring(const SharedFile& file, const formats::Id128& session,
                                                     std::uint32_t number);

}  // namespace lmlog::tools
