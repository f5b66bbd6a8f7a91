// SPDX-License-Identifier: Apache-2.0
// Whether the columns of a block say what its directory says: counts per (site, run), positions record by record,
// time ranges, levels, losses, and the argument types of the catalog.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/src/segment_bodies.hpp"
#include "lmlog/formats/block_reader.hpp"

namespace lmlog::formats {

/// Problems as sentences; empty for a good block. Columns in unknown encodings are no problem, but what depends on them
/// is not checked. Errors: damaged (a frame or column; with the frame's byte range).
[[nodiscard]] Result<std::vector<std::string>> verify_block(BlockReader& block, const SegmentCatalog& catalog);

}  // namespace lmlog::formats
