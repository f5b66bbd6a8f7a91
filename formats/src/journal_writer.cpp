// SPDX-License-Identifier: Apache-2.0
// Encoder of journal entries: an entry is laid down in place, then its two checks are filled in.
#include "lmlog/formats/journal_writer.hpp"

#include <cassert>
#include <cstring>

#include "formats/src/checksum.hpp"
#include "lmlog/formats/byte_io.hpp"

namespace lmlog::formats {

void JournalWriter::header(std::uint64_t sequence, std::int64_t created_ns) {
  JournalHeader header{
      kJournalMagic, kMajorVersion, kMinorVersion, kJournalHeaderBytes, 0, 0, sequence, created_ns, 0, 0};
  header.check = checksum(bytes_of(header, offsetof(JournalHeader, check)));
  put(&header, sizeof(header));
}

void JournalWriter::session(std::uint32_t number, std::uint32_t uid, const SessionDescriptor& descriptor) {
  const std::size_t begin = begin_entry(JournalEntryType::session);
  put(&number, sizeof(number));
  put(&uid, sizeof(uid));
  put(&descriptor, sizeof(descriptor));
  end_entry(begin);
}

void JournalWriter::catalog(std::uint32_t number, std::uint64_t offset, std::span<const std::byte> bytes) {
  const std::size_t begin = begin_entry(JournalEntryType::catalog);
  const std::uint32_t zero = 0;
  put(&number, sizeof(number));
  put(&zero, sizeof(zero));
  put(&offset, sizeof(offset));
  put(bytes.data(), bytes.size());
  end_entry(begin);
}

void JournalWriter::range(std::uint32_t number, const Id128& ring, std::uint64_t data_bytes, std::uint64_t from,
                          std::uint64_t to, const StateVector& state, std::span<const std::byte> bytes,
                          std::span<const std::byte> more) {
  assert(to - from == bytes.size() + more.size() && to - from <= kMaxJournalRange);
  const std::size_t begin = begin_entry(JournalEntryType::range);
  put(&number, sizeof(number));
  const std::size_t state_bytes_at = put_state_length();
  put(&ring, sizeof(ring));
  put(&data_bytes, sizeof(data_bytes));
  put(&from, sizeof(from));
  put(&to, sizeof(to));
  put_state(state, state_bytes_at);
  put(bytes.data(), bytes.size());
  put(more.data(), more.size());
  end_entry(begin);
}

void JournalWriter::anchor(std::uint32_t number, const Anchor& anchor) {
  const std::size_t begin = begin_entry(JournalEntryType::anchor);
  const std::uint32_t zero = 0;
  put(&number, sizeof(number));
  put(&zero, sizeof(zero));
  put(&anchor, sizeof(anchor));
  end_entry(begin);
}

void JournalWriter::losses(std::uint32_t number, const Id128& ring, std::uint64_t position, std::uint64_t time,
                           const StateVector& state, const LossCounts& counts) {
  const std::size_t begin = begin_entry(JournalEntryType::losses);
  put(&number, sizeof(number));
  const std::size_t state_bytes_at = put_state_length();
  put(&ring, sizeof(ring));
  put(&position, sizeof(position));
  put(&time, sizeof(time));
  put_state(state, state_bytes_at);
  ByteWriter body;
  write_losses(counts, body);
  put(body.str_ref().data(), body.size());
  end_entry(begin);
}

void JournalWriter::ring_end(std::uint32_t number, const Id128& ring, std::uint64_t position) {
  const std::size_t begin = begin_entry(JournalEntryType::ring_end);
  const std::uint32_t zero = 0;
  put(&number, sizeof(number));
  put(&zero, sizeof(zero));
  put(&ring, sizeof(ring));
  put(&position, sizeof(position));
  end_entry(begin);
}

std::span<const std::byte> JournalWriter::bytes() const noexcept {
  return std::as_bytes(std::span(buffer_.data(), buffer_.size()));
}

void JournalWriter::clear() noexcept { buffer_.clear(); }

std::size_t JournalWriter::begin_entry(JournalEntryType type) {
  const std::size_t begin = buffer_.size();
  const JournalEntryHeader header{kJournalSync, static_cast<std::uint16_t>(type), 0, 0, 0, 0, 0};
  put(&header, sizeof(header));
  return begin;
}

void JournalWriter::end_entry(std::size_t begin) {
  const std::size_t body_at = begin + sizeof(JournalEntryHeader);
  const std::size_t body_bytes = buffer_.size() - body_at;
  assert(body_bytes <= kMaxJournalBody);
  JournalEntryHeader header;
  std::memcpy(&header, buffer_.data() + begin, sizeof(header));
  header.body_bytes = static_cast<std::uint32_t>(body_bytes);
  header.body_check = checksum(bytes().subspan(body_at));
  header.header_check = checksum(bytes_of(header, offsetof(JournalEntryHeader, header_check)));
  std::memcpy(buffer_.data() + begin, &header, sizeof(header));
  buffer_.append(static_cast<std::size_t>(round_up_8(body_bytes) - body_bytes), '\0');
}

void JournalWriter::put(const void* from, std::size_t count) {
  if (count != 0) buffer_.append(static_cast<const char*>(from), count);
}

std::size_t JournalWriter::put_state_length() {
  const std::uint32_t later = 0;
  put(&later, sizeof(later));
  return buffer_.size() - sizeof(later);
}

void JournalWriter::put_state(const StateVector& state, std::size_t length_at) {
  ByteWriter out;
  state.write(out);
  const auto length = static_cast<std::uint32_t>(out.size());
  std::memcpy(buffer_.data() + length_at, &length, sizeof(length));
  put(out.str_ref().data(), out.size());
}

}  // namespace lmlog::formats
