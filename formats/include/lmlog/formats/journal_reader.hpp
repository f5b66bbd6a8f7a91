// SPDX-License-Identifier: Apache-2.0
// Reads a journal file entry by entry, checks each, resynchronises behind damage and tells a torn end from it.
// Implements "Reading" of formats/spec/journal-format.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/journal_layout.hpp"
#include "lmlog/formats/result.hpp"
#include "lmlog/formats/session_layout.hpp"
#include "lmlog/formats/state_vector.hpp"

namespace lmlog::formats {

/// One entry. Which members are set depends on `type`; the spans point into the reader's buffer and live until the next
/// call of `next()`.
struct JournalEntry {
  JournalEntryType type{};
  std::uint64_t offset = 0;          // of the entry in the file
  std::uint64_t length = 0;          // with header and padding
  std::uint32_t session = 0;         // number within this file
  std::uint32_t uid = 0;             // session
  SessionDescriptor descriptor{};    // session; already checked
  std::uint64_t catalog_offset = 0;  // catalog
  std::span<const std::byte> bytes;  // catalog entries; ring bytes of a range
  Id128 ring;                        // range, losses, ring end
  std::uint64_t data_bytes = 0;      // range
  std::uint64_t from = 0;            // range
  std::uint64_t to = 0;              // range; position of losses and ring end
  StateVector state;                 // range, losses: before it
  std::uint64_t time = 0;            // losses
  LossCounts losses{};               // losses: new cumulative counts
  Anchor anchor{};                   // anchor
};

/// Sequential; memory is bounded by one entry. Not thread-safe. Does not own the source.
class JournalReader {
 public:
  /// Checks the file header. Where that is damaged and an entry follows, it is damage, and the entries are read all
  /// the same. Errors: not_ours, unsupported, damaged, truncated, io.
  [[nodiscard]] static Result<JournalReader> open(const ByteSource& source);

  /// Both 0 where the header is damaged.
  [[nodiscard]] std::uint64_t sequence() const noexcept { return header_.sequence; }
  [[nodiscard]] std::int64_t created_ns() const noexcept { return header_.created_ns; }

  /// The next valid entry, or nullopt at the end. Entries of skippable types are stepped over, damage is recorded and
  /// stepped over. At a torn end it returns nullopt and can be called again when the file has grown. Errors: io,
  /// unsupported (an entry type that must be understood).
  [[nodiscard]] Result<std::optional<JournalEntry>> next();

  /// Behind the last valid entry (where the collector cuts a torn end).
  [[nodiscard]] std::uint64_t valid_end() const noexcept { return position_; }
  [[nodiscard]] const std::vector<Damage>& damage() const noexcept { return damage_; }

 private:
  enum class Load : std::uint8_t { good, torn, bad_header, bad_body };

  explicit JournalReader(const ByteSource& source) : source_(&source) {}

  [[nodiscard]] Status read_header();
  /// Reads header and body of the entry at `at` into the members.
  [[nodiscard]] Result<Load> load(std::uint64_t at);
  /// Offset of the next valid entry at or behind `from`.
  [[nodiscard]] Result<std::optional<std::uint64_t>> search(std::uint64_t from);

  const ByteSource* source_;
  JournalHeader header_{};
  bool header_is_whole_ = false;
  std::uint64_t position_ = 0;
  JournalEntryHeader entry_header_{};
  std::string buffer_;                                      // body of the entry
  std::uint64_t search_budget_ = std::uint64_t{256} << 20;  // bytes of failing bodies that searches may still hash
  std::vector<Damage> damage_;
};

}  // namespace lmlog::formats
