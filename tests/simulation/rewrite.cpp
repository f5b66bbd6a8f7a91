// SPDX-License-Identifier: Apache-2.0
// The blocks stay as they are: a new header before them, and a new footer behind.
#include "tests/simulation/rewrite.hpp"

#include <cstring>
#include <utility>
#include <vector>

#include <lmlog/formats/segment_reader.hpp>
#include <lmlog/formats/segment_writer.hpp>

#include "collector/store/archive_layout.hpp"
#include "tests/simulation/plan.hpp"

namespace lmlog::collector::simulation {

bool rewrite_for_warm(Disk& disk, Random& random, const std::string& path, bool to_the_end) {
  const std::string bytes = text_of(*disk.find(path));
  const formats::MemorySource source(bytes);
  const auto segment = formats::SegmentReader::open(source);
  if (!segment || !segment->has_footer() || segment->blocks().empty()) return false;
  formats::SegmentHeader header = segment->header();
  header.replaces = {header.id};
  header.id = random.id();
  header.tier = formats::Tier::warm;
  // What the writer begins with is made anew: the parts before the first catalog.
  formats::PartHeader first;
  std::size_t behind_header = 0;
  for (;;) {
    // A loss of power may have left holes where parts were: nobody rewrites such a segment.
    if (behind_header >= segment->blocks().front().offset) return false;
    std::memcpy(&first, bytes.data() + behind_header, sizeof(first));
    if (first.type == static_cast<std::uint16_t>(formats::PartType::catalog)) break;
    behind_header += 8 + first.frame_bytes;
  }
  const auto& last = segment->blocks().back();
  std::string text = formats::SegmentWriter(header).begin(segment->checkpoint());
  text += bytes.substr(behind_header, static_cast<std::size_t>(last.offset + last.bytes) - behind_header);
  const formats::MemorySource unfinished(text);
  text += formats::SegmentReader::open(unfinished)->rebuild_footer();
  std::memcpy(&first, text.data(), sizeof(first));
  const std::size_t behind_new_header = 8 + first.frame_bytes;
  if (!to_the_end)
    text.resize(behind_new_header + static_cast<std::size_t>(random.below(text.size() - behind_new_header)));

  const ArchiveLayout layout(kArchive);
  const std::string tier = layout.tier_folder(formats::Tier::warm);
  const std::string folder = layout.service_folder(formats::Tier::warm, header.service);
  for (const auto& one : {tier, folder}) {
    if (disk.find(one) == nullptr) disk.make(one, true, false);
  }
  const auto node =
      disk.make(folder + "/" + segment_file_name(header.created_ns, header.sequence, header.id), false, false);
  node->write(0, std::as_bytes(std::span(text)));
  node->sync();
  for (const auto& one : {std::string(kArchive), tier, folder}) disk.sync_folder(one);
  return to_the_end;
}

}  // namespace lmlog::collector::simulation
