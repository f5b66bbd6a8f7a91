// SPDX-License-Identifier: Apache-2.0
// A stage for restarts: one session with one ring, written to between the collector's lives; at the end each record
// must be in the archive once and in order.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <lmlog/formats/journal_reader.hpp>

#include "tests/collector/support/collected.hpp"

namespace lmlog::collector::testing {

class Restarted : public Collected {
 protected:
  Restarted() : session(rings.path()), id(session.statement("n {a}", {formats::ArgType::i64})), ring(session.ring()) {}

  void write(int count) {
    for (int i = 0; i < count; ++i) {
      ring.write(id, 10, Body().fixed(std::int64_t{written}).bytes());
      ++written;
    }
  }
  /// Ends the collector, and expects each record once and in order.
  Archived expect_all() {
    auto archived = finish();
    EXPECT_EQ(archived.records.size(), static_cast<std::size_t>(written));
    for (std::size_t i = 0; i < archived.records.size(); ++i)
      EXPECT_EQ(archived.records[i].arguments.at(0), std::to_string(i));
    return archived;
  }
  std::vector<std::filesystem::path> journal_files() const {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(archive.path() + "/journal"))
      out.push_back(entry.path());
    return out;
  }
  std::vector<std::filesystem::path> segments() const {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(archive.path() + "/hot"))
      if (entry.path().extension() == ".lms") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
  }

  /// Changes a byte in the middle of that range of the journal file, counted from 0.
  static void damage_range(const std::filesystem::path& path, int which) {
    std::uint64_t at = 0;
    {
      PosixFileSystem files;
      const auto file = files.open(path.string(), OpenFor::reading);
      auto reader = formats::JournalReader::open(**file).value();
      for (int ranges = 0; ranges <= which;) {
        const auto entry = reader.next().value().value();
        if (entry.type != formats::JournalEntryType::range) continue;
        at = entry.offset + entry.length / 2;
        ++ranges;
      }
    }
    Poked file(path.string());
    file.put(at, static_cast<std::uint8_t>(file.get<std::uint8_t>(at) ^ 0x40));
  }

  HandMadeSession session;
  std::uint32_t id;
  HandMadeRing& ring;
  int written = 0;
};

}  // namespace lmlog::collector::testing
