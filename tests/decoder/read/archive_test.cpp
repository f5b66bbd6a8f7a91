// SPDX-License-Identifier: Apache-2.0
// Each record once, wherever it is: rings, journals, segments, alone and together, whole and damaged.
#include "decoder/read/archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lmlog/formats/sub_buffer.hpp>

#include "tests/decoder/read/archive_script.hpp"

namespace lmlog::decoder {
namespace {

using formats::ArgType;
using formats::ClockKind;
using formats::Level;
using script::Folder;
using script::journal_file;
using script::read;
using script::Reading;
using script::segment_file;
using script::Stretch;
using testing::ElementsAre;
using testing::SizeIs;
namespace fs = formats::script;

constexpr std::uint64_t kStart = 1'795'000'000'000'000'000;

/// A session with a ring that counts: `n {n}` every 100 ns. Position i is that of the record n = i.
class CountingRing {
 public:
  explicit CountingRing(std::uint8_t id, std::uint64_t records, std::uint64_t first_time = kStart)
      : session(fs::id_of(id)), ring(fs::id_of(static_cast<std::uint8_t>(id + 1))) {
    statement_ = session.statement(Level::info, "n {n}", {{ArgType::u64, "n"}});
    ring.thread(first_time, 7, 1, "counter");
    ring.clock(first_time, ClockKind::user_ns, 0);
    add(records, first_time);
  }

  void add(std::uint64_t records, std::uint64_t first_time) {
    for (std::uint64_t i = 0; i < records; ++i) {
      positions.push_back(ring.head());
      ring.record(statement_, first_time + 100 * i, fs::Arguments().fixed(std::uint64_t{positions.size() - 1}));
    }
  }

  [[nodiscard]] Stretch stretch(std::size_t from, std::size_t to) {
    return {&session, &ring, from == 0 ? ring.from() : positions[from],
            to == positions.size() ? ring.head() : positions[to]};
  }
  [[nodiscard]] Stretch all() { return stretch(0, positions.size()); }

  fs::SessionScript session;
  fs::RingScript ring;
  std::vector<std::uint64_t> positions;

 private:
  std::uint32_t statement_;
};

/// n 0, n 1, … n count-1.
std::vector<std::string> counted(std::size_t count, std::size_t first = 0) {
  std::vector<std::string> out;
  for (std::size_t i = first; i < count; ++i) out.push_back("n " + std::to_string(i));
  return out;
}

TEST(Archive, ReadsTheRingsOfADeadProcess) {
  CountingRing counting(1, 100);
  const Folder rings;
  script::write_session(rings, counting.session);
  script::write_ring(rings, counting.session, counting.ring);
  const Reading all = read({rings.path()});
  EXPECT_EQ(all.messages, counted(100));
  EXPECT_EQ(all.exit_code, ExitCode::done);
  EXPECT_NE(all.json.find(R"("tid":7,"thread":"counter")"), std::string::npos);
}

TEST(Archive, ReadsARingThatWrappedManyTimes) {
  CountingRing counting(1, 20'000);  // 640 kB through 64 KiB
  const Folder rings;
  script::write_session(rings, counting.session);
  const std::uint64_t tail = counting.positions[19'000];
  script::write_ring(rings, counting.session, counting.ring, {.number = 0, .tail = tail, .losses = {}});
  EXPECT_EQ(read({rings.path()}).messages, counted(20'000, 19'000));
}

TEST(Archive, ReadsASingleRingOrSessionFile) {
  CountingRing counting(1, 10);
  const fs::RingScript other(fs::id_of(9));
  const Folder rings;
  script::write_session(rings, counting.session);
  script::write_ring(rings, counting.session, counting.ring, {.number = 3, .tail = 0, .losses = {}});
  script::write_ring(rings, counting.session, other, {.number = 4, .tail = 0, .losses = {}});
  EXPECT_EQ(read({rings.path(script::ring_name(counting.session, 3))}).messages, counted(10));
  EXPECT_EQ(read({rings.path(script::ring_name(counting.session, 4))}).exit_code, ExitCode::nothing_matched);
  const auto& d = counting.session.descriptor();
  const std::string session = formats::session_file_name(formats::service_of(d), d.pid, d.session_id);
  EXPECT_EQ(read({rings.path(session)}).messages, counted(10));
  EXPECT_EQ(read({rings.path(session), rings.path(), rings.path(session)}).messages, counted(10));
}

TEST(Archive, StopsARingAtItsFirstBadRecordAndSaysSo) {
  CountingRing counting(1, 100);
  const Folder rings;
  script::write_session(rings, counting.session);
  std::string bytes = script::ring_bytes(counting.session, counting.ring, {});
  bytes[formats::kRingDataOffset + counting.positions[40] + 8] ^= 1;  // its stamp
  rings.write(script::ring_name(counting.session, 0), bytes);
  const Reading all = read({rings.path()});
  EXPECT_EQ(all.messages, counted(40));
  EXPECT_EQ(all.damages, 1u);
  EXPECT_EQ(all.exit_code, ExitCode::damaged);
}

TEST(Archive, RefusesHeadsAndTailsThatContradictEachOther) {
  CountingRing counting(1, 10);
  const Folder rings;
  script::write_session(rings, counting.session);
  script::write_ring(rings, counting.session, counting.ring, {.number = 0, .tail = 1 << 20, .losses = {}});
  script::write_ring(rings, counting.session, fs::RingScript(fs::id_of(0x60)), {.number = 1, .tail = 0, .losses = {}});
  std::string bytes = script::ring_bytes(counting.session, counting.ring, {});
  bytes[formats::kTailOffset] ^= 8;  // no complement of each other any more
  rings.write(script::ring_name(counting.session, 2), bytes);
  EXPECT_EQ(read({rings.path()}).damages, 2u);
}

TEST(Archive, SaysThatARingWithoutSessionHasNoMeaning) {
  CountingRing counting(1, 10);
  const Folder rings;
  script::write_ring(rings, counting.session, counting.ring);
  EXPECT_EQ(read({rings.path()}).exit_code, ExitCode::damaged);
  EXPECT_EQ(read({rings.path(script::ring_name(counting.session, 0))}).exit_code, ExitCode::damaged);
}

TEST(Archive, ReadsJournals) {
  CountingRing counting(1, 100);
  const Folder archive;
  archive.write("journal/0000000000000001.lmj",
                journal_file(counting.session, {counting.stretch(0, 10), counting.stretch(10, 60)}));
  archive.write("journal/0000000000000002.lmj", journal_file(counting.session, {counting.stretch(60, 100)}));
  EXPECT_EQ(read({archive.path()}).messages, counted(100));
  EXPECT_EQ(read({archive.path("journal/0000000000000002.lmj")}).messages, counted(100, 60));
}

TEST(Archive, GoesOnBehindAJumpOverNothingThatCounts) {
  CountingRing counting(1, 50);
  const std::uint64_t gap = counting.ring.head();
  counting.ring.clock(kStart + 5000, ClockKind::user_ns, 1);
  counting.add(50, kStart + 6000);
  const auto jumped = script::state_at(counting.ring, counting.positions[50]).state;
  for (const bool is_said : {true, false}) {
    formats::JournalWriter writer;
    writer.header(1, 1);
    writer.session(0, script::owner(), counting.session.descriptor());
    writer.catalog(0, 0, counting.session.catalog_bytes());
    const auto range = [&](std::uint64_t from, std::uint64_t to) {
      writer.range(0, counting.ring.id(), counting.ring.data_bytes(), from, to,
                   script::state_at(counting.ring, from).state, counting.ring.bytes(from, to));
    };
    range(0, gap);
    const std::uint64_t on = counting.positions[50];
    if (is_said) writer.losses(0, counting.ring.id(), on + formats::kJumpCursor, kStart + 6000, jumped, jumped.losses);
    range(on, counting.ring.head());
    const auto bytes = writer.bytes();
    const Folder archive;
    archive.write("journal/1.lmj", std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    const Reading all = read({archive.path()});
    EXPECT_EQ(all.messages, counted(100));
    EXPECT_EQ(all.damages, is_said ? 0u : 1u);
  }
}

TEST(Archive, ReadsSegmentsWithAndWithoutFooter) {
  CountingRing counting(1, 5000);
  const Folder archive;
  archive.write("hot/golden/a.lms",
                segment_file(script::segment_header(0x70), {{counting.stretch(0, 10)}, {counting.stretch(10, 3000)}}));
  archive.write("hot/golden/b.lms",
                segment_file(script::segment_header(0x71), {{counting.stretch(3000, 5000)}}, {}, false));
  const Reading all = read({archive.path()});
  EXPECT_EQ(all.messages, counted(5000));
  EXPECT_EQ(all.exit_code, ExitCode::done);
}

TEST(Archive, GivesEachRecordOnceHoweverTheSourcesOverlap) {
  CountingRing counting(1, 1000);
  const Folder archive;
  archive.write("hot/golden/a.lms", segment_file(script::segment_header(0x70), {{counting.stretch(0, 300)}}));
  archive.write("hot/golden/b.lms", segment_file(script::segment_header(0x71), {{counting.stretch(300, 500)}}));
  archive.write("journal/1.lmj", journal_file(counting.session, {counting.stretch(200, 450), counting.stretch(450, 520),
                                                                 counting.stretch(520, 700)}));
  archive.write("journal/2.lmj",
                journal_file(counting.session, {counting.stretch(520, 700), counting.stretch(650, 800)}));
  EXPECT_EQ(read({archive.path()}).messages, counted(800));
  EXPECT_EQ(read({archive.path(), archive.path()}).messages, counted(800));
}

TEST(Archive, GoesOnInTheRingWhereTheArchiveEnds) {
  CountingRing counting(1, 1000);
  const Folder archive;
  const Folder rings;
  script::write_session(rings, counting.session);
  script::write_ring(rings, counting.session, counting.ring,
                     {.number = 0, .tail = counting.positions[400], .losses = {}});
  archive.write("hot/golden/a.lms", segment_file(script::segment_header(0x70), {{counting.stretch(0, 500)}}));
  const Reading with_segment = read({archive.path(), rings.path()});
  EXPECT_EQ(with_segment.messages, counted(1000));
  EXPECT_EQ(with_segment.json.find("\"service\":\"golden\",\"host\":\"host-1\",\"pid\":4242,\"message\""),
            std::string::npos)
      << "the thread of the ring's records is known from the segment";
  archive.write("journal/1.lmj", journal_file(counting.session, {counting.stretch(450, 700)}));
  EXPECT_EQ(read({rings.path(), archive.path()}).messages, counted(1000));
  EXPECT_EQ(read({archive.path()}).messages, counted(700));
  EXPECT_EQ(read({rings.path()}).messages, counted(1000, 400));
}

TEST(Archive, SaysWhatWasReleasedButIsNotInTheArchive) {
  CountingRing counting(1, 1000);
  const Folder archive;
  const Folder rings;
  script::write_session(rings, counting.session);
  script::write_ring(rings, counting.session, counting.ring,
                     {.number = 0, .tail = counting.positions[600], .losses = {}});
  archive.write("hot/golden/a.lms", segment_file(script::segment_header(0x70), {{counting.stretch(0, 500)}}));
  const Reading all = read({archive.path(), rings.path()});
  EXPECT_THAT(all.messages, SizeIs(900));
  EXPECT_EQ(all.exit_code, ExitCode::damaged);
}

TEST(Archive, DropsSegmentsThatAnotherReplaces) {
  CountingRing counting(1, 100);
  const Folder archive;
  archive.write("hot/golden/a.lms", segment_file(script::segment_header(0x70), {{counting.stretch(0, 50)}}));
  archive.write("hot/golden/b.lms", segment_file(script::segment_header(0x71), {{counting.stretch(50, 100)}}));
  auto merged = script::segment_header(0x72);
  merged.tier = formats::Tier::warm;
  merged.replaces = {fs::id_of(0x70), fs::id_of(0x71)};
  archive.write("warm/golden/c.lms", segment_file(merged, {{counting.stretch(0, 80)}}, {}, false));
  EXPECT_EQ(read({archive.path()}).messages, counted(100)) << "a rewrite that came to no end is no second copy";
  archive.write("warm/golden/c.lms", segment_file(merged, {{counting.all()}}));
  EXPECT_EQ(read({archive.path()}).messages, counted(100));
  std::filesystem::remove(archive.path("hot/golden/a.lms"));
  std::filesystem::remove(archive.path("hot/golden/b.lms"));
  archive.write("warm/golden/c.lms", segment_file(merged, {{counting.all()}}, {}, false));
  EXPECT_EQ(read({archive.path()}).messages, counted(100)) << "only its footer is gone: it is all there is";
}

TEST(Archive, DropsARewriteThatCameToNoEndWhenAnotherReplacedItsSource) {
  CountingRing counting(1, 100);
  const Folder archive;
  auto given_up = script::segment_header(0x72);
  given_up.replaces = {fs::id_of(0x70), fs::id_of(0x71)};
  archive.write("warm/golden/b.lms", segment_file(given_up, {{counting.stretch(0, 80)}}, {}, false));
  auto done = script::segment_header(0x73);
  done.replaces = {fs::id_of(0x70)};
  archive.write("warm/golden/c.lms", segment_file(done, {{counting.stretch(0, 50)}}));
  archive.write("hot/golden/d.lms", segment_file(script::segment_header(0x71), {{counting.stretch(50, 100)}}));
  EXPECT_EQ(read({archive.path()}).messages, counted(100)) << "one source is there, and one in another rewrite";
}

TEST(Archive, LosesOneBlockToOneDamagedByte) {
  CountingRing counting(1, 3000);
  const Folder archive;
  std::string bytes =
      segment_file(script::segment_header(0x70),
                   {{counting.stretch(0, 1000)}, {counting.stretch(1000, 2000)}, {counting.stretch(2000, 3000)}});
  archive.write("a.lms", bytes);
  std::uint64_t middle = 0;
  {
    const formats::MemorySource source(bytes);
    const auto reader = formats::SegmentReader::open(source);
    ASSERT_TRUE(reader.ok());
    middle = reader->blocks()[1].offset + reader->blocks()[1].bytes - 10;
  }
  bytes[middle] ^= 0x40;
  archive.write("a.lms", bytes);
  const Reading all = read({archive.path("a.lms")});
  auto expected = counted(1000);
  for (auto& message : counted(3000, 2000)) expected.push_back(message);
  EXPECT_EQ(all.messages, expected);
  EXPECT_EQ(all.damages, 1u);
  EXPECT_EQ(all.exit_code, ExitCode::damaged);
}

TEST(Archive, SaysWhatItIsThatIsNoneOfOurs) {
  const Folder folder;
  folder.write("notes.txt", "not a segment at all, but long enough");
  folder.write("empty", "");
  EXPECT_EQ(read({folder.path("notes.txt")}).exit_code, ExitCode::damaged);
  EXPECT_EQ(read({folder.path("empty")}).exit_code, ExitCode::damaged);
  EXPECT_EQ(read({folder.path("missing")}).exit_code, ExitCode::io);
  EXPECT_EQ(read({folder.path()}).exit_code, ExitCode::nothing_matched);
}

TEST(Archive, TakesATornEndForTheTraceOfACrash) {
  CountingRing counting(1, 100);
  const Folder archive;
  const std::string journal = journal_file(counting.session, {counting.stretch(0, 50), counting.stretch(50, 100)});
  archive.write("journal/1.lmj", journal.substr(0, journal.size() - 8));
  EXPECT_EQ(read({archive.path()}).messages, counted(50));
  EXPECT_EQ(read({archive.path()}).exit_code, ExitCode::done) << "a collector may be writing it";
  EXPECT_EQ(read({archive.path("journal/1.lmj")}).messages, counted(50));
  EXPECT_EQ(read({archive.path("journal/1.lmj")}).exit_code, ExitCode::done);
}

class Losses : public testing::Test {
 protected:
  static formats::LossCounts counts(std::uint64_t full, std::uint64_t large = 0, std::uint64_t sampled = 0) {
    formats::LossCounts out{};
    out[0] = full;
    out[2] = large;
    out[5] = sampled;
    return out;
  }

  /// A segment that holds nothing but what was lost at the ring's end.
  static std::string losses_alone(CountingRing& counting, const formats::StateVector& state,
                                  const formats::LossCounts& lost) {
    formats::SegmentWriter writer(script::segment_header(0x73));
    std::string segment = writer.begin({});
    formats::BlockBuilder builder;
    builder.add_losses(counting.session.catalog(script::owner()), counting.ring.id(), counting.ring.data_bytes(),
                       counting.ring.head(), 1, kStart + 5000, state, lost);
    segment += writer.add_block(builder.finish(
        1, [](const auto&) { return std::vector<formats::Anchor>{}; },
        [&](const auto& session) { return writer.number_of(session); }));
    return segment + writer.finish();
  }
};

TEST_F(Losses, AreTheDifferencesOfWhatTheRingSays) {
  CountingRing counting(1, 1);
  counting.ring.losses(kStart + 1000, counts(5));
  counting.ring.losses(kStart + 2000, counts(5));
  counting.ring.losses(kStart + 3000, counts(8, 2, 100));
  const Folder rings;
  script::write_session(rings, counting.session);
  script::write_ring(rings, counting.session, counting.ring, {.number = 0, .tail = 0, .losses = counts(9, 2, 100)});
  const Reading all = read({rings.path()});
  EXPECT_THAT(all.messages, ElementsAre("n 0", "5 records lost", "3 records lost", "2 records lost", "1 records lost"));
  EXPECT_EQ(std::set<std::string>(all.cursors.begin(), all.cursors.end()).size(), 5u);
  EXPECT_EQ(all.cursors.back(), "02:" + std::to_string(counting.ring.head() + 2));
  EXPECT_NE(all.json.find(R"("severity":"WARN","severity_number":13)"), std::string::npos);
  EXPECT_NE(all.json.find(R"("template":"{count} records lost","fields":{"count":2,"reason":"too_large"})"),
            std::string::npos)
      << all.json;
}

TEST_F(Losses, WithoutARingComeFromTheSession) {
  CountingRing counting(1, 1);
  const Folder rings;
  script::write_session(rings, counting.session, counts(0, 3));
  const Reading all = read({rings.path()});
  EXPECT_THAT(all.messages, ElementsAre("3 records lost"));
  EXPECT_THAT(all.cursors, ElementsAre("01:24"));
  EXPECT_EQ(all.json.find("\"tid\""), std::string::npos);
}

TEST_F(Losses, AreReportedOnceBetweenJournalAndSegment) {
  CountingRing counting(1, 10);
  const auto state = script::state_at(counting.ring, counting.ring.head()).state;
  const auto with_losses = [&](formats::JournalWriter& writer) {
    writer.losses(0, counting.ring.id(), counting.ring.head() + 1, kStart + 5000, state, counts(4));
    auto after = state;
    after.losses = counts(4);
    writer.losses(0, counting.ring.id(), counting.ring.head() + 2, kStart + 6000, after, counts(6));
  };
  const Folder archive;
  archive.write("journal/1.lmj", journal_file(counting.session, {counting.all()}, with_losses));
  auto expected = counted(10);
  expected.insert(expected.end(), {"4 records lost", "2 records lost"});
  EXPECT_EQ(read({archive.path()}).messages, expected);

  formats::SegmentWriter writer(script::segment_header(0x70));
  std::string segment = writer.begin({});
  formats::BlockBuilder builder;
  builder.add_range(counting.session.catalog(script::owner()), counting.ring.id(), counting.ring.data_bytes(), 0,
                    counting.ring.bytes(), 12, {}, state);
  builder.add_losses(counting.session.catalog(script::owner()), counting.ring.id(), counting.ring.data_bytes(),
                     counting.ring.head(), 1, kStart + 5000, state, counts(4));
  segment += writer.add_block(builder.finish(
      1, [](const auto&) { return std::vector<formats::Anchor>{}; },
      [&](const auto& session) { return writer.number_of(session); }));
  archive.write("hot/golden/a.lms", segment + writer.finish());
  EXPECT_EQ(read({archive.path()}).messages, expected) << "the segment has the first, the journal the second";

  // An older segment that ends at the same position, and does not know of losses yet, has moved on: it is listed last.
  auto older = script::segment_header(0x71);
  older.replaces = {fs::id_of(0x72)};
  archive.write("warm/golden/a.lms", segment_file(older, {{counting.all()}}));
  archive.write("hot/golden/a.lms", losses_alone(counting, state, counts(4)));
  EXPECT_EQ(read({archive.path()}).messages, expected) << "the same, in three files";
}

TEST_F(Losses, ObeyOnlyServiceAndTimes) {
  CountingRing counting(1, 3);
  counting.ring.losses(kStart + 5000, counts(5));
  const Folder archive;
  archive.write("a.lms", segment_file(script::segment_header(0x70), {{counting.all()}}));
  RecordFilter filter;
  filter.levels = 1u << static_cast<unsigned>(Level::fatal);
  EXPECT_THAT(read({archive.path()}, filter).messages, ElementsAre("5 records lost"));
  filter.until_ns = kStart + 4999;
  EXPECT_THAT(read({archive.path()}, filter).messages, SizeIs(0));
  filter = {};
  filter.services = {"other"};
  EXPECT_THAT(read({archive.path()}, filter).messages, SizeIs(0));
}

}  // namespace
}  // namespace lmlog::decoder
