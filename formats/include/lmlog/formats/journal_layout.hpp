// SPDX-License-Identifier: Apache-2.0
// Headers and entry types of journal files. Implements formats/spec/journal-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <lmlog/formats/record.hpp>

namespace lmlog::formats {

inline constexpr std::uint64_t kJournalMagic = 0x4C4E4A474F4C4D4CULL;  // "LMLOGJNL"
inline constexpr std::uint32_t kJournalHeaderBytes = 64;
inline constexpr std::uint32_t kJournalSync = 0x454A4D4Cu;   // "LMJE"
inline constexpr std::uint32_t kMaxJournalBody = 16u << 20;  // bounds what a reader allocates for one entry
// Ring bytes of one range: the longest record fits, and beside it the largest state vector.
inline constexpr std::uint32_t kMaxJournalRange = kMaxRecordBytes;
inline constexpr std::uint32_t kMaxJournalHeaderBytes = 4096;  // a later version's header may be longer

enum class JournalEntryType : std::uint16_t {
  session = 1,
  catalog = 2,
  range = 3,
  anchor = 4,
  losses = 5,
  ring_end = 6
};

struct JournalHeader {
  std::uint64_t magic;
  std::uint16_t major;
  std::uint16_t minor;
  std::uint32_t header_bytes;
  std::uint64_t incompatible;
  std::uint64_t compatible;
  std::uint64_t sequence;
  std::int64_t created_ns;
  std::uint64_t reserved;
  std::uint64_t check;  // xxh3-64 of the 56 bytes before
};

struct JournalEntryHeader {
  std::uint32_t sync;
  std::uint16_t type;
  std::uint16_t flags;
  std::uint32_t body_bytes;
  std::uint32_t reserved;
  std::uint64_t body_check;
  std::uint64_t header_check;  // xxh3-64 of the 24 bytes before
};

static_assert(sizeof(JournalHeader) == kJournalHeaderBytes && std::is_trivially_copyable_v<JournalHeader>);
static_assert(sizeof(JournalEntryHeader) == 32 && std::is_trivially_copyable_v<JournalEntryHeader>);

}  // namespace lmlog::formats
