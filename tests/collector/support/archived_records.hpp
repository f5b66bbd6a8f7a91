// SPDX-License-Identifier: Apache-2.0
// What a sealed archive holds, record by record, read through formats' own reader: the tests compare it with what was
// written.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <lmlog/formats/byte_source.hpp>
#include <lmlog/formats/segment_layout.hpp>

namespace lmlog::collector::testing {

struct ArchivedRecord {
  formats::Id128 ring;
  std::uint32_t id = 0;
  std::uint64_t time = 0;              // in the ring's unit
  std::int64_t time_ns = 0;            // since the epoch, by the anchors of its block
  std::uint64_t run = 0;               // where its run begins in the ring
  std::vector<std::string> arguments;  // numbers in decimal (their 64 bits, unsigned)
  friend bool operator==(const ArchivedRecord&, const ArchivedRecord&) = default;
};

struct ArchivedLoss {
  formats::Id128 ring;
  std::uint64_t cursor = 0;
  formats::LossList losses;
};

struct Archived {
  std::vector<ArchivedRecord> records;                                       // of statements; in the order of the files
  std::vector<ArchivedLoss> losses;                                          // of loss records that the collector made
  std::map<std::uint32_t, std::uint64_t> lost;                               // by reason, of all loss records
  std::map<formats::Id128, std::map<std::uint32_t, std::uint64_t>> lost_of;  // the same by ring
  std::vector<std::string> damage;                                           // what a verification has to say
  std::vector<formats::SegmentHeader> segments;
  std::vector<std::vector<formats::RingPosition>> checkpoints;
};

/// Adds what the segment holds; `path` is for words. Throws for whatever cannot be read, and for one that is not
/// sealed.
void read_segment(const formats::ByteSource& source, const std::string& path, Archived& out);

/// All segments of an archive folder, in the order of their names. Throws as `read_segment`.
[[nodiscard]] Archived read_archive(const std::string& archive);

}  // namespace lmlog::collector::testing
