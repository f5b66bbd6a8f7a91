// SPDX-License-Identifier: Apache-2.0
// Mutations of sessions that leave a session: fields of headers, words and patches changed one at a time, statements
// and records doubled, dropped, moved and changed; ids, lengths, hashes, stamps and the head fit again afterwards,
// mostly.
#include <array>
#include <cstddef>
#include <span>

#include "lmlog/formats/catalog.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/site_hash.hpp"
#include "tests/fuzz/chance.hpp"
#include "tests/fuzz/session_parts.hpp"

namespace lmlog::fuzz {
namespace {

using namespace formats;

template <class T> T load(std::string_view bytes, std::size_t at) {
  T value{};
  if (at + sizeof(T) <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}
template <class T> void store(std::string& bytes, std::size_t at, T value) {
  if (at + sizeof(T) <= bytes.size()) std::memcpy(bytes.data() + at, &value, sizeof(T));
}

// --- catalog ---

constexpr std::size_t kBody = sizeof(CatalogEntryHeader);
constexpr std::size_t kArguments = 40;

std::vector<std::string> entries_of(std::string_view catalog) {
  std::vector<std::string> out;
  while (catalog.size() >= 8) {
    const std::size_t bytes = std::max<std::size_t>(8, load<std::uint32_t>(catalog, 0));
    out.emplace_back(catalog.substr(0, bytes));
    catalog.remove_prefix(std::min(catalog.size(), (bytes + 7) / 8 * 8));
  }
  return out;
}

/// The hash of the parts as they lie there; parts that reach too far are left to the parser.
void fit_hash(std::string& entry) {
  const auto arguments = load<std::uint8_t>(entry, 25);
  const std::size_t texts = kArguments + 4 * std::size_t{arguments};
  const auto format_length = load<std::uint32_t>(entry, 28);
  std::size_t name_at = texts + format_length + load<std::uint16_t>(entry, 32) + load<std::uint16_t>(entry, 34);
  if (name_at > entry.size()) return;
  const std::string_view view = entry;
  SiteHasher hasher(load<std::uint8_t>(entry, 24), arguments);
  for (std::size_t i = 0; i < arguments; ++i) {
    const auto length = load<std::uint16_t>(entry, kArguments + 4 * i + 2);
    if (name_at > entry.size()) return;
    hasher.argument(load<std::uint8_t>(entry, kArguments + 4 * i), load<std::uint8_t>(entry, kArguments + 4 * i + 1),
                    view.substr(name_at, length));
    name_at += length;
  }
  store(entry, 16, hasher.finish(view.substr(texts, format_length)));
}

std::string catalog_of(std::vector<std::string>& entries, Chance& chance) {
  const bool fits = !chance.one_in(8);
  std::uint32_t id = kFirstStatementId;
  std::string out;
  for (auto& entry : entries) {
    if (fits) {
      store(entry, 0, static_cast<std::uint32_t>(entry.size()));
      if (load<std::uint16_t>(entry, 4) == static_cast<std::uint16_t>(CatalogEntryType::statement)) {
        store(entry, kBody, id++);
        fit_hash(entry);
      }
    }
    out += entry;
    out.append((8 - entry.size() % 8) % 8, '\0');
  }
  return out;
}

void change_catalog(SessionParts& parts, Chance& chance) {
  auto entries = entries_of(parts.catalog);
  if (entries.empty() || chance.one_in(3)) {
    change_list(entries, chance);
  } else {
    std::string& entry = entries[chance.below(entries.size())];
    chance.one_in(3) ? change_bytes(entry, 32) : change_number(entry, chance);
  }
  parts.catalog = catalog_of(entries, chance);
}

// --- records ---

std::uint64_t begin_of(const SessionParts& parts) {
  return parts.ring.sub_buffer_bytes != 0 ? parts.words.floor : parts.words.tail;
}

/// Whole records with their headers; what follows the last good one is one more piece.
std::vector<std::string> records_of(const SessionParts& parts) {
  const auto bytes = std::as_bytes(std::span(parts.records.data(), parts.records.size()));
  std::vector<std::string> out;
  if (begin_of(parts) % 8 != 0 || begin_of(parts) > ~kMinRingBytes) return {parts.records};
  RecordReader reader(bytes, begin_of(parts), kMinRingBytes);
  std::size_t end = 0;
  for (RecordView record; reader.next(record);) {
    const auto from = static_cast<std::size_t>(record.position - begin_of(parts));
    end = from + static_cast<std::size_t>(record.length);
    out.push_back(parts.records.substr(from, static_cast<std::size_t>(record.length)));
  }
  if (end < parts.records.size()) out.push_back(parts.records.substr(end));
  return out;
}

/// Stamps by position, pads where a record would cross the wrap, lengths as they are; the head behind the last.
void lay_out(SessionParts& parts, const std::vector<std::string>& records, Chance& chance) {
  std::uint64_t at = begin_of(parts);
  parts.records.clear();
  const auto add = [&](std::string record) {
    store(record, 8, stamp_of(at));
    const auto word = load<std::uint32_t>(record, 12);
    if (record.size() <= kMaxShortLength)
      store(record, 12, (word & kIdMask) | static_cast<std::uint32_t>(record.size() / 8) << 20);
    at += record.size();
    parts.records += record;
  };
  for (std::string record : records) {
    record.resize((std::max<std::size_t>(record.size(), 16) + 7) / 8 * 8);
    const std::uint64_t room = kMinRingBytes - at % kMinRingBytes;
    if (record.size() > room && room >= 16) {
      std::string pad(static_cast<std::size_t>(room), '\0');
      store(pad, 12, static_cast<std::uint32_t>(RecordKind::pad));
      add(pad);
    } else if (record.size() > room) {
      at += room;
      parts.records.append(static_cast<std::size_t>(room), '\0');
    }
    if (chance.one_in(40)) {
      at += record.size();
      parts.records += record;  // as it was: a stamp of another place
    } else {
      add(std::move(record));
    }
  }
  parts.words.head = at;
}

void change_records(SessionParts& parts, Chance& chance) {
  auto records = records_of(parts);
  if (records.empty() || chance.one_in(3)) {
    change_list(records, chance);
  } else {
    std::string& record = records[chance.below(records.size())];
    switch (chance.below(4)) {
      case 0: {  // of another statement or kind
        constexpr std::array<std::uint32_t, 14> kIds{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 33, 64, 65, 66};
        store(record, 12, (load<std::uint32_t>(record, 12) & ~kIdMask) | kIds[chance.below(kIds.size())]);
        break;
      }
      case 1:
        change_bytes(record, 64);
        break;
      case 2: {
        auto time = load<std::uint64_t>(record, 0);
        chance.change(time);
        store(record, 0, time);
        break;
      }
      default: {
        const std::size_t at = 16 + 4 * chance.below(12);
        auto word = load<std::uint32_t>(record, at);
        chance.change(word);
        store(record, at, word);
      }
    }
  }
  lay_out(parts, records, chance);
}

// --- headers and words ---

template <class T> void change_struct(T& value, Chance& chance) {
  std::string bytes(reinterpret_cast<const char*>(&value), sizeof(value));
  change_number(bytes, chance);
  std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof(value));
}

void change_place(SessionParts& parts, Chance& chance) {
  const auto records = records_of(parts);
  std::uint64_t& begin = parts.ring.sub_buffer_bytes != 0 ? parts.words.floor : parts.words.tail;
  const std::uint64_t unit = parts.ring.sub_buffer_bytes != 0 ? parts.ring.sub_buffer_bytes : 8;
  begin = chance.one_in(2) ? kMinRingBytes - unit * (1 + chance.below(16)) : chance.odd_value();
  if (unit != 0) begin -= begin % unit;
  lay_out(parts, records, chance);
}

void change_patches(SessionParts& parts, Chance& chance) {
  constexpr std::array<std::uint32_t, 9> kOffsets{kHeadOffset,       kHeadOffset,     kTailOffset,
                                                  kFloorOffset,      kOwnerOffset,    kCatalogHeadOffset,
                                                  kRingLossesOffset, kRingDataOffset, kRingDataOffset + 8};
  if (parts.patches.size() < kMaxPatches && chance.one_in(2)) {
    const std::uint32_t offset = kOffsets[chance.below(kOffsets.size())];
    parts.patches.push_back({offset == kCatalogHeadOffset, offset, parts.words.head + 8 * chance.below(8)});
  } else if (!parts.patches.empty() && chance.one_in(3)) {
    change_list(parts.patches, chance);
  } else if (!parts.patches.empty()) {
    change_struct(parts.patches[chance.below(parts.patches.size())], chance);
  }
  parts.patches.resize(std::min<std::size_t>(parts.patches.size(), kMaxPatches));
}

std::string mutated(SessionParts& parts, Chance& chance) {
  switch (chance.below(12)) {
    case 0:
      change_struct(parts.session, chance);
      break;
    case 1:
      change_struct(parts.ring, chance);
      break;
    case 2:
      chance.change(chance.one_in(3) ? parts.words.tail : chance.one_in(2) ? parts.words.floor : parts.words.head);
      break;
    case 3:
      change_place(parts, chance);
      break;
    case 4:
    case 5:
      change_patches(parts, chance);
      break;
    case 6:
    case 7:
      change_catalog(parts, chance);
      break;
    default:
      change_records(parts, chance);
  }
  return parts.put_together();
}

}  // namespace
}  // namespace lmlog::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  lmlog::fuzz::Chance chance(seed);
  lmlog::fuzz::SessionParts parts;
  if (chance.one_in(24) || !parts.take_apart({reinterpret_cast<const char*>(data), size}))
    return LLVMFuzzerMutate(data, size, max_size);
  const std::string out = lmlog::fuzz::mutated(parts, chance);
  if (out.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, out.data(), out.size());
  return out.size();
}
