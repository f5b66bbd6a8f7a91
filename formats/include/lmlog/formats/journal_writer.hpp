// SPDX-License-Identifier: Apache-2.0
// Encodes journal entries into a buffer that the collector appends to the file. Implements
// formats/spec/journal-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/journal_layout.hpp"
#include "lmlog/formats/session_layout.hpp"
#include "lmlog/formats/state_vector.hpp"

namespace lmlog::formats {

/// Collects encoded bytes; the caller writes `bytes()` at the end of the file and then calls `clear()`. Not
/// thread-safe. The buffer keeps its capacity, so that a steady drain allocates next to nothing. The body of an entry
/// is at most kMaxJournalBody: `kMaxJournalRange` ring bytes fit with any state vector; longer ranges are given in
/// pieces.
class JournalWriter {
 public:
  void header(std::uint64_t sequence, std::int64_t created_ns);
  void session(std::uint32_t number, std::uint32_t uid, const SessionDescriptor& descriptor);
  /// `bytes`: whole padded catalog entries that begin `offset` bytes behind the start of the session's catalog.
  void catalog(std::uint32_t number, std::uint64_t offset, std::span<const std::byte> bytes);
  /// `bytes` are the ring bytes [from, to) in the order of positions, given in one or two pieces (before and behind the
  /// wrap).
  void range(std::uint32_t number, const Id128& ring, std::uint64_t data_bytes, std::uint64_t from, std::uint64_t to,
             const StateVector& state, std::span<const std::byte> bytes, std::span<const std::byte> more = {});
  void anchor(std::uint32_t number, const Anchor& anchor);
  /// `state` is that before the record; `counts` are the new cumulative values.
  void losses(std::uint32_t number, const Id128& ring, std::uint64_t position, std::uint64_t time,
              const StateVector& state, const LossCounts& counts);
  void ring_end(std::uint32_t number, const Id128& ring, std::uint64_t position);

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept;
  void clear() noexcept;

 private:
  std::size_t begin_entry(JournalEntryType type);
  void end_entry(std::size_t begin);
  void put(const void* from, std::size_t count);
  [[nodiscard]] std::size_t put_state_length();
  void put_state(const StateVector& state, std::size_t length_at);

  std::string buffer_;
};

}  // namespace lmlog::formats
