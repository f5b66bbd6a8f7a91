// SPDX-License-Identifier: Apache-2.0
// Golden ring files, and the session to which all of them belong.
#include <cstring>
#include <functional>

#include "lmlog/formats/file_names.hpp"
#include "tests/formats/ring_script.hpp"
#include "tests/golden/described_samples.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/golden/golden_session.hpp"
#include "tests/golden/ring_file.hpp"
#include "tests/golden/shown.hpp"

namespace lmlog::golden {
namespace {
namespace of_rings {

using namespace script;

constexpr std::uint64_t kNoon = 1'795'000'000'000'000'000;

template <class T> void poke(std::string& bytes, std::size_t offset, const T& value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
}

/// The session of all rings here.
struct Rings {
  SessionScript session{id_of(0x20)};
  std::uint32_t types, text, tick;
  TickConverter converter{{}, 0};

  Rings() {
    shrink(session, 8, 1024);
    types = all_types_statement(session);
    text = session.statement(Level::info, "{text}", {{ArgType::string, "text"}});
    tick = session.statement(Level::warn, "tick {seq}", {{ArgType::i32, "seq"}});
  }

  /// A ring whose first records are those that every ring begins with.
  [[nodiscard]] RingScript ring(std::uint8_t id, std::uint64_t data_bytes = kMinRingBytes) const {
    RingScript out(id_of(id), data_bytes);
    out.thread(kNoon, 17, 0, "main");
    out.clock(kNoon + 1, ClockKind::user_ns, 0, {0, static_cast<std::int64_t>(kNoon), 1});
    return out;
  }

  [[nodiscard]] GoldenCase good(std::string name, std::string what, const RingFile& file) {
    return {"rings",
            name + ".ring",
            std::move(what),
            file.bytes(),
            {},
            {},
            file.content(session.catalog(), converter, file.tail, file.ring.head(), begin(file))};
  }

  [[nodiscard]] GoldenCase refused(std::string name, std::string what, std::string code,
                                   const std::function<void(std::string&)>& change) {
    std::string bytes = some(0xC0).bytes();
    change(bytes);
    return {"rings", name + ".ring", std::move(what), std::move(bytes), std::move(code), {}, {}};
  }

  /// Readable up to the third tick, whose bytes are changed; or nothing of it, when its header says what cannot be.
  [[nodiscard]] GoldenCase damaged(std::string name, std::string what,
                                   const std::function<void(std::string&)>& change) {
    const RingFile file = some(0xD0);
    const std::uint64_t at = file.ring.written()[4].position;
    std::string bytes = file.bytes();
    std::string record = bytes.substr(file.offset_of(at));
    change(record);
    bytes.replace(file.offset_of(at), record.size(), record);
    return {"rings",
            name + ".ring",
            std::move(what),
            std::move(bytes),
            {},
            {{"damaged", file.offset_of(at), file.ring.head() - at}},
            file.content(session.catalog(), converter, 0, at, {})};
  }

  [[nodiscard]] GoldenCase bad_place(std::string name, std::string what, std::uint64_t offset, std::uint64_t length,
                                     const std::function<void(std::string&)>& change) {
    std::string bytes = some(0xC0).bytes();
    change(bytes);
    return {"rings",
            name + ".ring",
            std::move(what),
            std::move(bytes),
            {},
            {{"damaged", offset, length}},
            Json::object().add("records", Json::array())};
  }

  /// Thread, clock, and four ticks.
  [[nodiscard]] RingFile some(std::uint8_t id) const {
    RingScript out = ring(id);
    for (std::int32_t i = 0; i < 4; ++i) out.record(tick, kNoon + 10 + static_cast<unsigned>(i), Arguments().fixed(i));
    return {std::move(out), id_of(0x20)};
  }

 private:
  static StateVector begin(const RingFile& file) {
    StateVector state;
    state.index = file.drained;
    return state;
  }
};

/// Every kind of record that this version knows, statements between them, and what the state makes of them.
RingScript all_kinds(const Rings& rings, std::uint8_t id) {
  RingScript out = rings.ring(id);
  std::uint64_t time = kNoon + 100;
  const auto tick = [&] {
    ++time;
    out.record(rings.tick, time, Arguments().fixed(static_cast<std::int32_t>(time % 1000)));
  };
  for (unsigned i = 0; i < 4; ++i) out.record(rings.types, ++time, all_types_values(i));
  tick();
  ByteWriter context;
  context.put(id_of(0x71));
  context.put(std::uint64_t{0x0807060504030201});
  context.put(std::uint32_t{1});
  context.put(std::uint32_t{1});
  for (const std::string_view text : {"user", "alice"}) {
    context.put(static_cast<std::uint32_t>(text.size()));
    context.text(text);
  }
  out.record(3, ++time, context.str_ref());
  tick();
  ByteWriter span;
  span.put(id_of(0x71));
  span.put(std::uint64_t{0x1111});
  span.put(std::uint64_t{0x0807060504030201});
  span.put(std::uint32_t{5});
  span.text("match");
  out.record(7, ++time, span.str_ref());
  tick();
  ByteWriter weight;
  weight.put(rings.tick);
  weight.put(std::uint32_t{0});
  weight.put(2.5);
  out.record(5, ++time, weight.str_ref());
  tick();
  ByteWriter backtrace;
  backtrace.put(std::uint32_t{2});
  backtrace.put(std::uint32_t{0});
  backtrace.put(std::uint64_t{0x401000});
  backtrace.put(std::uint64_t{0x402abc});
  out.record(9, ++time, backtrace.str_ref());
  ByteWriter end;
  end.put(std::uint64_t{0x1111});
  end.put(std::uint32_t{2});
  end.put(std::uint32_t{0});
  out.record(8, ++time, end.str_ref());
  LossCounts losses{};
  losses[0] = 40;
  losses[5] = 3;
  out.losses(++time, losses);
  out.record(rings.tick, time - 50, Arguments().fixed(std::int32_t{-1}));  // its time goes back, its sort key does not
  out.record(3, ++time, std::string(32, '\0'));                            // no context from here on
  tick();
  out.thread(++time, 18, 1, "second");
  tick();
  return out;
}

RingFile overwrite_ring(const Rings& rings) {
  constexpr std::uint64_t kSub = 8192;
  RingFile file(RingScript(id_of(0x60)), id_of(0x20));
  file.descriptor.policy = static_cast<std::uint32_t>(RingPolicy::overwrite);
  file.descriptor.sub_buffer_bytes = kSub;
  RingScript& ring = file.ring;
  const auto enter = [&file, &ring](std::uint64_t time) {
    file.floor = ring.head() + kSub > kMinRingBytes ? ring.head() + kSub - kMinRingBytes : 0;
    ByteWriter state;
    ring.state().write(state);
    ByteWriter body;
    body.put(ring.head());
    body.put(ring.state().index);
    write_losses(ring.state().losses, body);
    body.put(static_cast<std::uint32_t>(state.size()));
    body.put(std::uint32_t{0});
    body.bytes(state.view());
    ring.record(10, time, body.str_ref());
  };
  enter(kNoon);
  ring.thread(kNoon, 17, 0, "main");
  ring.clock(kNoon + 1, ClockKind::user_ns, 0, {0, static_cast<std::int64_t>(kNoon), 1});
  for (std::uint64_t i = 0; i < 40; ++i) {
    const std::string arguments = Arguments().string(std::string(2500, static_cast<char>('a' + i % 26))).bytes();
    const std::uint64_t length = record_length(arguments.size());
    if (const std::uint64_t room = kSub - ring.head() % kSub; room < length && room != kSub) ring.pad(room);
    if (ring.head() % kSub == 0) enter(kNoon + 100 + i);
    ring.record(rings.text, kNoon + 100 + i, arguments, kSub - (ring.head() + length) % kSub == 8 ? 8 : 0);
  }
  return file;
}

void add_good(Rings& rings, std::vector<GoldenCase>& out) {
  RingFile empty(RingScript(id_of(0x30)), id_of(0x20));
  empty.owner = 0;
  empty.thread = {};
  out.push_back(rings.good("empty", "No record yet.", empty));
  out.push_back(
      rings.good("kinds", "All argument types and all kinds of records.", {all_kinds(rings, 0x31), id_of(0x20), 1}));

  // 65,536 bytes: after 2,720 ticks of 24 bytes and the first two records the wrap is met with some bytes left.
  for (const auto& [name, what, extra] : {std::tuple{"wrapped_pad", "The wrap carries a pad.", 0u},
                                          std::tuple{"wrapped_gap", "The wrap is met with a gap of 8 bytes.", 1u}}) {
    RingScript ring = rings.ring(static_cast<std::uint8_t>(0x32 + extra));
    std::int32_t seq = 0;
    const std::uint64_t target = kMinRingBytes - (extra == 1 ? 8 : 16);
    while (ring.head() + 48 <= target) ring.record(rings.tick, kNoon + ring.head(), Arguments().fixed(seq++));
    ring.record(rings.tick, kNoon + ring.head(), Arguments().fixed(seq++).bytes(), target - ring.head() - 24);
    const std::uint64_t tail = ring.written()[ring.written().size() - 4].position;
    const std::uint64_t drained = ring.state().index - 4;
    for (int i = 0; i < 5; ++i) ring.record(rings.tick, kNoon + ring.head(), Arguments().fixed(seq++));
    RingFile file(std::move(ring), id_of(0x20), 2 + extra);
    file.tail = tail;
    file.drained = drained;
    out.push_back(rings.good(name, what, file));
  }

  RingScript full = rings.ring(0x34);
  for (int i = 0; i < 7; ++i)
    full.record(rings.text, kNoon + 50, Arguments().string(std::string(9000, static_cast<char>('a' + i))));
  const std::uint64_t left = kMinRingBytes - full.head();
  full.record(rings.text, kNoon + 60, Arguments().string(std::string(static_cast<std::size_t>(left) - 20, 'z'), true));
  RingFile full_file(std::move(full), id_of(0x20), 4);
  full_file.losses[0] = 5;
  out.push_back(rings.good("full", "Not a byte is free, and five records were dropped since.", full_file));

  RingFile drained = rings.some(0x35);
  drained.tail = drained.ring.head();
  drained.drained = 4;
  drained.retired = 1;
  out.push_back(rings.good("drained", "All is drained, and the ring is retired.", drained));

  RingScript large = rings.ring(0x36, 4 * kMinRingBytes);
  large.record(rings.text, kNoon + 5, Arguments().string(std::string(32740, 's')));  // the longest short record
  large.record(rings.text, kNoon + 6, Arguments().string(std::string(32741, 'e')));  // the shortest extended one
  large.record(rings.text, kNoon + 7, Arguments().string(std::string(60000, 'x')));
  large.record(rings.tick, kNoon + 8, Arguments().fixed(std::int32_t{1}).bytes(), 40000);  // extended by slack alone
  out.push_back(rings.good("extended", "Records around the longest length that is not extended.",
                           {std::move(large), id_of(0x20), 6}));

  RingScript lossy = rings.ring(0x37);
  LossCounts counts{};
  for (std::uint64_t i = 1; i <= 3; ++i) {
    counts[0] += 10 * i;
    counts[9] = i / 3;
    lossy.losses(kNoon + 10 * i, counts);
    lossy.record(rings.tick, kNoon + 10 * i + 1, Arguments().fixed(static_cast<std::int32_t>(i)));
  }
  RingFile lossy_file(std::move(lossy), id_of(0x20), 7);
  counts[0] += 2;
  counts[1] = 4;
  lossy_file.losses = counts;
  out.push_back(rings.good("losses", "Loss records, and counters that are ahead of the last.", lossy_file));

  RingFile overwrite = overwrite_ring(rings);
  StateVector begin;
  for (const auto& r : overwrite.ring.written()) {
    if (r.position != overwrite.floor) continue;
    ByteReader in(std::as_bytes(std::span(r.arguments.data(), r.arguments.size())));
    (void)in.bytes(16 + 8);
    const auto bytes = in.take<std::uint32_t>();
    (void)in.take<std::uint32_t>();
    begin = StateVector::parse(in.bytes(bytes)).value();
  }
  out.push_back(
      {"rings",
       "overwrite.ring",
       "A flight recorder: eight sub-buffers, the oldest overwritten.",
       overwrite.bytes(),
       {},
       {},
       overwrite.content(rings.session.catalog(), rings.converter, overwrite.floor, overwrite.ring.head(), begin)});

  RingFile padded = rings.some(0x38);
  padded.descriptor.minor = 3;
  padded.descriptor.compatible = 0xFF00;
  padded.ring.record(40, kNoon + 20, "a kind that is not known yet");
  padded.ring.record(63, kNoon + 21, "");
  ByteWriter thread;
  thread.put(std::uint32_t{19});
  thread.put(std::uint32_t{1});
  thread.put(std::uint32_t{5});
  thread.text("later, and more");
  padded.ring.record(2, kNoon + 22, thread.str_ref());  // a body that is longer than this version needs
  LossCounts unknown{};
  unknown[20] = 6;
  padded.ring.losses(kNoon + 23, unknown);
  padded.ring.record(rings.tick, kNoon + 24, Arguments().fixed(std::int32_t{5}).bytes(), 64);
  std::string bytes = padded.bytes();
  for (std::size_t i = 904; i < 4096; ++i) bytes[i] = '\x5A';
  GoldenCase padded_case =
      rings.good("padded", "A later minor version: unknown kinds, flags, reasons, longer bodies.", padded);
  padded_case.bytes = bytes;
  out.push_back(std::move(padded_case));
}

void add_broken(Rings& rings, std::vector<GoldenCase>& out) {
  out.push_back(rings.refused("bad_magic", "The magic is another.", "not_ours", [](auto& b) { b[0] = 'X'; }));
  out.push_back(rings.refused("newer_major", "Major version 2.", "unsupported", [](auto& b) { b[8] = 2; }));
  out.push_back(rings.refused("incompatible_flag", "An incompatible flag.", "unsupported", [](auto& b) { b[16] = 1; }));
  out.push_back(
      rings.refused("cut", "The file ends within its data.", "truncated", [](auto& b) { b.resize(b.size() - 8); }));
  out.push_back(rings.refused("bad_data_bytes", "The data bytes are no power of two.", "damaged",
                              [](auto& b) { poke(b, 64, std::uint64_t{65528}); }));
  out.push_back(rings.refused("bad_policy", "Policy 4.", "damaged", [](auto& b) { b[76] = 4; }));

  out.push_back(
      rings.damaged("bad_stamp", "The third tick has the stamp of another position.", [](auto& r) { r[8] ^= 1; }));
  out.push_back(rings.damaged("bad_length_short", "The third tick is shorter than a header.",
                              [](auto& r) { poke(r, 12, pack_id_and_length(66, 8)); }));
  out.push_back(rings.damaged("bad_length_long", "The third tick goes past the head.",
                              [](auto& r) { poke(r, 12, pack_id_and_length(66, 4096)); }));
  out.push_back(
      rings.damaged("bad_extended", "The third tick is extended, and not longer than a short one may be.", [](auto& r) {
        poke(r, 12, pack_id_and_length(66, 0));
        poke(r, 16, std::uint64_t{24});
      }));
  out.push_back(rings.damaged("unknown_kind", "The third tick is of kind 12, which must be understood.",
                              [](auto& r) { poke(r, 12, pack_id_and_length(12, 24)); }));
  out.push_back(rings.damaged("kind_zero", "The third tick is of kind 0.",
                              [](auto& r) { poke(r, 12, pack_id_and_length(0, 24)); }));
  out.push_back(rings.damaged("unknown_statement", "The third tick is of a statement that the catalog does not have.",
                              [](auto& r) { poke(r, 12, pack_id_and_length(70, 24)); }));

  out.push_back(rings.bad_place("bad_head", "The head is no multiple of 8.", 256, 8, [](auto& b) { b[256] += 4; }));
  out.push_back(rings.bad_place("bad_head_far", "The head is more than the ring's size above the tail.", 256, 8,
                                [](auto& b) { poke(b, 256, std::uint64_t{65544}); }));
  out.push_back(
      rings.bad_place("bad_tail", "The tail and its inverse disagree.", 320, 32, [](auto& b) { b[320] = 8; }));
}

GoldenCase session_case(SessionScript& script, std::string what) {
  const SessionDescriptor& d = script.descriptor();
  std::string bytes(static_cast<std::size_t>(d.file_bytes), '\0');
  poke(bytes, 0, d);
  poke(bytes, kSessionStateOffset, std::uint32_t{1});
  poke(bytes, kCatalogHeadOffset, std::uint64_t{script.catalog_bytes().size()});
  std::memcpy(bytes.data() + d.catalog_offset, script.catalog_bytes().data(), script.catalog_bytes().size());
  return {"rings",
          session_file_name("golden", d.pid, d.session_id),
          std::move(what),
          bytes,
          {},
          {},
          Json::object()
              .add("descriptor", shown(d))
              .add("catalog", Json::object().add("statements", shown_statements(script.catalog())))};
}

/// A ring with a session of its own, as the catalog of the others is full.
void add_described(std::vector<GoldenCase>& out) {
  SessionScript session(id_of(0x21));
  shrink(session, 8, 4096);
  const auto statement = described_statement(session);
  out.push_back(session_case(session, "The session of the ring with described arguments."));
  RingScript ring(id_of(0x39), kMinRingBytes);
  ring.thread(kNoon, 17, 0, "main");
  ring.record(statement, kNoon + 1, described_values());
  const RingFile file(std::move(ring), id_of(0x21));
  out.push_back({"rings",
                 "described.ring",
                 "Arguments with type descriptions, some of them cut, some that make no sense.",
                 file.bytes(),
                 {},
                 {},
                 file.content(session.catalog(), TickConverter({}, 0), file.tail, file.ring.head(), {})});
}

}  // namespace of_rings
}  // namespace

std::vector<GoldenCase> ring_cases() {
  using namespace of_rings;
  Rings rings;
  std::vector<GoldenCase> out;
  out.push_back(session_case(rings.session, "The session of the rings in this folder."));
  add_good(rings, out);
  add_broken(rings, out);
  add_described(out);
  return out;
}

}  // namespace lmlog::golden
