// SPDX-License-Identifier: Apache-2.0
// Counts and order only: that the contents are right, the oracle has seen.
#include "tests/simulation/decoding.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "decoder/read/merge.hpp"
#include "decoder/verify/verifier.hpp"
#include "tests/collector/support/hand_made_session.hpp"

namespace lmlog::collector::simulation {

namespace {

namespace fs = std::filesystem;

void write_files(const Disk& disk, const std::string& to) {
  for (const auto& [path, node] : disk.names()) {
    if (!path.starts_with(kArchive)) continue;
    if (node->is_folder) {
      fs::create_directories(to + path);
    } else {
      std::ofstream(to + path, std::ios::binary) << text_of(*node);
    }
  }
}

}  // namespace

void decode(World& world) {
  const testing::ScratchFolder folder;
  write_files(world.disk(), folder.path());
  const std::string archive_path = folder.path() + kArchive;
  const int words = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  decoder::Report report(true, words);
  {
    decoder::Progress progress(true, "");
    decoder::Verifier verifier(report, progress);
    verifier.run({archive_path});
  }
  decoder::Archive archive({archive_path}, report);
  const decoder::RecordFilter filter;
  decoder::Merge merge(archive, filter, report);
  std::map<formats::Id128, std::uint64_t> counts;
  std::map<formats::Id128, std::uint64_t> positions;
  decoder::Record record;
  while (merge.next(record)) {
    const auto& ring = record.ring().id;
    // (Blocks convert ticks by anchors of their own: keys of a ring may go back from one to the next, and the merge
    // goes by them. Calendars that are set do the same to all other clocks.)
    // What was lost before a record stands at its position, with a cursor beyond it.
    const std::uint64_t position = record.row->position / 8;
    const bool goes_back = position < std::exchange(positions[ring], position);
    const bool has_ticks = record.session().descriptor().clock == static_cast<std::uint32_t>(formats::ClockKind::tsc);
    if (goes_back && !has_ticks && !world.plan().clock_moves)
      world.failures.push_back(fmt::format("ring {} is decoded out of order", ring.hex()));
    if (!record.row->statement->is_loss) ++counts[ring];
  }
  for (const Past& past : world.sessions()) {
    for (const auto& ring : past.session->rings) {
      const auto& id = ring->descriptor().ring_id;
      const bool is_complete = !ring->is_overwriting();
      if (counts[id] > ring->committed.size() || (is_complete && counts[id] != ring->committed.size()))
        world.failures.push_back(fmt::format("of ring {} {} records are decoded, and {} were committed", id.hex(),
                                             counts[id], ring->committed.size()));
    }
  }
  if (report.damaged() || report.io_failed()) world.failures.emplace_back("the decoder's verification finds damage");
  ::close(words);
}

}  // namespace lmlog::collector::simulation
