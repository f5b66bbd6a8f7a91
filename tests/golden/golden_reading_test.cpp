// SPDX-License-Identifier: Apache-2.0
// The readers get from every golden file what its CASE.json says: refusals, damage with its bytes, and all records.
#include <cstring>
#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "lmlog/formats/descriptors.hpp"
#include "lmlog/formats/journal_reader.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "tests/formats/segment_script.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/golden/shown.hpp"

namespace lmlog::golden {
namespace {

using script::BlockWalk;

std::string code_text(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_ours:
      return "not_ours";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::truncated:
      return "truncated";
    default:
      return "damaged";
  }
}

std::span<const std::byte> view(const std::string& text) { return std::as_bytes(std::span(text.data(), text.size())); }

/// What a reader found, in the words of CASE.json.
struct Found {
  std::string refused;
  std::set<std::tuple<std::string, std::uint64_t, std::uint64_t>> damage;

  void compare(const GoldenCase& wanted) const {
    EXPECT_EQ(refused, wanted.refused);
    std::set<std::tuple<std::string, std::uint64_t, std::uint64_t>> expected;
    for (const ExpectedDamage& d : wanted.damage) expected.emplace(d.code, d.offset, d.length);
    EXPECT_EQ(damage, expected);
  }
};

TEST(GoldenReading, OfSessionsGivesDescriptorAndCatalog) {
  for (const GoldenCase& one : session_cases()) {
    SCOPED_TRACE(one.file);
    Found found;
    const auto descriptor = parse_session_descriptor(view(one.bytes), one.bytes.size());
    if (!descriptor) {
      found.refused = code_text(descriptor.error().code);
      found.compare(one);
      continue;
    }
    std::uint64_t head;
    std::memcpy(&head, one.bytes.data() + kCatalogHeadOffset, sizeof(head));
    SessionCatalog catalog(*descriptor, 0);
    const auto entries = view(one.bytes).subspan(descriptor->catalog_offset, head);
    if (const auto status = catalog.append(entries); !status) {
      found.damage.emplace(code_text(status.error().code), descriptor->catalog_offset + catalog.catalog_bytes(),
                           head - catalog.catalog_bytes());
    }
    // An entry that goes past the catalog is cut off in its terms, and damage in the file's.
    if (!found.damage.empty() && std::get<0>(*found.damage.begin()) == "truncated") {
      auto [code, offset, length] = *found.damage.begin();
      found.damage = {{"damaged", offset, length}};
    }
    found.compare(one);
    EXPECT_EQ(shown(*descriptor).text(), (*one.content)["descriptor"].text());
    EXPECT_EQ(shown_statements(catalog).text(), (*one.content)["catalog"]["statements"].text());
  }
}

/// The bytes of [from, to) in the order of positions.
std::string unwrapped(const std::string& file, const RingDescriptor& d, std::uint64_t from, std::uint64_t to) {
  std::string out;
  for (std::uint64_t at = from; at < to; ++at) out.push_back(file[d.data_offset + at % d.data_bytes]);
  return out;
}

template <class T> T peek(const std::string& file, std::size_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(value));
  return value;
}

void read_ring(const GoldenCase& one, const SessionCatalog& catalog, Found& found) {
  const auto ring = parse_ring_descriptor(view(one.bytes), one.bytes.size());
  if (!ring) {
    found.refused = code_text(ring.error().code);
    return;
  }
  const auto head = peek<std::uint64_t>(one.bytes, kHeadOffset);
  const auto tail = peek<TailLine>(one.bytes, kTailOffset);
  const std::uint64_t start = ring->sub_buffer_bytes != 0 ? peek<std::uint64_t>(one.bytes, kFloorOffset) : tail.tail;
  if (!tail.is_whole()) {
    found.damage.emplace("damaged", kTailOffset, sizeof(tail));
  } else if (head % 8 != 0 || head < start || head - start > ring->data_bytes) {
    found.damage.emplace("damaged", kHeadOffset, sizeof(head));
  }
  if (!found.damage.empty()) return;

  const std::string bytes = unwrapped(one.bytes, *ring, start, head);
  StateVector begin;
  begin.index = tail.drained;
  RecordReader reader(view(bytes), start, ring->data_bytes);
  std::unique_ptr<ShownRecords> records;
  Json list = Json::array();
  RecordView record;
  std::uint64_t end = start;
  while (reader.next(record)) {
    if (!records && record.id == static_cast<std::uint32_t>(RecordKind::sub_buffer)) {
      ByteReader in(record.body.subspan(24));
      const auto length = in.take<std::uint32_t>();
      (void)in.take<std::uint32_t>();
      begin = StateVector::parse(in.bytes(length)).value();
    }
    if (!records) records = std::make_unique<ShownRecords>(catalog, TickConverter(), begin);
    std::uint64_t used = record.body.size();
    if (record.id >= kFirstStatementId) {
      const Statement* statement = catalog.find(record.id);
      if (statement == nullptr) break;
      used = argument_bytes(record.body, statement->fixed_bytes, statement->variable_arguments);
    }
    const std::string_view arguments(reinterpret_cast<const char*>(record.body.data()), used);
    list.add(records->record(record.position, record.length, record.time, record.id, arguments));
    end = record.position + record.length;
  }
  if (reader.stop() != WalkEnd::end)
    found.damage.emplace("damaged", ring->data_offset + end % ring->data_bytes, head - end);
  EXPECT_EQ(list.text(), (*one.content)["records"].text());
  const StateVector state = records ? records->state() : begin;
  EXPECT_EQ(shown(state).text(), (*one.content)["state_at_head"].text());
}

TEST(GoldenReading, OfRingsGivesTheRecordsBetweenTailAndHead) {
  std::unique_ptr<SessionCatalog> catalog;  // of the last session: rings come behind theirs
  for (const GoldenCase& one : ring_cases()) {
    SCOPED_TRACE(one.file);
    if (one.file.ends_with(".session")) {
      catalog = std::make_unique<SessionCatalog>(*parse_session_descriptor(view(one.bytes), one.bytes.size()), 0);
      const auto head = peek<std::uint64_t>(one.bytes, kCatalogHeadOffset);
      ASSERT_TRUE(catalog->append(view(one.bytes).subspan(catalog->descriptor().catalog_offset, head)).ok());
      continue;
    }
    Found found;
    read_ring(one, *catalog, found);
    found.compare(one);
  }
}

TEST(GoldenReading, OfJournalsGivesEveryEntry) {
  for (const GoldenCase& one : journal_cases()) {
    SCOPED_TRACE(one.file);
    Found found;
    const MemorySource source(one.bytes);
    auto reader = JournalReader::open(source);
    if (!reader) {
      found.refused = code_text(reader.error().code);
      found.compare(one);
      continue;
    }
    const Json entries = (*one.content)["entries"];
    std::size_t count = 0;
    std::uint64_t reached = 0;
    std::map<Id128, std::uint64_t> rings;
    for (;;) {
      const auto entry = reader->next();
      if (!entry) {
        found.damage.emplace(code_text(entry.error().code), entry.error().offset, entry.error().length);
        reached = one.bytes.size();
        break;
      }
      if (!*entry) break;
      ASSERT_LT(count, entries.size());
      EXPECT_EQ(entries[count]["offset"].text(), std::to_string((*entry)->offset));
      EXPECT_EQ(entries[count]["length"].text(), std::to_string((*entry)->length));
      if ((*entry)->type == JournalEntryType::range) {
        EXPECT_EQ(entries[count]["state"].text(), shown((*entry)->state).text());
        const auto [at, is_new] = rings.try_emplace((*entry)->ring, (*entry)->from);
        if (at->second != (*entry)->from) found.damage.emplace("damaged", (*entry)->offset, 0);
        at->second = (*entry)->to;
      }
      ++count;
    }
    EXPECT_EQ(count, entries.size());
    for (const Damage& damage : reader->damage()) found.damage.emplace("damaged", damage.offset, damage.length);
    reached = std::max(reached, reader->valid_end());
    if (reached < one.bytes.size()) found.damage.emplace("truncated", reached, one.bytes.size() - reached);
    found.compare(one);
  }
}

/// The records of a block as CASE.json shows them.
Json shown_block(BlockReader& block, const SegmentReader& segment, bool with_fields) {
  const BlockDirectory& d = block.directory();
  Json list = Json::array();
  if (!with_fields) return list;
  const auto records = BlockWalk(block).records();
  EXPECT_TRUE(records.ok());
  if (!records) return list;
  std::size_t index = 0;
  for (const BlockRun& run : d.runs) {
    const BlockSession& session = d.sessions[run.session];
    const SessionCatalog& catalog = *segment.session(session.number);
    ShownRecords shown_records(catalog, TickConverter(session.anchors, catalog.descriptor().tsc_hz), run.begin_state);
    for (std::uint64_t i = 0; i < run.records; ++i, ++index) {
      const auto& r = records->at(index);
      if (run.made_by_collector) {
        LossCounts counts = run.begin_state.losses;
        EXPECT_TRUE(parse_losses(view(r.arguments), counts));
        list.add(shown_records.losses(r.position + run.cursor_offset, r.time, counts));
      } else {
        list.add(shown_records.record(r.position, r.length, r.time, r.id, r.arguments));
      }
    }
    EXPECT_EQ(shown_records.state(), run.end_state);
  }
  return list;
}

TEST(GoldenReading, OfSegmentsGivesEveryRecordOfEveryGoodBlock) {
  for (const GoldenCase& one : segment_cases()) {
    SCOPED_TRACE(one.file);
    Found found;
    const MemorySource source(one.bytes);
    const auto segment = SegmentReader::open(source);
    if (!segment) {
      found.refused = code_text(segment.error().code);
      found.compare(one);
      continue;
    }
    const auto verified = segment->verify([](std::uint64_t) {});
    ASSERT_TRUE(verified.ok());
    for (const Damage& d : verified->damage)
      found.damage.emplace(d.what.starts_with("a torn end") ? "truncated" : "damaged", d.offset, d.length);
    found.compare(one);

    const Json blocks = (*one.content)["blocks"];
    std::size_t good = 0;
    for (const BlockSummary& summary : segment->blocks()) {
      auto block = segment->read_block(summary);
      if (!block || !block->verify_frames()) continue;
      ASSERT_LT(good, blocks.size());
      EXPECT_EQ(blocks[good]["offset"].text(), std::to_string(summary.offset));
      EXPECT_EQ(blocks[good]["index"].text(), shown(summary.ranges).text());
      const bool readable = one.stem() != "unknown_encoding";
      const Json records = shown_block(*block, *segment, readable);
      if (readable) {
        EXPECT_EQ(records.text(), blocks[good]["records"].text());
      }
      ++good;
    }
    EXPECT_EQ(good, blocks.size());
    EXPECT_EQ(segment->has_footer(), (*one.content)["footer"].text() != "null");
  }
}

TEST(GoldenReading, OfAnUnknownEncodingCostsItsColumnAlone) {
  for (const GoldenCase& one : segment_cases()) {
    if (one.stem() != "unknown_encoding") continue;
    const MemorySource source(one.bytes);
    const auto segment = SegmentReader::open(source);
    ASSERT_TRUE(segment.ok());
    auto block = segment->read_block(segment->blocks().at(0));
    ASSERT_TRUE(block.ok());
    std::size_t unsupported = 0;
    for (std::size_t i = 0; i < block->directory().columns.size(); ++i) {
      const auto column = block->column(i);
      if (column) continue;
      EXPECT_EQ(column.error().code, ErrorCode::unsupported);
      EXPECT_NE(column.error().text.find("encoding 77"), std::string::npos) << column.error().text;
      ++unsupported;
    }
    EXPECT_EQ(unsupported, 1u);
    return;
  }
  FAIL() << "there is no such case";
}

}  // namespace
}  // namespace lmlog::golden
