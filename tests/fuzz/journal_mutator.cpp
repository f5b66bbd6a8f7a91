// SPDX-License-Identifier: Apache-2.0
// Mutations of journals that leave a journal: entries doubled, dropped, swapped, merged and cut, their fields changed,
// the records of ranges changed in place or in number; lengths and checks fit afterwards.
#include <cstddef>
#include <cstring>
#include <string_view>

#include "formats/src/checksum.hpp"
#include "lmlog/formats/journal_layout.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "tests/fuzz/chance.hpp"

namespace lmlog::fuzz {
namespace {

using namespace formats;

struct Piece {
  std::uint16_t type = 0;
  std::string body{};
  bool raw = false;  // no entry: bytes as they are
};

constexpr std::size_t kRangeStateBytes = 4;  // offsets of fields in the body of a range
constexpr std::size_t kRangeFrom = 32;
constexpr std::size_t kRangeTo = 40;
constexpr std::size_t kRangeHead = 48;

template <class T> T load(std::string_view bytes, std::size_t at) {
  T value{};
  if (at + sizeof(T) <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

std::vector<Piece> take_apart(std::string_view bytes) {
  std::vector<Piece> out;
  while (!bytes.empty()) {
    const auto header = load<JournalEntryHeader>(bytes, 0);
    const std::size_t behind = sizeof(header) + header.body_bytes;
    if (bytes.size() < sizeof(header) || header.sync != kJournalSync || behind > bytes.size()) {
      const std::size_t next = std::min(bytes.find("LMJE", 1), bytes.size());
      out.push_back({0, std::string(bytes.substr(0, next)), true});
      bytes.remove_prefix(next);
      continue;
    }
    out.push_back({header.type, std::string(bytes.substr(sizeof(header), header.body_bytes))});
    bytes.remove_prefix(std::min<std::size_t>(bytes.size(), (behind + 7) / 8 * 8));
  }
  return out;
}

void append_entry(const Piece& piece, std::string& out) {
  JournalEntryHeader header{
      kJournalSync, piece.type, 0, static_cast<std::uint32_t>(piece.body.size()), 0, checksum(view(piece.body)), 0};
  header.header_check = checksum(bytes_of(header, offsetof(JournalEntryHeader, header_check)));
  out.append(reinterpret_cast<const char*>(&header), sizeof(header));
  out += piece.body;
  out.append((8 - piece.body.size() % 8) % 8, '\0');
}

std::string put_together(std::string head, const std::vector<Piece>& pieces) {
  if (head.size() >= sizeof(JournalHeader)) {
    auto header = load<JournalHeader>(head, 0);
    header.check = checksum(bytes_of(header, offsetof(JournalHeader, check)));
    std::memcpy(head.data(), &header, sizeof(header));
  }
  for (const Piece& piece : pieces) {
    if (piece.raw) {
      head += piece.body;
    } else {
      append_entry(piece, head);
    }
  }
  return head;
}

/// Offsets of the records in a range's ring bytes.
std::vector<std::size_t> records_of(std::string_view body, std::size_t ring_bytes_at) {
  const auto ring = view(body.substr(ring_bytes_at));
  RecordReader reader(ring, load<std::uint64_t>(body, kRangeFrom), 1u << 30);
  std::vector<std::size_t> out;
  for (RecordView record; reader.next(record);)
    out.push_back(ring_bytes_at + static_cast<std::size_t>(record.position - load<std::uint64_t>(body, kRangeFrom)));
  return out;
}

/// One record or the number of ring bytes; `to` follows.
void change_ring_bytes(std::string& body, Chance& chance) {
  const std::size_t at = kRangeHead + load<std::uint32_t>(body, kRangeStateBytes);
  if (at > body.size()) return change_number(body, chance);
  const auto records = records_of(body, at);
  if (records.empty() || chance.one_in(4)) {
    std::string ring = body.substr(at);
    change_bytes(ring, 64);
    ring.resize(ring.size() / 8 * 8);
    body.replace(at, std::string::npos, ring);
  } else {
    const std::size_t record = records[chance.below(records.size())];
    switch (chance.below(4)) {
      case 0: {  // cut before it
        body.resize(record);
        break;
      }
      case 1: {  // id and length
        auto word = load<std::uint32_t>(body, record + 12);
        chance.one_in(2) ? chance.change(word) : (void)(word ^= 1u << chance.below(32));
        std::memcpy(body.data() + record + 12, &word, sizeof(word));
        break;
      }
      case 2: {  // time
        auto time = load<std::uint64_t>(body, record);
        chance.change(time);
        std::memcpy(body.data() + record, &time, sizeof(time));
        break;
      }
      default: {  // what it holds
        const std::size_t from = record + 16 + 4 * chance.below(8);
        if (from + 4 > body.size()) break;
        auto word = load<std::uint32_t>(body, from);
        chance.change(word);
        std::memcpy(body.data() + from, &word, sizeof(word));
      }
    }
  }
  const std::uint64_t to = load<std::uint64_t>(body, kRangeFrom) + (body.size() - std::min(at, body.size()));
  if (body.size() >= kRangeHead && !chance.one_in(8)) std::memcpy(body.data() + kRangeTo, &to, sizeof(to));
}

/// The range begins somewhere else; its records would too, so their stamps no longer fit, or it joins another ring.
void change_place(std::string& body, Chance& chance) {
  if (body.size() < kRangeHead) return;
  auto from = load<std::uint64_t>(body, kRangeFrom);
  const std::uint64_t bytes = load<std::uint64_t>(body, kRangeTo) - from;
  chance.change(from);
  from &= ~std::uint64_t{7};
  const std::uint64_t to = from + bytes;
  std::memcpy(body.data() + kRangeFrom, &from, sizeof(from));
  std::memcpy(body.data() + kRangeTo, &to, sizeof(to));
}

void change_piece(Piece& piece, std::size_t room, Chance& chance) {
  if (chance.one_in(32)) return chance.change(piece.type);
  if (piece.type == static_cast<std::uint16_t>(JournalEntryType::range) && !piece.raw && !chance.one_in(4))
    return chance.one_in(6) ? change_place(piece.body, chance) : change_ring_bytes(piece.body, chance);
  chance.one_in(3) ? change_bytes(piece.body, room) : change_number(piece.body, chance);
}

std::string mutated(std::string_view bytes, std::size_t room, Chance& chance) {
  const std::size_t head_bytes = std::min<std::size_t>(bytes.size(), sizeof(JournalHeader));
  std::string head(bytes.substr(0, head_bytes));
  auto pieces = take_apart(bytes.substr(head_bytes));
  if (pieces.empty() || chance.one_in(32)) {
    change_number(head, chance);
    return put_together(head, pieces);
  }
  const std::size_t at = chance.below(pieces.size());
  switch (chance.below(10)) {
    case 0:
    case 1:
      change_list(pieces, chance);
      break;
    case 2:
      if (at != 0) {
        pieces[at - 1].body += pieces[at].body;
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(at));
      }
      break;
    case 3: {
      std::string out = put_together(head, pieces);
      out.resize(out.size() - chance.below(std::min<std::size_t>(out.size(), 256)));
      return out;
    }
    default:
      change_piece(pieces[at], room, chance);
  }
  return put_together(head, pieces);
}

}  // namespace
}  // namespace lmlog::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  lmlog::fuzz::Chance chance(seed);
  if (size == 0 || chance.one_in(16)) return LLVMFuzzerMutate(data, size, max_size);
  const std::size_t room = max_size > size ? std::min<std::size_t>(max_size - size, 64) : 0;
  const std::string out = lmlog::fuzz::mutated({reinterpret_cast<const char*>(data), size}, room, chance);
  if (out.empty() || out.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, out.data(), out.size());
  return out.size();
}
