// SPDX-License-Identifier: Apache-2.0
// Bodies of header, checkpoint, catalog and footer parts, to and from bytes. Implements sections 1, 2, 3 and 5 of
// formats/spec/segment-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/result.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/session_catalog.hpp"

namespace lmlog::formats {

[[nodiscard]] std::string write_segment_header(const SegmentHeader& header);
/// Errors: unsupported (newer major, unknown incompatible flags), damaged.
[[nodiscard]] Result<SegmentHeader> parse_segment_header(std::span<const std::byte> body);

[[nodiscard]] std::string write_checkpoint(const std::vector<RingPosition>& rings);
[[nodiscard]] bool parse_checkpoint(std::span<const std::byte> body, std::vector<RingPosition>& out);

/// One session of a catalog, as bytes.
struct CatalogItem {
  std::uint32_t session = 0;  // number in the segment
  std::uint32_t uid = 0;
  std::string_view descriptor;  // of sessions
  std::string_view raw;         // of entries
};
[[nodiscard]] std::string write_catalog(const std::vector<CatalogItem>& sessions,
                                        const std::vector<CatalogItem>& entries);

/// By session number; null where a number was not met.
using SegmentCatalog = std::vector<std::shared_ptr<SessionCatalog>>;
/// Adds what the body holds; false when it is malformed (what came before is kept), or has entries of sessions that are
/// not known: behind a damaged part they may be missing.
[[nodiscard]] bool parse_catalog(std::span<const std::byte> body, SegmentCatalog& out);
/// The whole catalog as one body.
[[nodiscard]] std::string write_whole_catalog(const SegmentCatalog& sessions);

struct Footer {
  std::uint64_t records = 0;
  TimeRanges ranges;  // empty without blocks
  std::uint8_t levels = 0;
  std::vector<BlockSummary> blocks;
  std::vector<RingSummary> rings;
};
[[nodiscard]] std::string write_footer(const Footer& footer, std::string_view catalog_body);
[[nodiscard]] bool parse_footer(std::span<const std::byte> body, Footer& out, SegmentCatalog& sessions);

}  // namespace lmlog::formats
