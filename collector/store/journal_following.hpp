// SPDX-License-Identifier: Apache-2.0
// A journal file while the archiver reads it. Private to the archiver.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <lmlog/formats/journal_reader.hpp>

#include "collector/host/file_system.hpp"
#include "collector/store/archiver.hpp"
#include "collector/store/read_ahead_source.hpp"

namespace lmlog::collector {

struct Archiver::Following {
  Following(std::unique_ptr<File> opened, std::uint64_t number, std::uint64_t limit)
      : file(std::move(opened)), source(*file, limit), sequence(number) {}

  std::unique_ptr<File> file;
  ReadAheadSource source;
  std::optional<formats::JournalReader> reader;
  std::uint64_t sequence;
  std::vector<Session*> sessions;                // by number
  std::optional<formats::JournalEntry> at_hand;  // fed in part: a write failed
  std::size_t damage_said = 0;
};

}  // namespace lmlog::collector
