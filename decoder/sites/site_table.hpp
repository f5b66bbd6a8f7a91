// SPDX-License-Identifier: Apache-2.0
// The log statements of an archive with how often each was hit.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "decoder/read/archive.hpp"

namespace lmlog::decoder {

/// A place in a source file that has the statement.
struct SitePlace {
  std::string file;
  std::uint32_t line = 0;
  std::string function;
  friend auto operator<=>(const SitePlace&, const SitePlace&) = default;
};

struct SiteArgument {
  std::string name;
  std::string type;  // in words
};

struct SiteRow {
  std::string service;
  std::uint64_t hash = 0;
  formats::Level level{};
  std::string format;
  std::vector<SiteArgument> arguments;
  std::uint64_t records = 0;
  std::set<SitePlace> places;  // more than one after edits, or in copies of a template
};

/// Counts by service and site, most frequent first. Blocks that lie wholly within the filter are counted by their index
/// alone; the others, and what is in no block, are read.
[[nodiscard]] std::vector<SiteRow> count_sites(Archive& archive, const RecordFilter& filter, Report& report);

}  // namespace lmlog::decoder
