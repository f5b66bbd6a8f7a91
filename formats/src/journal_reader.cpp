// SPDX-License-Identifier: Apache-2.0
// Reader of journal files: an entry is used only if its header and its body check; what lies between good entries is
// damage, what lies behind the last one is a torn end.
#include "lmlog/formats/journal_reader.hpp"

#include <algorithm>
#include <cstring>

#include "formats/src/checksum.hpp"
#include "formats/src/journal_body.hpp"
#include "lmlog/formats/descriptors.hpp"
#include "lmlog/formats/mutant.hpp"
#include "lmlog/formats/record.hpp"

namespace lmlog::formats {
namespace {

constexpr std::size_t kSearchChunk = 256 << 10;

std::uint64_t entry_length(const JournalEntryHeader& header) noexcept {
  return sizeof(header) + round_up_8(header.body_bytes);
}

bool header_fits(const JournalEntryHeader& header) noexcept {
  return header.sync == kJournalSync && header.body_bytes <= kMaxJournalBody &&
         checksum_fits(bytes_of(header, offsetof(JournalEntryHeader, header_check)), header.header_check);
}

}  // namespace

Result<JournalReader> JournalReader::open(const ByteSource& source) {
  JournalReader reader(source);
  const Status header = reader.read_header();
  if (header) return reader;
  if (header.error().code == ErrorCode::io || header.error().code == ErrorCode::truncated || reader.header_is_whole_)
    return header.error();
  // Entries check by themselves, and need nothing that only the header says.
  for (std::uint64_t at = kJournalHeaderBytes; at <= kMaxJournalHeaderBytes; at += 8) {
    const auto found = reader.load(at);
    if (!found) return found.error();
    if (*found != Load::good) continue;
    reader.header_ = {};
    reader.position_ = at;
    reader.damage_.push_back({0, at, "the journal's header is damaged"});
    return reader;
  }
  return header.error();
}

Status JournalReader::read_header() {
  JournalHeader& header = header_;
  const auto got = source_->read_at(0, std::as_writable_bytes(std::span(&header, 1)));
  if (!got) return got.error();
  const bool is_ours = *got < sizeof(header.magic) || header.magic == kJournalMagic;
  if (is_ours && *got < sizeof(header))
    return Error{ErrorCode::truncated, "the journal is shorter than its header", 0, *got};
  header_is_whole_ = is_ours && checksum_fits(bytes_of(header, offsetof(JournalHeader, check)), header.check);
  if (!is_ours) return Error{ErrorCode::not_ours, "this is no journal file (wrong magic)"};
  if (header.major != kMajorVersion || header.incompatible != 0)
    return detail::newer_version("the journal", header.major, header.minor, header.incompatible);
  if (!header_is_whole_ || header.header_bytes < kJournalHeaderBytes || header.header_bytes > kMaxJournalHeaderBytes ||
      header.header_bytes % 8 != 0)
    return Error{ErrorCode::damaged, "the journal's header is damaged", 0, sizeof(header)};
  const auto size = source_->size();
  if (!size) return size.error();
  if (*size < header.header_bytes)
    return Error{ErrorCode::truncated, "the journal is shorter than its header", 0, *size};
  position_ = header.header_bytes;
  return Done{};
}

Result<std::optional<JournalEntry>> JournalReader::next() {
  for (;;) {
    auto found = load(position_);
    if (!found) return found.error();
    if (*found == Load::torn) return std::optional<JournalEntry>{};
    if (*found != Load::good) {
      // The length of an entry whose header is good can be trusted: what lies inside it may be anybody's bytes.
      const std::uint64_t behind = position_ + (*found == Load::bad_body ? entry_length(entry_header_) : 8);
      const std::string what =
          *found == Load::bad_body ? "a journal entry fails its checksum" : "bytes that are no journal entry";
      const auto next = search(behind);
      if (!next) return next.error();
      if (!*next) return std::optional<JournalEntry>{};
      damage_.push_back({position_, **next - position_, what});
      position_ = **next;
      continue;
    }
    JournalEntry entry;
    entry.type = static_cast<JournalEntryType>(entry_header_.type);
    entry.offset = position_;
    entry.length = entry_length(entry_header_);
    if (!is_known(entry.type) && entry_header_.type < kFirstSkippableTag) {
      return Error{ErrorCode::unsupported,
                   "a journal entry has type " + std::to_string(entry_header_.type) +
                       ", which this program does not know and may not skip: use a newer lmlog",
                   entry.offset, entry.length};
    }
    position_ += entry.length;
    if (!is_known(entry.type)) continue;
    const auto body = std::as_bytes(std::span(buffer_.data(), buffer_.size()));
    if (parse_journal_body(body, entry)) return std::optional<JournalEntry>{std::move(entry)};
    damage_.push_back({entry.offset, entry.length, "a journal entry contradicts itself"});
  }
}

Result<JournalReader::Load> JournalReader::load(std::uint64_t at) {
  const auto head = source_->read_at(at, std::as_writable_bytes(std::span(&entry_header_, 1)));
  if (!head) return head.error();
  if (*head < sizeof(entry_header_)) return Load::torn;
  if (!header_fits(entry_header_)) return Load::bad_header;
  const auto size = source_->size();
  if (!size) return size.error();
  if (at + entry_length(entry_header_) > *size) return Load::torn;
  buffer_.resize(entry_header_.body_bytes);
  const auto out = std::as_writable_bytes(std::span(buffer_.data(), buffer_.size()));
  const auto body = source_->read_at(at + sizeof(entry_header_), out);
  if (!body) return body.error();
  if (*body < out.size()) return Load::torn;
  const bool good = mutant(Mutant::entry_unchecked) || checksum_fits(out, entry_header_.body_check);
  return good ? Load::good : Load::bad_body;
}

Result<std::optional<std::uint64_t>> JournalReader::search(std::uint64_t from) {
  std::string chunk(kSearchChunk, '\0');
  while (true) {
    const auto got = source_->read_at(from, std::as_writable_bytes(std::span(chunk.data(), chunk.size())));
    if (!got) return got.error();
    if (*got < sizeof(JournalEntryHeader)) return std::optional<std::uint64_t>{};
    std::uint64_t step = (*got - sizeof(JournalEntryHeader)) / 8 * 8 + 8;
    for (std::uint64_t i = 0; i < step; i += 8) {
      JournalEntryHeader header;
      std::memcpy(&header, chunk.data() + i, sizeof(header));
      if (!header_fits(header)) continue;
      const auto found = load(from + i);
      if (!found) return found.error();
      if (*found == Load::good) return std::optional<std::uint64_t>{from + i};
      // Somebody's ring bytes may hold any number of headers: past a budget, failing bodies are stepped over whole.
      const std::uint64_t cost = entry_length(header);
      if (search_budget_ < cost) {
        step = i + cost;
        break;
      }
      search_budget_ -= cost;
    }
    from += step;
  }
}

}  // namespace lmlog::formats
