// SPDX-License-Identifier: Apache-2.0
// The journal: every entry comes back, and whatever is done to the file, only what was touched is lost.
#include <cstring>
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "formats/src/checksum.hpp"
#include "lmlog/formats/journal_reader.hpp"
#include "lmlog/formats/journal_writer.hpp"
#include "tests/formats/ring_script.hpp"

namespace lmlog::formats {
namespace {

using namespace script;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A journal with one entry of each type, and two ranges of one ring.
struct Sample {
  SessionScript session{id_of(1)};
  RingScript ring{id_of(0x10)};
  JournalWriter writer;
  std::vector<std::uint64_t> entry_ends;
  LossCounts losses{};

  Sample() {
    const auto tick = session.statement(Level::info, "tick {seq}", {{ArgType::i32, "seq"}});
    ring.thread(1, 2, 0, "main");
    for (std::int32_t i = 0; i < 4; ++i) ring.record(tick, 10 + static_cast<unsigned>(i), Arguments().fixed(i));
    losses[0] = 3;
    losses[31] = 1;
    writer.header(77, -5);
    const std::uint64_t middle = ring.written()[2].position;
    const auto done = [this] { entry_ends.push_back(writer.bytes().size()); };
    writer.session(0, 1000, session.descriptor());
    done();
    writer.catalog(0, 0, session.catalog_bytes());
    done();
    writer.range(0, ring.id(), ring.data_bytes(), 0, middle, {}, ring.bytes(0, middle));
    done();
    writer.anchor(0, {1, 2, 3});
    done();
    // In two pieces, as where the range goes over the wrap.
    writer.range(0, ring.id(), ring.data_bytes(), middle, ring.head(), ring.state(), ring.bytes(middle, middle + 24),
                 ring.bytes(middle + 24, ring.head()));
    done();
    writer.losses(0, ring.id(), ring.head() + 1, 99, ring.state(), losses);
    done();
    writer.ring_end(0, ring.id(), ring.head());
    done();
  }

  [[nodiscard]] std::string bytes() const { return text_of(writer.bytes()); }
};

/// What a reading gave: the types of the entries in order, and how it ended.
struct Reading {
  std::vector<JournalEntryType> types;
  std::vector<std::uint64_t> offsets;
  std::vector<Damage> damage;
  std::uint64_t valid_end = 0;
  bool opened = false;
  bool failed = false;
};

Reading read(const std::string& bytes) {
  Reading out;
  const MemorySource source(bytes);
  auto reader = JournalReader::open(source);
  if (!reader) return out;
  out.opened = true;
  for (;;) {
    const auto entry = reader->next();
    out.failed = !entry.ok();
    if (!entry || !*entry) break;
    out.types.push_back((*entry)->type);
    out.offsets.push_back((*entry)->offset);
  }
  out.damage = reader->damage();
  out.valid_end = reader->valid_end();
  return out;
}

const std::vector<JournalEntryType> kSampleTypes = {
    JournalEntryType::session, JournalEntryType::catalog, JournalEntryType::range,   JournalEntryType::anchor,
    JournalEntryType::range,   JournalEntryType::losses,  JournalEntryType::ring_end};

TEST(Journal, GivesBackEveryFieldOfEveryEntry) {
  Sample sample;
  const MemorySource source(sample.bytes());
  auto reader = JournalReader::open(source);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->sequence(), 77u);
  EXPECT_EQ(reader->created_ns(), -5);
  const auto next = [&reader] { return reader->next().value().value(); };

  const JournalEntry session = next();
  EXPECT_EQ(session.uid, 1000u);
  EXPECT_EQ(session.descriptor.session_id, id_of(1));
  const JournalEntry catalog = next();
  EXPECT_EQ(text_of(catalog.bytes), text_of(sample.session.catalog_bytes()));
  const JournalEntry first = next();
  EXPECT_EQ(first.ring, sample.ring.id());
  EXPECT_EQ(first.data_bytes, kMinRingBytes);
  EXPECT_EQ(first.from, 0u);
  EXPECT_EQ(first.state, StateVector());
  EXPECT_EQ(text_of(first.bytes), text_of(sample.ring.bytes(0, first.to)));
  const std::uint64_t middle = first.to;
  EXPECT_EQ(next().anchor, (Anchor{1, 2, 3}));
  const JournalEntry second = next();
  EXPECT_EQ(second.from, middle);
  EXPECT_EQ(second.to, sample.ring.head());
  EXPECT_EQ(second.state, sample.ring.state());
  EXPECT_EQ(text_of(second.bytes), text_of(sample.ring.bytes(middle, second.to)));
  const JournalEntry losses = next();
  EXPECT_EQ(losses.to, sample.ring.head() + 1);
  EXPECT_EQ(losses.time, 99u);
  EXPECT_EQ(losses.losses, sample.losses);
  const JournalEntry end = next();
  EXPECT_EQ(end.to, sample.ring.head());
  EXPECT_FALSE(reader->next().value().has_value());
  EXPECT_EQ(reader->valid_end(), sample.bytes().size());
  EXPECT_TRUE(reader->damage().empty());
}

TEST(Journal, IsWrittenInEntriesThatEachStandAlone) {
  Sample whole;
  JournalWriter writer;
  writer.header(77, -5);
  std::string pieces = text_of(writer.bytes());
  writer.clear();
  writer.session(0, 1000, whole.session.descriptor());
  pieces += text_of(writer.bytes());
  EXPECT_EQ(pieces, whole.bytes().substr(0, whole.entry_ends[0]));
}

TEST(Journal, CutAtAnyByteLosesOnlyTheEntryThatIsCut) {
  const Sample sample;
  const std::string bytes = sample.bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    SCOPED_TRACE(size);
    const Reading reading = read(bytes.substr(0, size));
    ASSERT_EQ(reading.opened, size >= kJournalHeaderBytes);
    if (!reading.opened) continue;
    std::size_t whole = 0;
    while (whole < sample.entry_ends.size() && sample.entry_ends[whole] <= size) ++whole;
    EXPECT_EQ(reading.types.size(), whole);
    EXPECT_EQ(reading.valid_end, whole == 0 ? kJournalHeaderBytes : sample.entry_ends[whole - 1]);
    EXPECT_TRUE(reading.damage.empty()) << "a torn end is no damage";
  }
}

TEST(Journal, WithAnyBitFlippedLosesAtMostTheEntryThatHasIt) {
  const Sample sample;
  const std::string bytes = sample.bytes();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    SCOPED_TRACE(bit);
    std::string broken = bytes;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ 1 << bit % 8);
    const Reading reading = read(broken);
    ASSERT_TRUE(reading.opened);
    if (bit / 8 < kJournalHeaderBytes) {
      EXPECT_EQ(reading.types, kSampleTypes) << "entries need nothing that only the header says";
      ASSERT_EQ(reading.damage.size(), 1u);
      EXPECT_EQ(reading.damage[0].offset, 0u);
      EXPECT_EQ(reading.damage[0].length, kJournalHeaderBytes);
      continue;
    }
    std::size_t hit = 0;
    while (sample.entry_ends[hit] <= bit / 8) ++hit;
    const std::uint64_t begin = hit == 0 ? kJournalHeaderBytes : sample.entry_ends[hit - 1];
    if (reading.types.size() == kSampleTypes.size()) {
      EXPECT_TRUE(reading.damage.empty());  // in the padding behind a body, where it changes nothing
      continue;
    }
    std::vector<JournalEntryType> expected = kSampleTypes;
    expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(hit));
    EXPECT_EQ(reading.types, expected);
    if (hit + 1 == kSampleTypes.size()) {
      EXPECT_EQ(reading.valid_end, begin);
      continue;
    }
    ASSERT_EQ(reading.damage.size(), 1u);
    EXPECT_EQ(reading.damage[0].offset, begin);
    EXPECT_EQ(reading.damage[0].length, sample.entry_ends[hit] - begin);
  }
}

/// Bytes that can grow, as a living journal does.
class GrowingSource final : public ByteSource {
 public:
  std::string bytes;
  [[nodiscard]] Result<std::uint64_t> size() const override { return std::uint64_t{bytes.size()}; }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    return MemorySource(bytes).read_at(offset, out);
  }
};

TEST(Journal, ThatGrowsIsReadOnWhereItEnded) {
  const Sample sample;
  const std::string bytes = sample.bytes();
  GrowingSource source;
  source.bytes = bytes.substr(0, kJournalHeaderBytes);
  auto reader = JournalReader::open(source);
  ASSERT_TRUE(reader.ok());
  std::size_t entries = 0;
  for (std::size_t size = kJournalHeaderBytes; size <= bytes.size(); size += 3) {
    source.bytes = bytes.substr(0, std::min(size + 3, bytes.size()));
    while (reader->next().value().has_value()) ++entries;
  }
  EXPECT_EQ(entries, kSampleTypes.size());
  EXPECT_TRUE(reader->damage().empty());
}

TEST(Journal, DoesNotBelieveEntriesInsideADamagedBody) {
  // Ring bytes may hold anything, also what looks like an entry: they are not searched.
  SessionScript session(id_of(1));
  const auto text = session.statement(Level::info, "{}", {{ArgType::string, ""}});
  JournalWriter forged;
  forged.ring_end(0, id_of(0x66), 8);
  RingScript ring(id_of(0x10));
  ring.record(text, 1, Arguments().string(std::string(4, ' ') + text_of(forged.bytes())));  // aligned to 8
  JournalWriter writer;
  writer.header(1, 1);
  writer.session(0, 1000, session.descriptor());
  const std::size_t begin = writer.bytes().size();
  writer.range(0, ring.id(), ring.data_bytes(), 0, ring.head(), {}, ring.bytes());
  const std::size_t end = writer.bytes().size();
  writer.anchor(0, {1, 2, 3});
  std::string bytes = text_of(writer.bytes());
  ASSERT_NE(bytes.find(text_of(forged.bytes())), bytes.npos);
  ASSERT_EQ(bytes.find(text_of(forged.bytes())) % 8, 0u);
  bytes[begin + 40] = static_cast<char>(bytes[begin + 40] ^ 1);
  const Reading reading = read(bytes);
  EXPECT_EQ(reading.types, (std::vector{JournalEntryType::session, JournalEntryType::anchor}));
  ASSERT_EQ(reading.damage.size(), 1u);
  EXPECT_EQ(reading.damage[0].offset, begin);
  EXPECT_EQ(reading.damage[0].length, end - begin);
}

TEST(Journal, HoldsRangesOfTheLargestSize) {
  SessionScript session(id_of(1));
  const std::string data(kMaxJournalRange, 'x');
  const auto view = std::as_bytes(std::span(data.data(), data.size()));
  StateVector state;
  for (std::uint32_t id = 64; id < 64 + 65'000; ++id) state.weights[id] = 2;  // a megabyte of state
  JournalWriter writer;
  writer.header(1, 1);
  writer.range(0, id_of(2), std::uint64_t{1} << 30, 8, 8 + kMaxJournalRange, state, view);
  const MemorySource source(text_of(writer.bytes()));
  auto reader = JournalReader::open(source);
  const auto entry = reader->next();
  ASSERT_TRUE(entry.ok() && entry->has_value());
  EXPECT_EQ((*entry)->bytes.size(), kMaxJournalRange);
  EXPECT_EQ((*entry)->state.weights.size(), 65'000u);
}

/// An entry with checks that fit, and any body.
std::string entry_of(std::uint16_t type, std::string body) {
  JournalEntryHeader header{kJournalSync, type, 0, static_cast<std::uint32_t>(body.size()), 0, 0, 0};
  header.body_check = checksum(view(body));
  header.header_check = checksum(bytes_of(header, offsetof(JournalEntryHeader, header_check)));
  body.resize(static_cast<std::size_t>(round_up_8(body.size())));
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + body;
}

TEST(Journal, StepsOverAnEntryThatContradictsItself) {
  const Sample sample;
  struct Change {
    std::size_t entry;
    std::size_t at;  // in its body
    std::uint64_t value;
    std::size_t bytes = 8;
  };
  constexpr std::size_t kPositions = 4 + 4 + 16 + 8;  // of a range's `from`
  const Change all[] = {
      {0, 8, 0},                                    // a session's magic
      {1, 8, 4},                                    // a catalog at no multiple of 8
      {2, kPositions - 8, 65'000},                  // a ring of an impossible size
      {2, kPositions, 4},                           // a range from, and to, no multiple of 8
      {2, kPositions + 8, 4},                       //
      {4, kPositions + 8, 0},                       // that goes back
      {2, kPositions + 8, 2 * kMinRingBytes},       // that is longer than its ring
      {2, 4, 0xFFFF, 4},                            // whose state is longer than the entry
      {4, kPositions + 16, 0xFFFF'0000'0000'0001},  // whose state is none
      {5, 4, 0xFFFF, 4},                            // losses whose state is longer than the entry
  };
  for (const Change& change : all) {
    const std::string bytes = sample.bytes();
    const std::size_t begin = change.entry == 0 ? kJournalHeaderBytes : sample.entry_ends[change.entry - 1];
    JournalEntryHeader header;
    std::memcpy(&header, bytes.data() + begin, sizeof(header));
    std::string body = bytes.substr(begin + sizeof(header), header.body_bytes);
    std::memcpy(body.data() + change.at, &change.value, change.bytes);
    const Reading reading =
        read(bytes.substr(0, begin) + entry_of(header.type, body) + bytes.substr(sample.entry_ends[change.entry]));
    EXPECT_EQ(reading.types.size(), kSampleTypes.size() - 1) << change.entry << " at " << change.at;
    ASSERT_EQ(reading.damage.size(), 1u);
    EXPECT_EQ(reading.damage[0].offset, begin);
    EXPECT_NE(reading.damage[0].what.find("contradicts itself"), std::string::npos);
  }
  for (const std::size_t cut : {0u, 3u, 12u, 40u}) {
    for (std::uint16_t type = 1; type <= 6; ++type) {
      const Reading reading = read(sample.bytes() + entry_of(type, std::string(cut, '\0')));
      if (type == static_cast<std::uint16_t>(JournalEntryType::catalog) && cut == 40) continue;  // of zeros: it is one
      if (cut == 40 && (type == 4 || type == 6)) continue;  // as long as an anchor or a ring's end
      EXPECT_EQ(reading.types, kSampleTypes) << cut << " bytes of type " << type;
      EXPECT_EQ(reading.damage.size(), 1u);
    }
  }
}

TEST(Journal, EndsAtAnEntryOfATypeThatMustBeUnderstood) {
  for (const std::uint16_t type : {std::uint16_t{0}, std::uint16_t{7}}) {
    const Reading reading = read(Sample().bytes() + entry_of(type, "12345678"));
    EXPECT_EQ(reading.types, kSampleTypes);
    EXPECT_TRUE(reading.failed);
  }
}

TEST(Journal, WithAWholeHeaderOfAnImpossibleLengthIsRefused) {
  const Sample sample;
  for (const std::uint32_t header_bytes :
       {0u, kJournalHeaderBytes - 8, kMaxJournalHeaderBytes + 8, kJournalHeaderBytes + 4}) {
    std::string bytes = sample.bytes();
    JournalHeader header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    header.header_bytes = header_bytes;
    header.check = checksum(bytes_of(header, offsetof(JournalHeader, check)));
    std::memcpy(bytes.data(), &header, sizeof(header));
    EXPECT_FALSE(read(bytes).opened) << header_bytes;
  }
}

TEST(Journal, HashesNoMoreThanABudgetWhereItsBytesAreFullOfHeaders) {
  constexpr std::uint32_t kClaimed = 1 << 20;
  JournalEntryHeader header{kJournalSync, 3, 0, kClaimed, 0, 1, 0};
  header.header_check = checksum(bytes_of(header, offsetof(JournalEntryHeader, header_check)));
  std::string bytes = Sample().bytes();
  for (int i = 0; i < 600; ++i) bytes.append(reinterpret_cast<const char*>(&header), sizeof(header));
  bytes.resize(bytes.size() + kClaimed);
  const std::size_t behind = bytes.size();
  JournalWriter last;
  last.anchor(0, {1, 2, 3});
  const Reading reading = read(bytes + text_of(last.bytes()));
  ASSERT_EQ(reading.offsets.size(), kSampleTypes.size() + 1);
  EXPECT_EQ(reading.offsets.back(), behind);
}

TEST(Journal, OfRandomBytesIsReadToItsEndWithoutAWord) {
  std::mt19937_64 random(7);
  const std::string sample = Sample().bytes();
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = sample;
    for (auto changes = random() % 20; changes > 0; --changes)
      bytes[kJournalHeaderBytes + random() % (bytes.size() - kJournalHeaderBytes)] = static_cast<char>(random());
    const Reading reading = read(bytes);
    EXPECT_TRUE(reading.opened);
    EXPECT_LE(reading.valid_end, bytes.size());
    std::uint64_t behind = kJournalHeaderBytes;
    for (const Damage& damage : reading.damage) {
      EXPECT_GE(damage.offset, behind);
      behind = damage.offset + damage.length;
      EXPECT_LE(behind, bytes.size());
    }
  }
}

}  // namespace
}  // namespace lmlog::formats
