// SPDX-License-Identifier: Apache-2.0
// The segments that a question looks at: one small entry per block, and the positions up to which segments hold each
// ring. Segments themselves are opened again when a block of theirs is read, and only some are kept open.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "decoder/query/record_filter.hpp"
#include "decoder/read/file_source.hpp"
#include "decoder/read/report.hpp"
#include "decoder/read/session.hpp"
#include "lmlog/formats/segment_reader.hpp"

namespace lmlog::decoder {

/// A ring's id is only unique among the rings of its owner.
struct RingKey {
  std::uint32_t uid = 0;
  formats::Id128 ring;
  friend bool operator==(const RingKey&, const RingKey&) = default;
};

struct RingKeyHash {
  std::size_t operator()(const RingKey& key) const noexcept { return std::hash<formats::Id128>{}(key.ring) ^ key.uid; }
};

/// An open segment; blocks that were decoded from it keep it alive.
struct OpenSegment {
  std::shared_ptr<FileSource> source;
  formats::SegmentReader reader;
  std::vector<std::shared_ptr<Session>> sessions;  // by number
};

struct BlockRef {
  std::uint32_t segment = 0;
  std::uint32_t block = 0;  // in the segment
  std::uint64_t records = 0;
  std::uint64_t min_key = 0;
  std::uint64_t max_key = 0;
};

/// The file ends with bytes that are no whole part: a crash, or a collector that is writing.
[[nodiscard]] bool has_torn_end(const formats::SegmentReader& reader, std::uint64_t file_bytes) noexcept;

class SegmentIndex {
 public:
  struct Entry {
    std::shared_ptr<FileSource> source;
    formats::Id128 id;
    std::uint32_t uid = 0;
  };

  /// Where the segments end for a ring: everything before `position` is in them. `segment` holds the state there.
  struct Floor {
    std::uint64_t position = 0;
    std::uint64_t losses = 0;  // reported up to there, all reasons
    std::uint32_t segment = 0;
  };

  explicit SegmentIndex(Report& report) : report_(&report) {}

  /// Opens a segment that was found in a listing; one that is gone meanwhile has moved to a colder tier, whose
  /// listing comes later. `named`: a person named this file, so it must be there.
  void add(const std::string& path, bool named);

  /// After the last `add`: drops segments that others replace.
  void settle();

  /// Blocks that can hold a record that the filter wants, by their smallest sort key.
  [[nodiscard]] std::vector<BlockRef> blocks(const RecordFilter& filter) const;

  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  /// False for segments that another one replaces.
  [[nodiscard]] bool counts(std::uint32_t segment) const { return !dropped_[segment]; }

  /// Null when no segment knows the ring.
  [[nodiscard]] const Floor* floor(const RingKey& key) const;
  /// The state of the ring at its floor; null when it cannot be read.
  [[nodiscard]] std::shared_ptr<const formats::StateVector> floor_state(const RingKey& key);

  /// Null, and reported, when the segment cannot be opened any more.
  [[nodiscard]] std::shared_ptr<OpenSegment> open(std::uint32_t segment);

 private:
  struct Block {
    std::uint32_t segment;
    std::uint32_t block;
    std::uint64_t records;
    formats::TimeRanges ranges;
    std::uint8_t levels;
    bool has_losses;
  };
  /// Enough that neighbours in time stay open; each holds a footer's worth of memory.
  static constexpr std::size_t kOpenSegments = 16;

  void learn(std::uint32_t segment, const formats::SegmentReader& reader);
  void raise_floor(const RingKey& key, std::uint64_t position, const formats::StateVector& state,
                   std::uint32_t segment);

  Report* report_;
  std::vector<Entry> entries_;
  std::vector<std::string> services_;  // by segment
  std::vector<Block> blocks_;
  std::unordered_set<formats::Id128> known_;
  std::unordered_set<formats::Id128> replaced_;
  std::vector<std::pair<std::uint32_t, std::vector<formats::Id128>>> unended_;  // segments without footer that replace
  std::vector<bool> dropped_;                                                   // by segment
  std::unordered_map<RingKey, Floor, RingKeyHash> floors_;
  std::list<std::pair<std::uint32_t, std::shared_ptr<OpenSegment>>> open_;  // latest use first
};

}  // namespace lmlog::decoder
