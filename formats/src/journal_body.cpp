// SPDX-License-Identifier: Apache-2.0
// Bodies of journal entries: every length is checked against the body before it is used.
#include "formats/src/journal_body.hpp"

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/descriptors.hpp"
#include "lmlog/formats/ring_layout.hpp"

namespace lmlog::formats {
namespace {

bool take_state(ByteReader& in, std::uint32_t length, StateVector& state) {
  const auto bytes = in.bytes(length);
  if (!in.ok()) return false;
  auto parsed = StateVector::parse(bytes);
  if (!parsed) return false;
  state = *std::move(parsed);
  return true;
}

bool parse_session(ByteReader& in, JournalEntry& entry) {
  entry.session = in.take<std::uint32_t>();
  entry.uid = in.take<std::uint32_t>();
  const auto bytes = in.bytes(kDescriptorBytes);
  if (!in.ok()) return false;
  const auto descriptor = parse_session_descriptor(bytes);
  if (!descriptor) return false;
  entry.descriptor = *descriptor;
  return true;
}

bool parse_catalog(ByteReader& in, JournalEntry& entry) {
  entry.session = in.take<std::uint32_t>();
  (void)in.take<std::uint32_t>();
  entry.catalog_offset = in.take<std::uint64_t>();
  entry.bytes = in.bytes(in.left());
  return in.ok() && entry.catalog_offset % 8 == 0 && entry.bytes.size() % 8 == 0;
}

bool parse_range(ByteReader& in, JournalEntry& entry) {
  entry.session = in.take<std::uint32_t>();
  const auto state_bytes = in.take<std::uint32_t>();
  entry.ring = in.take<Id128>();
  entry.data_bytes = in.take<std::uint64_t>();
  entry.from = in.take<std::uint64_t>();
  entry.to = in.take<std::uint64_t>();
  if (!in.ok() || entry.to < entry.from || entry.from % 8 != 0 || entry.to % 8 != 0) return false;
  if (entry.to - entry.from > entry.data_bytes) return false;
  if (!is_valid_ring_size(entry.data_bytes) || !take_state(in, state_bytes, entry.state)) return false;
  entry.bytes = in.bytes(entry.to - entry.from);
  return in.ok();
}

bool parse_anchor(ByteReader& in, JournalEntry& entry) {
  entry.session = in.take<std::uint32_t>();
  (void)in.take<std::uint32_t>();
  entry.anchor = in.take<Anchor>();
  return in.ok();
}

bool parse_losses_entry(ByteReader& in, JournalEntry& entry) {
  entry.session = in.take<std::uint32_t>();
  const auto state_bytes = in.take<std::uint32_t>();
  entry.ring = in.take<Id128>();
  entry.to = in.take<std::uint64_t>();
  entry.time = in.take<std::uint64_t>();
  if (!in.ok() || !take_state(in, state_bytes, entry.state)) return false;
  entry.losses = entry.state.losses;
  return parse_losses(in.bytes(in.left()), entry.losses);
}

bool parse_ring_end(ByteReader& in, JournalEntry& entry) {
  entry.session = in.take<std::uint32_t>();
  (void)in.take<std::uint32_t>();
  entry.ring = in.take<Id128>();
  entry.to = in.take<std::uint64_t>();
  return in.ok();
}

}  // namespace

bool is_known(JournalEntryType type) noexcept {
  return type >= JournalEntryType::session && type <= JournalEntryType::ring_end;
}

bool parse_journal_body(std::span<const std::byte> body, JournalEntry& entry) {
  ByteReader in(body);
  switch (entry.type) {
    case JournalEntryType::session:
      return parse_session(in, entry);
    case JournalEntryType::catalog:
      return parse_catalog(in, entry);
    case JournalEntryType::range:
      return parse_range(in, entry);
    case JournalEntryType::anchor:
      return parse_anchor(in, entry);
    case JournalEntryType::losses:
      return parse_losses_entry(in, entry);
    case JournalEntryType::ring_end:
      return parse_ring_end(in, entry);
  }
  return false;
}

}  // namespace lmlog::formats
