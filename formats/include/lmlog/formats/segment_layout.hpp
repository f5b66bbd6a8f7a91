// SPDX-License-Identifier: Apache-2.0
// Part headers, part types, encodings and in-memory forms of a segment's parts. Implements
// formats/spec/segment-format.md.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/session_layout.hpp"
#include "lmlog/formats/state_vector.hpp"

namespace lmlog::formats {

inline constexpr std::uint32_t kSkippableFrame = 0x184D2A5Bu;
inline constexpr std::uint64_t kHeaderMagic = 0x474553474F4C4D4CULL;  // "LMLOGSEG"
inline constexpr std::uint64_t kPartMagic = 0x545250474F4C4D4CULL;    // "LMLOGPRT"
inline constexpr std::uint64_t kEndMagic = 0x444E45474F4C4D4CULL;     // "LMLOGEND"
inline constexpr std::uint64_t kMaxInflatedBytes = std::uint64_t{64}
                                                   << 20;  // of a part's body or a frame: bounds a reader's memory
inline constexpr std::size_t kEndBytes = 32;
// Where a header is damaged its copy is looked for up to here: far behind any header, and soon read.
inline constexpr std::uint64_t kHeaderCopySearchBytes = std::uint64_t{8} << 20;
// Bounds of what a file may claim: they bound a reader's memory, and are far above what a writer needs.
inline constexpr std::uint64_t kMaxBlockRecords = 1u << 20;  // four times a cold block
inline constexpr std::uint64_t kMaxBlockRuns = 1u << 16;
inline constexpr std::uint64_t kMaxBlockColumns = 1u << 20;
inline constexpr std::uint64_t kMaxBlockBytes = std::uint64_t{256} << 20;  // part and frames as stored; frames inflated
inline constexpr std::uint64_t kMaxSegmentSessions = 1u << 17;
inline constexpr std::uint64_t kMaxSegmentRings = 1u << 17;

enum class PartType : std::uint16_t {
  header = 1,
  checkpoint = 2,
  catalog = 3,
  block = 4,
  footer = 5,
  header_copy = 6,
};
inline constexpr std::uint16_t kPartCompressed = 1;

struct PartHeader {
  std::uint32_t frame_magic;
  std::uint32_t frame_bytes;
  std::uint64_t magic;
  std::uint16_t type;
  std::uint16_t flags;
  std::uint32_t reserved;
  std::uint64_t body_bytes;    // inflated
  std::uint64_t body_check;    // xxh3-64 of the stored body
  std::uint64_t header_check;  // xxh3-64 of the 40 bytes before
};

static_assert(sizeof(PartHeader) == 48 && std::is_trivially_copyable_v<PartHeader>);

enum class Encoding : std::uint8_t { raw = 0, constant = 1, varint = 2, delta = 3, plain = 16, dictionary = 17 };

enum class Tier : std::uint8_t { hot = 0, warm = 1, cold = 2 };

struct SegmentHeader {
  Id128 id;
  std::uint32_t uid = 0;
  std::uint64_t sequence = 0;
  std::int64_t created_ns = 0;
  Tier tier = Tier::hot;
  std::string service;
  std::string host;
  std::string writer;
  std::vector<Id128> replaces;
};

/// A ring's place: how far its bytes are held, and the state there. Part of checkpoints and footers.
struct RingPosition {
  Id128 session;
  Id128 ring;
  std::uint64_t data_bytes = 0;
  std::uint64_t position = 0;
  StateVector state;
};

/// Nanoseconds since the epoch. Empty: min above max.
struct TimeRanges {
  std::uint64_t min_time = ~std::uint64_t{0};
  std::uint64_t max_time = 0;
  std::uint64_t min_key = ~std::uint64_t{0};
  std::uint64_t max_key = 0;

  friend bool operator==(const TimeRanges&, const TimeRanges&) = default;
  void add(std::uint64_t time, std::uint64_t key) noexcept {
    min_time = std::min(min_time, time);
    max_time = std::max(max_time, time);
    min_key = std::min(min_key, key);
    max_key = std::max(max_key, key);
  }
  void add(const TimeRanges& other) noexcept {
    min_time = std::min(min_time, other.min_time);
    max_time = std::max(max_time, other.max_time);
    min_key = std::min(min_key, other.min_key);
    max_key = std::max(max_key, other.max_key);
  }
};

using LossList = std::vector<std::pair<std::uint32_t, std::uint64_t>>;  // reason, count

/// A block as the footer knows it: enough to decide whether to read it.
struct BlockSummary {
  std::uint64_t offset = 0;  // of its part
  std::uint64_t bytes = 0;   // part and frames
  std::uint64_t records = 0;
  TimeRanges ranges;
  std::uint8_t levels = 0;                                     // bit = level
  std::vector<std::pair<std::uint64_t, std::uint64_t>> sites;  // hash, records

  friend bool operator==(const BlockSummary&, const BlockSummary&) = default;
};

/// A ring as the footer knows it: what of it this segment holds.
struct RingSummary {
  Id128 session;
  Id128 ring;
  std::uint64_t data_bytes = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t records = 0;
  LossList losses;
  StateVector end_state;

  friend bool operator==(const RingSummary&, const RingSummary&) = default;
};

struct BlockSession {
  std::uint32_t number = 0;  // in the segment's catalog
  std::vector<Anchor> anchors;
};

struct BlockRun {
  std::uint32_t session = 0;  // index among the block's sessions
  Id128 ring;
  std::uint64_t data_bytes = 0;
  bool made_by_collector = false;
  std::uint8_t cursor_offset = 0;  // bits 1–3 of the run flags
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t records = 0;
  LossList losses;
  StateVector begin_state;
  StateVector end_state;
};

struct BlockSite {
  std::uint64_t hash = 0;  // below 64: a record kind
  std::uint8_t level = kNoLevel;
  std::uint64_t records = 0;
};

struct BlockStatement {
  std::uint32_t session = 0;  // index among the block's sessions
  std::uint32_t id = 0;       // below 64: a record kind
  std::uint32_t site = 0;     // index among the block's sites
};

struct FrameEntry {
  std::uint64_t stored_bytes = 0;
  std::uint64_t inflated_bytes = 0;
  std::uint64_t check = 0;
};

struct ColumnEntry {
  std::uint32_t site = 0;  // index plus 1; 0: of the block itself
  std::uint32_t run = 0;   // index plus 1; 0: all runs
  std::uint32_t argument = 0;
  std::uint8_t type = 0;  // ArgType
  std::uint8_t encoding = 0;
  std::uint32_t frame = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t values = 0;
  std::string statistics;
};

enum class BlockColumn : std::uint32_t { statement = 0, time = 1, gap = 2, slack = 3 };

/// Everything a block says before its frames.
struct BlockDirectory {
  std::uint64_t records = 0;
  TimeRanges ranges;
  std::int64_t received_ns = 0;
  std::uint8_t levels = 0;
  std::vector<FrameEntry> frames;
  std::vector<BlockSession> sessions;
  std::vector<BlockRun> runs;
  std::vector<BlockSite> sites;
  std::vector<BlockStatement> statements;
  std::vector<ColumnEntry> columns;
};

}  // namespace lmlog::formats
