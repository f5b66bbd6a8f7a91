// SPDX-License-Identifier: Apache-2.0
// Golden segments as a later minor version may write them: longer bodies, unknown parts, flags and encodings.
#include <cstring>
#include <functional>

#include "formats/src/block_directory.hpp"
#include "formats/src/part.hpp"
#include "formats/src/part_scanner.hpp"
#include "formats/src/segment_bodies.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/golden/segment_file.hpp"

namespace lmlog::golden {

std::vector<GoldenCase> padded_segment_cases();

namespace {
namespace of_padded_segments {

using namespace script;

constexpr std::uint64_t kNoon = 1'795'000'000'000'000'000;
constexpr std::string_view kBehind = "what a later version adds";

/// Writes the parts of a closed segment anew, each changed by `body` and each block's directory by `directory`.
std::string forge(const std::string& closed, bool unknown_parts,
                  const std::function<void(PartType, std::string&)>& body,
                  const std::function<void(BlockDirectory&)>& directory, SegmentFile& file) {
  const MemorySource source(closed);
  PartScanner scanner(source, 0, closed.size());
  Deflater deflater(3);
  std::string out;
  file.blocks.clear();
  ScannedPart part;
  while (scanner.next(part).value()) {
    std::string changed = part.body;
    if (part.type == PartType::footer) {
      Footer footer;
      SegmentCatalog sessions;
      if (!parse_footer(std::as_bytes(std::span(changed.data(), changed.size())), footer, sessions)) std::abort();
      footer.blocks = file.blocks;
      changed = write_footer(footer, write_whole_catalog(sessions));
    }
    if (part.type == PartType::block) {
      directory(part.directory);
      changed = write_block_directory(part.directory);
    }
    body(part.type, changed);
    if (unknown_parts && part.type != PartType::header) {
      append_part(static_cast<PartType>(40000), kBehind, deflater, out);
      ++file.skipped_parts;
    }
    const std::uint64_t at = out.size();
    append_part(part.type, changed, deflater, out);
    if (part.type == PartType::footer) {
      file.footer_offset = at;
      append_end(at, out);
    }
    if (part.type != PartType::block) continue;
    const std::uint64_t frames = stored_frame_bytes(part.directory);
    out += closed.substr(static_cast<std::size_t>(part.offset + part.bytes - frames), static_cast<std::size_t>(frames));
    BlockSummary summary = summary_of(part.directory);
    summary.offset = at;
    summary.bytes = out.size() - at;
    file.blocks.push_back(summary);
  }
  return out;
}

/// Some ticks; `readable` without their argument where a reader cannot decode it.
SegmentFile ticks(bool readable) {
  SegmentFile file;
  SessionScript& session = file.session(id_of(0x86));
  session.statement(Level::info, "tick {seq}", {{ArgType::i32, "seq"}});
  RingScript ring(id_of(0x96));
  ring.thread(kNoon, 41, 0, "main");
  for (std::int32_t i = 0; i < 6; ++i) ring.record(64, kNoon + 1 + static_cast<unsigned>(i), Arguments().fixed(3 * i));
  file.begin({{session.descriptor().session_id, ring.id(), kMinRingBytes, 0, {}}});
  file.hide_fields = !readable;
  file.add(session, ring);
  file.end_block();
  return file;
}

}  // namespace of_padded_segments
}  // namespace

std::vector<GoldenCase> padded_segment_cases() {
  using namespace of_padded_segments;
  std::vector<GoldenCase> out;
  SegmentFile padded = ticks(true);
  padded.version = "1.5";
  padded.compatible = 0x10;
  std::string bytes = forge(
      padded.bytes(true), true,
      [](PartType type, std::string& body) {
        if (type == PartType::header || type == PartType::header_copy) {
          body[2] = 5;
          body[16] = 0x10;
        }
        body += kBehind;
      },
      [](BlockDirectory& directory) {
        for (ColumnEntry& column : directory.columns)
          column.statistics += std::string(
              "\x09\x03"
              "abc",
              5);  // an unknown statistic of three bytes
      },
      padded);
  out.push_back({"segments",
                 "padded.lms",
                 "A later minor version: longer bodies, unknown parts, flags and statistics.",
                 bytes,
                 {},
                 {},
                 padded.content(true)});

  SegmentFile unknown = ticks(false);
  bytes = forge(
      unknown.bytes(true), false, [](PartType, std::string&) {},
      [](BlockDirectory& directory) {
        for (ColumnEntry& column : directory.columns) {
          if (column.site != 0 && column.type == static_cast<std::uint8_t>(ArgType::i32)) column.encoding = 77;
        }
      },
      unknown);
  out.push_back({"segments",
                 "unknown_encoding.lms",
                 "The column of `seq` has encoding 77: all but that field is readable.",
                 bytes,
                 {},
                 {},
                 unknown.content(true)});
  return out;
}

}  // namespace lmlog::golden
