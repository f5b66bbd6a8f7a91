// SPDX-License-Identifier: Apache-2.0
// A journal file while the archiver reads it. Private to the archiver.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <lmlog/formats/journal_reader.hpp>

#include "collector/host/file_system.hpp"
#include "collector/store/archiver.hpp"
#include "collector/store/bounded_source.hpp"
#include "collector/store/spliced_source.hpp"

namespace lmlog::collector {

struct Archiver::Following {
  Following(std::unique_ptr<File> opened, std::uint64_t number)
      : file(std::move(opened)), bounded(*file), sequence(number) {}

  std::unique_ptr<File> file;
  BoundedSource bounded;  // to what was flushed as a whole: the file may be growing right now
  std::optional<formats::JournalReader> reader;
  std::uint64_t sequence;
  std::vector<Session*> sessions;                // by number
  std::optional<formats::JournalEntry> at_hand;  // fed in part: a write failed
  std::size_t damage_said = 0;
  std::vector<Stretch> left_to_rings;  // entries behind a gap whose bytes the ring still has
};

}  // namespace lmlog::collector
