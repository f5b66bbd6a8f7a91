// SPDX-License-Identifier: Apache-2.0
// Golden journals.
#include <cstring>
#include <functional>

#include "formats/src/checksum.hpp"
#include "lmlog/formats/journal_writer.hpp"
#include "tests/formats/ring_script.hpp"
#include "tests/golden/described_samples.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/golden/golden_session.hpp"
#include "tests/golden/shown.hpp"

namespace lmlog::golden {
namespace {
namespace of_journals {

using namespace script;

constexpr std::uint64_t kNoon = 1'795'000'000'000'000'000;
constexpr std::uint32_t kUid = 1000;

// A millisecond after the start of the sessions here, by a counter of 2 GHz.
constexpr std::uint64_t kTicks = 3'000'000;
constexpr Anchor kClockAnchor{kTicks, 1'795'000'000'001'000'000, 5'001'000'000};

struct Entry {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Writes a journal, and notes what a reader must get from each entry.
class JournalScript {
 public:
  explicit JournalScript(std::uint64_t sequence, std::int64_t created_ns = 1'795'000'000'000'000'000) {
    writer_.header(sequence, created_ns);
    sequence_ = sequence;
    created_ns_ = created_ns;
  }

  Entry session(std::uint32_t number, SessionScript& session) {
    const auto at = writer_.bytes().size();
    writer_.session(number, kUid, session.descriptor());
    return took(at, "session", [&](Json& e) {
      e.add("session_number", number).add("uid", kUid).add("descriptor", shown(session.descriptor()));
    });
  }

  Entry catalog(std::uint32_t number, SessionScript& session) {
    const auto at = writer_.bytes().size();
    writer_.catalog(number, 0, session.catalog_bytes());
    return took(at, "catalog",
                [&](Json& e) { e.add("catalog_offset", 0).add("bytes", session.catalog_bytes().size()); });
  }

  /// The records [first, last) of the ring, by their number.
  Entry range(std::uint32_t number, SessionScript& session, const RingScript& ring, std::size_t first, std::size_t last,
              const TickConverter& converter = TickConverter()) {
    const auto& written = ring.written();
    const std::uint64_t from = first == 0 ? ring.from() : written[first - 1].position + written[first - 1].length;
    const std::uint64_t to =
        last == written.size() ? ring.head() : written[last - 1].position + written[last - 1].length;
    StateVector state;
    Json records = Json::array();
    ShownRecords shown_records(session.catalog(), converter, {});
    for (std::size_t i = 0; i < last; ++i) {
      if (i == first) state = shown_records.state();
      const WrittenRecord& r = written[i];
      Json record = shown_records.record(r.position, r.length, r.time, r.id, r.arguments);
      if (i >= first) records.add(std::move(record));
    }
    const auto at = writer_.bytes().size();
    writer_.range(number, ring.id(), ring.data_bytes(), from, to, state, ring.bytes(from, to));
    return took(at, "range", [&](Json& e) {
      e.add("session_number", number).add("ring", ring.id().hex()).add("data_bytes", ring.data_bytes());
      e.add("from", from).add("to", to).add("state", shown(state)).add("records", records);
    });
  }

  Entry anchor(std::uint32_t number, const Anchor& anchor) {
    const auto at = writer_.bytes().size();
    writer_.anchor(number, anchor);
    return took(at, "anchor", [&](Json& e) {
      e.add("anchor", Json::array().add(anchor.tsc).add(anchor.realtime_ns).add(anchor.monotonic_raw_ns));
    });
  }

  Entry losses(std::uint32_t number, SessionScript& session, const Id128& ring, std::uint64_t position,
               std::uint64_t time, const StateVector& state, const LossCounts& counts) {
    const auto at = writer_.bytes().size();
    writer_.losses(number, ring, position, time, state, counts);
    return took(at, "losses", [&](Json& e) {
      ShownRecords records(session.catalog(), TickConverter(), state);
      e.add("session_number", number).add("ring", ring.hex()).add("position", position).add("raw_time", time);
      e.add("state", shown(state)).add("cumulative", shown_counts(counts));
      e.add("records", Json::array().add(records.losses(position, time, counts)));
    });
  }

  Entry ring_end(std::uint32_t number, const Id128& ring, std::uint64_t position) {
    const auto at = writer_.bytes().size();
    writer_.ring_end(number, ring, position);
    return took(at, "ring_end",
                [&](Json& e) { e.add("session_number", number).add("ring", ring.hex()).add("position", position); });
  }

  /// An entry of any type with any body, which a reader of this version skips.
  Entry skipped(std::uint16_t type, std::string_view body) {
    const std::string entry = raw_entry(type, 0, body);
    const Entry where{bytes().size(), entry.size()};
    extra_.emplace_back(where.offset, entry);
    added_ += entry.size();
    ++skipped_;
    return where;
  }

  /// A reader does not get this entry.
  void drop_entry(std::size_t index) { entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index)); }

  static std::string raw_entry(std::uint16_t type, std::uint16_t flags, std::string_view body) {
    JournalEntryHeader header{kJournalSync, type, flags, static_cast<std::uint32_t>(body.size()), 0, 0, 0};
    header.body_check = checksum(std::as_bytes(std::span(body.data(), body.size())));
    header.header_check = checksum(bytes_of(header, offsetof(JournalEntryHeader, header_check)));
    std::string out(reinterpret_cast<const char*>(&header), sizeof(header));
    out += body;
    out.resize(static_cast<std::size_t>(round_up_8(out.size())), '\0');
    return out;
  }

  [[nodiscard]] std::string bytes() const {
    const auto view = writer_.bytes();
    std::string out(reinterpret_cast<const char*>(view.data()), view.size());
    for (const auto& [offset, entry] : extra_) out.insert(static_cast<std::size_t>(offset), entry);
    return out;
  }

  [[nodiscard]] Json content(bool with_header = true) const {
    Json entries = Json::array();
    for (const Json& entry : entries_) entries.add(entry);
    Json out = Json::object();
    if (with_header)
      out.add("version", version)
          .add("compatible", compatible)
          .add("header_bytes", header_bytes)
          .add("sequence", sequence_)
          .add("created_ns", created_ns_);
    return out.add("entries", entries).add("skipped_entries", skipped_);
  }

  std::string version = "1.0";
  std::uint64_t compatible = 0;
  std::uint32_t header_bytes = kJournalHeaderBytes;

 private:
  template <class Fill> Entry took(std::size_t at, std::string_view type, Fill fill) {
    const Entry where{at + added_ + (header_bytes - kJournalHeaderBytes), writer_.bytes().size() - at};
    Json entry = Json::object();
    entry.add("entry", type).add("offset", where.offset).add("length", where.length);
    fill(entry);
    entries_.push_back(std::move(entry));
    return where;
  }

  JournalWriter writer_;
  std::uint64_t sequence_ = 0;
  std::int64_t created_ns_ = 0;
  std::vector<Json> entries_;
  std::vector<std::pair<std::uint64_t, std::string>> extra_;  // entries beside the writer's, by their place in the file
  std::uint64_t added_ = 0;
  std::uint32_t skipped_ = 0;
};

SessionScript session_of_journal(ClockKind clock = ClockKind::user_ns, std::uint8_t id = 0x40) {
  SessionScript session(id_of(id), clock);
  shrink(session, 8, 1024);
  session.statement(Level::info, "tick {seq}", {{ArgType::i32, "seq"}});
  session.statement(Level::error, "{what} failed", {{ArgType::string, "what"}});
  return session;
}

RingScript ring_of_journal(std::uint8_t id, int ticks, ClockKind clock = ClockKind::user_ns,
                           std::uint64_t start = kNoon) {
  RingScript ring(id_of(id));
  ring.thread(start, 21, 0, "worker");
  ring.clock(start + 1, clock, 0, kClockAnchor);
  for (int i = 0; i < ticks; ++i) ring.record(64, start + 2 + static_cast<unsigned>(i), Arguments().fixed(i));
  ring.record(65, start + 100, Arguments().string("settlement"));
  return ring;
}

GoldenCase good(std::string name, std::string what, const JournalScript& journal) {
  return {"journals", name + ".lmj", std::move(what), journal.bytes(), {}, {}, journal.content()};
}

/// Session, catalog, two ranges, and a ring's end where it is asked for; `where` are their places.
JournalScript some(std::vector<Entry>& where, bool with_end = false) {
  JournalScript journal(5);
  SessionScript session = session_of_journal();
  const RingScript ring = ring_of_journal(0x48, 3);
  where = {journal.session(0, session), journal.catalog(0, session), journal.range(0, session, ring, 0, 3),
           journal.range(0, session, ring, 3, 6)};
  if (with_end) where.push_back(journal.ring_end(0, ring.id(), ring.head()));
  return journal;
}

GoldenCase refused(std::string name, std::string what, std::string code,
                   const std::function<void(std::string&)>& change) {
  std::vector<Entry> where;
  std::string bytes = some(where).bytes();
  change(bytes);
  return {"journals", name + ".lmj", std::move(what), std::move(bytes), std::move(code), {}, {}};
}

/// Changes a byte of the header, and its check with it.
void rewrite_header(std::string& bytes, std::size_t at, char value) {
  JournalHeader header;
  bytes[at] = value;
  std::memcpy(&header, bytes.data(), sizeof(header));
  header.check = checksum(bytes_of(header, offsetof(JournalHeader, check)));
  std::memcpy(bytes.data(), &header, sizeof(header));
}

/// One bit of the header is another.
GoldenCase bad_header(const std::string& name, std::string what, std::size_t byte) {
  std::vector<Entry> where;
  JournalScript journal = some(where);
  std::string bytes = journal.bytes();
  bytes[byte] ^= 1;
  return {"journals",
          name + ".lmj",
          std::move(what),
          std::move(bytes),
          {},
          {{"damaged", 0, sizeof(JournalHeader)}},
          journal.content(false)};
}

/// The last entry of the file is torn.
GoldenCase torn(std::string name, std::string what, const std::function<void(std::string&, const Entry&)>& change) {
  std::vector<Entry> where;
  JournalScript journal = some(where);
  std::string bytes = journal.bytes();
  change(bytes, where[3]);
  journal.drop_entry(3);
  return {"journals",
          name + ".lmj",
          std::move(what),
          bytes,
          {},
          {{"truncated", where[3].offset, bytes.size() - where[3].offset}},
          journal.content()};
}

/// The range before the last entry is damaged.
GoldenCase damaged(std::string name, std::string what, const std::function<void(std::string&, const Entry&)>& change) {
  std::vector<Entry> where;
  JournalScript journal = some(where, true);
  std::string bytes = journal.bytes();
  change(bytes, where[3]);
  journal.drop_entry(3);
  return {"journals",       name + ".lmj", std::move(what), bytes, {}, {{"damaged", where[3].offset, where[3].length}},
          journal.content()};
}

GoldenCase padded() {
  JournalScript journal(6);
  journal.version = "1.4";
  journal.compatible = 2;
  journal.header_bytes = 96;
  SessionScript session = session_of_journal();
  journal.session(0, session);
  journal.skipped(40000, "an entry of a type that older readers skip");
  journal.catalog(0, session);
  const RingScript ring = ring_of_journal(0x49, 2);
  journal.range(0, session, ring, 0, 5);
  journal.skipped(65535, "");
  std::string bytes = journal.bytes();
  JournalHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  header.minor = 4;
  header.compatible = 2;
  header.header_bytes = 96;
  header.reserved = 0x1234;
  header.check = checksum(bytes_of(header, offsetof(JournalHeader, check)));
  std::memcpy(bytes.data(), &header, sizeof(header));
  bytes.insert(sizeof(header), std::string(32, '\x77'));
  return {"journals", "padded.lmj",     "A later minor version: a longer header, unknown entries and flags.", bytes, {},
          {},         journal.content()};
}

}  // namespace of_journals
}  // namespace

std::vector<GoldenCase> journal_cases() {
  using namespace of_journals;
  std::vector<GoldenCase> out;
  out.push_back(good("smallest", "A header and nothing else.", JournalScript(0)));
  std::vector<Entry> where;
  out.push_back(good("ranges", "One session, two ranges of one ring that follow each other.", some(where)));

  JournalScript many(0xABCDEF);
  SessionScript first = session_of_journal();
  SessionScript second = session_of_journal(ClockKind::user_ns, 0x44);
  const RingScript ring = ring_of_journal(0x4A, 4);
  const RingScript ended = ring_of_journal(0x4B, 2);
  many.session(0, first);
  many.catalog(0, first);
  many.session(1, second);
  many.catalog(1, second);
  many.range(1, second, ended, 0, 5);
  many.range(0, first, ring, 0, 7);
  LossCounts counts{};
  counts[0] = 7;
  many.losses(1, second, ended.id(), ended.head() + 1, kNoon + 500, ended.state(), counts);
  StateVector state = ended.state();
  state.losses = counts;
  state.sort_key = kNoon + 500;
  counts[0] = 9;
  counts[1] = 1;
  many.losses(1, second, ended.id(), ended.head() + 2, kNoon + 600, state, counts);
  many.ring_end(1, ended.id(), ended.head());
  LossCounts without_ring{};
  without_ring[3] = 5;
  many.losses(1, second, second.descriptor().session_id, 40, kNoon + 700, {}, without_ring);
  out.push_back(good("sessions", "Two sessions, losses at the end of a ring and without a ring, a ring's end.", many));

  JournalScript tsc(2);
  SessionScript clocked = session_of_journal(ClockKind::tsc);
  const Anchor later{4'001'000'000, 1'795'000'002'000'000'000, 7'000'000'000};
  const SessionDescriptor& d = clocked.descriptor();
  const TickConverter ticks({{d.start_tsc, d.start_realtime_ns, 0}, kClockAnchor, later}, d.tsc_hz);
  tsc.session(0, clocked);
  tsc.catalog(0, clocked);
  tsc.range(0, clocked, ring_of_journal(0x4C, 4, ClockKind::tsc, kTicks), 0, 7, ticks);
  tsc.anchor(0, later);
  out.push_back(good("tsc", "A session whose clock is the TSC, and a later anchor of it.", tsc));

  JournalScript described(9);
  SessionScript of_parts(id_of(0x45));
  shrink(of_parts, 8, 4096);
  const auto values = described_statement(of_parts);
  RingScript ring_of_parts(id_of(0x4D));
  for (unsigned i = 0; i < 2; ++i) ring_of_parts.record(values, kNoon + i, described_values());
  described.session(0, of_parts);
  described.catalog(0, of_parts);
  described.range(0, of_parts, ring_of_parts, 0, 2);
  out.push_back(good("described", "Arguments with type descriptions.", described));
  out.push_back(padded());

  out.push_back(
      refused("not_ours", "The magic is another, and no entry stands behind the header.", "not_ours", [](auto& b) {
        b[7] = 'X';
        b.resize(sizeof(JournalHeader));
      }));
  out.push_back(refused("newer_major", "Major version 2.", "unsupported", [](auto& b) { rewrite_header(b, 8, 2); }));
  out.push_back(
      refused("incompatible_flag", "An incompatible flag.", "unsupported", [](auto& b) { rewrite_header(b, 23, 1); }));
  out.push_back(bad_header("bad_magic", "The magic is another; entries follow.", 7));
  out.push_back(bad_header("bad_version", "The major version is not the one that was checked; entries follow.", 8));
  out.push_back(bad_header("bad_header_check", "The sequence is not the one that was checked; entries follow.", 32));
  out.push_back(refused("cut_header", "The file ends within its header.", "truncated", [](auto& b) { b.resize(40); }));

  out.push_back(torn("torn_body", "The last range is cut off in its body.",
                     [](auto& b, const Entry&) { b.resize(b.size() - 9); }));
  out.push_back(torn("torn_header", "The last entry is cut off in its header.",
                     [](auto& b, const Entry& e) { b.resize(e.offset + 20); }));
  out.push_back(torn("torn_bad_body", "The last range fails its check, and nothing follows.",
                     [](auto& b, const Entry& e) { b[e.offset + 60] ^= 1; }));
  out.push_back(
      damaged("bad_body", "A range fails its check.", [](auto& b, const Entry& e) { b[e.offset + 60] ^= 1; }));
  out.push_back(damaged("bad_entry_header", "An entry's header fails its check.",
                        [](auto& b, const Entry& e) { b[e.offset + 9] ^= 1; }));
  out.push_back(
      damaged("bad_sync", "An entry's sync word is another.", [](auto& b, const Entry& e) { b[e.offset] = 'X'; }));
  out.push_back(damaged("bad_range", "A range's bytes are fewer than its positions say.", [](auto& b, const Entry& e) {
    std::string body = b.substr(e.offset + sizeof(JournalEntryHeader), e.length - sizeof(JournalEntryHeader));
    body[40] = static_cast<char>(body[40] + 8);  // `to`
    b.replace(e.offset, e.length, JournalScript::raw_entry(3, 0, body));
  }));

  JournalScript unknown = some(where);
  std::string bytes = unknown.bytes();
  const std::uint64_t at = bytes.size();
  bytes += JournalScript::raw_entry(9, 0, "an entry of a type that must be understood");
  out.push_back({"journals",
                 "unknown_entry.lmj",
                 "An entry of type 9: a reader stops at it.",
                 bytes,
                 {},
                 {{"unsupported", at, bytes.size() - at}},
                 unknown.content()});

  JournalScript missing(8);
  SessionScript session = session_of_journal();
  const RingScript gapped = ring_of_journal(0x4D, 5);
  missing.session(0, session);
  missing.catalog(0, session);
  missing.range(0, session, gapped, 0, 3);
  const Entry behind = missing.range(0, session, gapped, 5, 8);
  out.push_back({"journals",
                 "missing_bytes.lmj",
                 "Two ticks between the two ranges of a ring are in no entry.",
                 missing.bytes(),
                 {},
                 {{"damaged", behind.offset, 0}},
                 missing.content()});
  return out;
}

}  // namespace lmlog::golden
