// SPDX-License-Identifier: Apache-2.0
// A stage for restarts: one session with one ring, written to between the collector's lives; at the end each record
// must be in the archive once and in order.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

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

  HandMadeSession session;
  std::uint32_t id;
  HandMadeRing& ring;
  int written = 0;
};

}  // namespace lmlog::collector::testing
