// SPDX-License-Identifier: Apache-2.0
// Golden session files. They are a few kilobytes: few control words, and a small catalog.
#include <cstring>
#include <functional>

#include "tests/formats/ring_script.hpp"
#include "tests/golden/described_samples.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/golden/golden_session.hpp"
#include "tests/golden/shown.hpp"

namespace lmlog::golden {
namespace {
namespace of_sessions {

using namespace script;

template <class T> void poke(std::string& bytes, std::size_t offset, const T& value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
}

/// The changing part of a header page, and the file around it.
struct SessionFile {
  SessionScript session;
  std::uint32_t state = 1;
  LossCounts losses{};
  std::uint64_t rings_made = 0;
  std::uint32_t retired = 0;
  std::uint64_t coarse_ns = 0;
  Anchor anchor{};
  std::vector<std::uint64_t> control_words;
  std::vector<std::pair<std::uint32_t, std::string>> loggers;
  std::uint32_t skipped_entries = 0;

  explicit SessionFile(SessionScript script) : session(std::move(script)) { shrink(session, 8, 1024); }

  void logger(std::uint32_t id, std::string_view name) {
    ByteWriter body;
    body.put(id);
    body.put(static_cast<std::uint16_t>(name.size()));
    body.text(name);
    session.entry(2, body.str_ref());
    loggers.emplace_back(id, name);
  }

  [[nodiscard]] std::string bytes() const {
    const SessionDescriptor& d = session.descriptor();
    std::string out(static_cast<std::size_t>(d.file_bytes), '\0');
    poke(out, 0, d);
    poke(out, kSessionStateOffset, state);
    poke(out, kCatalogHeadOffset, std::uint64_t{session.catalog_bytes().size()});
    poke(out, kSessionLossesOffset, losses);
    poke(out, kRingsMadeOffset, rings_made);
    poke(out, kSessionRetiredOffset, retired);
    poke(out, kCoarseTimeOffset, coarse_ns);
    if (anchor != Anchor{}) {
      poke(out, kAnchorOffset, anchor);
      poke(out, kAnchorOffset + sizeof(anchor),
           anchor.tsc ^ static_cast<std::uint64_t>(anchor.realtime_ns) ^
               static_cast<std::uint64_t>(anchor.monotonic_raw_ns) ^ kAnchorCheck);
    }
    for (std::size_t i = 0; i < control_words.size(); ++i)
      poke(out, static_cast<std::size_t>(d.control_offset) + 8 * i, control_words[i]);
    const std::string_view catalog(reinterpret_cast<const char*>(session.catalog_bytes().data()),
                                   session.catalog_bytes().size());
    out.replace(static_cast<std::size_t>(d.catalog_offset), catalog.size(), catalog);
    return out;
  }

  /// `catalog_head`, and how many statements a reader gets, when the catalog ends early.
  [[nodiscard]] Json content(std::uint64_t catalog_head, const SessionCatalog& catalog) const {
    Json words = Json::object();
    for (std::size_t i = 0; i < control_words.size(); ++i) {
      const std::uint64_t word = control_words[i];
      if ((word & (kControlOff | kControlAttention | kControlRuleOff)) == 0 && word >> kControlThresholdShift == 0)
        continue;
      words.add(std::to_string(kFirstStatementId + i), Json::object()
                                                           .add("off_by_level", (word & kControlOff) != 0)
                                                           .add("attention", (word & kControlAttention) != 0)
                                                           .add("off_by_rule", (word & kControlRuleOff) != 0)
                                                           .add("keep_threshold", word >> kControlThresholdShift));
    }
    Json names = Json::object();
    for (const auto& [id, name] : loggers) names.add(std::to_string(id), name);
    Json last = Json::array();
    if (anchor != Anchor{}) last.add(anchor.tsc).add(anchor.realtime_ns).add(anchor.monotonic_raw_ns);
    return Json::object()
        .add("descriptor", shown(session.descriptor()))
        .add("state", state == 2 ? "closed" : "open")
        .add("retired", retired)
        .add("rings_made", rings_made)
        .add("coarse_ns", coarse_ns)
        .add("last_anchor", anchor != Anchor{} ? last : Json())
        .add("catalog_head", catalog_head)
        .add("losses", shown_counts(losses))
        .add("control_words", words)
        .add("catalog", Json::object()
                            .add("statements", shown_statements(catalog))
                            .add("loggers", names)
                            .add("skipped_entries", skipped_entries));
  }
  [[nodiscard]] Json content() { return content(session.catalog_bytes().size(), session.catalog()); }
};

SessionFile smallest() {
  SessionScript session(id_of(1));
  session.statement(Level::info, "up", {});
  SessionFile file(std::move(session));
  shrink(file.session, 1, 64);
  return file;
}

SessionFile everything() {
  SessionFile file(SessionScript(id_of(2), ClockKind::tsc, "matching engine/1"));
  shrink(file.session, 8, 2048);
  file.logger(7, "md.itch");
  all_types_statement(file.session);
  file.session.statement(Level::warn, "rejected", {{ArgType::string, "reason"}, {ArgType::i64, "order_id"}});
  file.session.statement(Level::trace, "{{}} {} and {}", {{ArgType::u8, ""}, {ArgType::string, ""}});
  file.session.statement(Level::fatal, "", {}, "", 0);
  file.session.descriptor().policy = static_cast<std::uint32_t>(RingPolicy::block);
  file.losses[3] = 12;
  file.losses[4] = 1;
  file.losses[31] = 0xFFFF'FFFF'FFFF'FFFF;
  file.rings_made = 3;
  file.coarse_ns = 1'795'000'000'123'000'000;
  file.anchor = {2'001'000'000, 1'795'000'001'000'000'000, 6'000'000'000};
  file.control_words = {0, kControlOff, kControlAttention | kControlRuleOff, std::uint64_t{0x800000} << 40};
  return file;
}

SessionFile padded() {
  SessionFile file(SessionScript(id_of(3)));
  SessionDescriptor& d = file.session.descriptor();
  d.minor = 9;
  d.compatible = 0x8000'0000'0000'0001;
  file.session.entry(900, "an entry of a type that is not known yet");
  file.skipped_entries = 1;
  StatementParts::Arg arguments[] = {{static_cast<std::uint8_t>(ArgType::u32), kArgInMessage | kArgNamed | 0x40, "n"},
                                     {20, kArgNamed, "later_type"}};
  file.session.statement(Level::notice, "n {n}", 0x8000, arguments, "bytes behind the names");
  file.session.entry(3, "struct type");
  ++file.skipped_entries;
  file.control_words = {std::uint64_t{0xFE} << 32 | 0xFFFF'FF00};  // bits that are not known are zero
  return file;
}

GoldenCase good(std::string name, std::string what, SessionFile file) {
  return {"sessions", name + ".session", std::move(what), file.bytes(), {}, {}, file.content()};
}

GoldenCase refused(std::string name, std::string what, std::string code,
                   const std::function<void(std::string&)>& change) {
  std::string bytes = smallest().bytes();
  change(bytes);
  return {"sessions", name + ".session", std::move(what), std::move(bytes), std::move(code), {}, {}};
}

/// A session whose third catalog entry is changed: two statements remain, the rest of the catalog is damage.
GoldenCase damaged_catalog(std::string name, std::string what, const std::function<void(std::string&)>& change_entry) {
  SessionFile file(SessionScript(id_of(4)));
  file.session.statement(Level::info, "first", {});
  file.session.statement(Level::info, "second {n}", {{ArgType::u32, "n"}});
  const std::size_t good_bytes = file.session.catalog_bytes().size();
  SessionScript known = SessionScript(id_of(4));
  known.statement(Level::info, "first", {});
  known.statement(Level::info, "second {n}", {{ArgType::u32, "n"}});
  file.session.statement(Level::error, "third {x}", {{ArgType::f64, "x"}});
  file.session.statement(Level::error, "fourth", {});
  const std::uint64_t head = file.session.catalog_bytes().size();
  const auto at = static_cast<std::size_t>(file.session.descriptor().catalog_offset) + good_bytes;
  std::string bytes = file.bytes();
  std::string entries = bytes.substr(at);
  change_entry(entries);
  bytes.replace(at, entries.size(), entries);
  return {"sessions",
          name + ".session",
          std::move(what),
          std::move(bytes),
          {},
          {{"damaged", at, head - good_bytes}},
          file.content(head, known.catalog())};
}

}  // namespace of_sessions
}  // namespace

std::vector<GoldenCase> session_cases() {
  using namespace of_sessions;
  std::vector<GoldenCase> out;
  out.push_back(good("smallest", "One statement without arguments, one control word, nothing else.", smallest()));
  out.push_back(good("everything", "All argument types, a logger, losses without a ring, control words, an anchor.",
                     everything()));
  SessionFile described(SessionScript(id_of(5)));
  shrink(described.session, 8, 4096);
  described_statement(described.session);
  out.push_back(good("described", "Arguments with type descriptions.", std::move(described)));
  SessionFile closed = smallest();
  closed.state = 2;
  closed.retired = 1;
  out.push_back(good("closed", "Closed by its producer and retired by a collector.", std::move(closed)));
  out.push_back(good("empty_catalog", "No statement has registered yet.", SessionFile(SessionScript(id_of(5)))));
  out.push_back(good("padded", "A later minor version: unknown entries, flags, bits, an argument type, longer entries.",
                     padded()));

  out.push_back(refused("bad_magic", "The magic is another.", "not_ours", [](auto& b) { b[3] = 'X'; }));
  out.push_back(refused("newer_major", "Major version 2.", "unsupported", [](auto& b) { b[8] = 2; }));
  out.push_back(refused("incompatible_flag", "An incompatible flag that is not known.", "unsupported",
                        [](auto& b) { b[19] = 4; }));
  out.push_back(
      refused("cut", "The file ends within the catalog.", "truncated", [](auto& b) { b.resize(b.size() - 20); }));
  out.push_back(
      refused("cut_header", "The file ends within the descriptor.", "truncated", [](auto& b) { b.resize(300); }));
  out.push_back(refused("bad_clock", "Clock kind 9.", "damaged", [](auto& b) { b[60] = 9; }));
  out.push_back(refused("bad_name_length", "A service name of 65 bytes.", "damaged", [](auto& b) { b[160] = 65; }));
  out.push_back(refused("bad_places", "The catalog begins within the control words.", "damaged",
                        [](auto& b) { poke(b, 112, std::uint64_t{4096}); }));

  out.push_back(damaged_catalog("bad_catalog_hash", "The third statement's site hash is not that of its parts.",
                                [](auto& e) { e[16] ^= 1; }));
  out.push_back(damaged_catalog("bad_catalog_length", "The third entry is longer than the catalog.",
                                [](auto& e) { e[1] = 0x40; }));
  out.push_back(damaged_catalog("bad_catalog_level", "The third statement has level 7.", [](auto& e) { e[24] = 7; }));
  out.push_back(
      damaged_catalog("bad_catalog_order", "The third statement has the id of the fifth.", [](auto& e) { e[8] += 2; }));
  return out;
}

}  // namespace lmlog::golden
