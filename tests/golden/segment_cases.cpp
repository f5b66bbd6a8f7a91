// SPDX-License-Identifier: Apache-2.0
// Golden segments, good ones and broken ones. Those of a later version are in padded_segment.cpp.
#include <cstring>
#include <functional>

#include "formats/src/part.hpp"
#include "lmlog/formats/segment_writer.hpp"
#include "tests/formats/ring_script.hpp"
#include "tests/golden/described_samples.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/golden/golden_session.hpp"
#include "tests/golden/segment_file.hpp"

namespace lmlog::golden {
namespace {
namespace of_segments {

using namespace script;

constexpr std::uint64_t kNoon = 1'795'000'000'000'000'000;

/// One ring with one record.
SegmentFile smallest() {
  SegmentFile file;
  SessionScript& session = file.session(id_of(0x80));
  session.statement(Level::info, "up", {});
  RingScript ring(id_of(0x90));
  ring.record(64, kNoon, Arguments());
  file.begin({});
  file.add(session, ring);
  file.end_block();
  return file;
}

/// Arguments with type descriptions.
SegmentFile described() {
  SegmentFile file;
  SessionScript& session = file.session(id_of(0x84));
  const auto statement = described_statement(session);
  RingScript ring(id_of(0x98));
  for (unsigned i = 0; i < 3; ++i) ring.record(statement, kNoon + i, described_values());
  file.begin({});
  file.add(session, ring);
  file.end_block();
  return file;
}

/// Rings of two sessions in two blocks, columns of all encodings, keyed and shared, losses, a checkpoint.
SegmentFile everything() {
  SegmentFile file({.zstd_level = 1, .block_records = 65536, .keyed_records = 32, .own_frame_bytes = 256});
  file.header.tier = Tier::warm;
  file.header.replaces = {id_of(0xE0), id_of(0xE1)};
  SessionScript& first = file.session(id_of(0x81));
  const auto types = all_types_statement(first);
  const auto order = first.statement(Level::info, "order {id} of {symbol} at {px}",
                                     {{ArgType::i64, "id"}, {ArgType::string, "symbol"}, {ArgType::f64, "px"}});
  const auto text = first.statement(Level::error, "{text}", {{ArgType::string, "text"}}, "text.cpp", 5);
  SessionScript& second = file.session(id_of(0x82), ClockKind::tsc);
  const auto tick = second.statement(Level::warn, "tick {seq}", {{ArgType::u32, "seq"}});
  const SessionDescriptor& d = second.descriptor();
  file.anchors(second, {{d.start_tsc, d.start_realtime_ns, d.start_monotonic_raw_ns},
                        {d.start_tsc + 2'000'000'000, d.start_realtime_ns + 1'000'000'000, 6'000'000'000}});

  RingScript a(id_of(0x91), 4 * kMinRingBytes);
  RingScript b(id_of(0x92));
  a.thread(kNoon, 31, 0, "gateway");
  a.clock(kNoon, ClockKind::user_ns, 0);
  b.thread(d.start_tsc, 32, 0, "feed");
  b.clock(d.start_tsc, ClockKind::tsc, 0, {d.start_tsc, d.start_realtime_ns, d.start_monotonic_raw_ns});
  StateVector waiting;
  waiting.thread = {33, 2, "idle"};
  waiting.sort_key = 12345;
  waiting.index = 6;
  file.begin({{d.session_id, id_of(0x93), kMinRingBytes, 4096, waiting},
              {first.descriptor().session_id, a.id(), a.data_bytes(), 0, {}}});

  constexpr const char* kSymbols[] = {"AAPL", "MSFT", "NVDA"};
  for (unsigned i = 0; i < 40; ++i)
    a.record(order, kNoon + 1000 * i,
             Arguments().fixed(std::int64_t{5'000'000'000} + i).fixed(0.25 * i).string(kSymbols[i % 3]));
  for (unsigned i = 0; i < 4; ++i) a.record(types, kNoon + 50'000 + i, all_types_values(i));
  for (unsigned i = 0; i < 5; ++i)
    a.record(text, kNoon + 60'000 + i, Arguments().string("message number " + std::to_string(i)));
  a.record(text, kNoon + 70'000, Arguments().string(std::string(32'741, 'x')));
  a.record(text, kNoon + 70'001, Arguments().string("with slack").bytes(), 48);
  for (unsigned i = 0; i < 33; ++i) b.record(tick, d.start_tsc + 1'000'003 * i, Arguments().fixed(i * i));
  LossCounts counts{};
  counts[0] = 11;
  b.losses(d.start_tsc + 40'000'000, counts);
  b.record(tick, d.start_tsc + 41'000'000, Arguments().fixed(7u));
  file.add(first, a);
  file.add(second, b);
  file.end_block();

  RingScript c(id_of(0x92), kMinRingBytes, b.head(), b.state());
  c.record(tick, d.start_tsc + 42'000'000, Arguments().fixed(8u));
  c.record(40, d.start_tsc + 43'000'000, "a kind that is not known yet");
  c.record(tick, d.start_tsc + 44'000'000, Arguments().fixed(9u));
  file.add(second, c);
  counts[0] = 13;
  counts[1] = 2;
  file.add_losses(second, c.id(), kMinRingBytes, c.head(), 2, d.start_tsc + 45'000'000, c.state(), counts);
  LossCounts without_ring{};
  without_ring[3] = 4;
  file.add_losses(second, d.session_id, 0, 32, 0, d.start_tsc + 46'000'000, {}, without_ring);
  file.end_block();
  return file;
}

/// A ring that wraps within a block: a pad and a gap, and a range that ends behind a pad.
SegmentFile wrapped() {
  SegmentFile file;
  SessionScript& session = file.session(id_of(0x83));
  const auto text = session.statement(Level::info, "{text}", {{ArgType::string, "text"}});
  const std::uint64_t start = 3 * kMinRingBytes - 9000;
  RingScript ring(id_of(0x94), kMinRingBytes, start);
  file.begin({{session.descriptor().session_id, ring.id(), kMinRingBytes, start, {}}});
  for (unsigned i = 0; i < 3; ++i) ring.record(text, kNoon + i, Arguments().string(std::string(4000, 'a')));
  while (kMinRingBytes - ring.head() % kMinRingBytes > 16008)
    ring.record(text, kNoon + 10, Arguments().string(std::string(15'964, 'b')));
  const std::uint64_t room = kMinRingBytes - ring.head() % kMinRingBytes - 8;
  ring.record(text, kNoon + 20, Arguments().string(std::string(static_cast<std::size_t>(room) - 20, 'c')));
  ring.record(text, kNoon + 21, Arguments().string("behind a gap of 8 bytes"));
  for (unsigned i = 0; i < 4; ++i) ring.record(text, kNoon + 30, Arguments().string(std::string(16'000, 'd')));
  ring.pad(kMinRingBytes - ring.head() % kMinRingBytes);
  file.add(session, ring);
  file.end_block();
  return file;
}

GoldenCase good(std::string name, std::string what, SegmentFile& file, bool closed = true) {
  const std::string bytes = file.bytes(closed);
  return {"segments", name + ".lms", std::move(what), bytes, {}, {}, file.content(closed)};
}

GoldenCase refused(std::string name, std::string what, std::string code,
                   const std::function<void(std::string&)>& change) {
  SegmentFile file = smallest();
  std::string bytes = file.bytes(true);
  change(bytes);
  return {"segments", name + ".lms", std::move(what), std::move(bytes), std::move(code), {}, {}};
}

/// The header's length: where its copy begins.
std::uint64_t copy_of_header(const std::string& bytes) {
  PartHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  return part_bytes(header);
}

/// One bit of the header is another.
GoldenCase bad_header(const std::string& name, std::string what, std::size_t byte) {
  SegmentFile file = smallest();
  GoldenCase out = good(name, std::move(what), file);
  out.damage = {{"damaged", 0, copy_of_header(out.bytes)}};
  out.bytes[byte] ^= 1;
  return out;
}

/// Two blocks of one ring, the second of which is damaged.
GoldenCase damaged(std::string name, std::string what, bool closed, std::string code,
                   const std::function<void(std::string&, const BlockSummary&)>& change, bool cut = false) {
  SegmentFile file;
  SessionScript& session = file.session(id_of(0x84));
  const auto tick = session.statement(Level::info, "tick {seq}", {{ArgType::i32, "seq"}});
  RingScript first(id_of(0x95));
  for (std::int32_t i = 0; i < 5; ++i) first.record(tick, kNoon + static_cast<unsigned>(i), Arguments().fixed(i));
  RingScript second(id_of(0x95), kMinRingBytes, first.head(), first.state());
  for (std::int32_t i = 5; i < 9; ++i) second.record(tick, kNoon + static_cast<unsigned>(i), Arguments().fixed(i * i));
  file.begin({});
  file.add(session, first);
  file.end_block();
  file.add(session, second);
  file.end_block();
  std::string bytes = file.bytes(closed);
  const BlockSummary block = file.blocks[1];
  change(bytes, block);
  Json content = file.content(closed, 1);
  const std::uint64_t length = cut ? bytes.size() - block.offset : block.bytes;
  return {"segments", name + ".lms", std::move(what), bytes, {}, {{std::move(code), block.offset, length}}, content};
}

}  // namespace of_segments
}  // namespace

std::vector<GoldenCase> padded_segment_cases();

std::vector<GoldenCase> segment_cases() {
  using namespace of_segments;
  std::vector<GoldenCase> out;
  SegmentFile file = smallest();
  out.push_back(good("smallest", "One record without arguments.", file));
  file = SegmentFile();
  file.begin({});
  out.push_back(good("empty", "No block.", file));
  file = everything();
  out.push_back(good("everything",
                     "Two sessions, two blocks, all encodings, keyed and shared columns, losses, a checkpoint.", file));
  file = described();
  out.push_back(good("described", "Arguments with type descriptions, in columns.", file));
  file = wrapped();
  out.push_back(good("wrapped", "Pads, a gap of 8 bytes, and a range that ends behind a pad.", file));
  file = smallest();
  out.push_back(good("unclosed", "No footer: still being written, or its collector was killed.", file, false));
  for (GoldenCase& padded : padded_segment_cases()) out.push_back(std::move(padded));

  out.push_back(refused("not_ours", "Header and copy have other magics.", "not_ours", [](auto& b) {
    b[15] = 'X';
    b[copy_of_header(b) + 15] = 'X';
  }));
  out.push_back(refused("bad_headers", "The checks of the header and of its copy fail.", "damaged", [](auto& b) {
    b[40] ^= 1;
    b[copy_of_header(b) + 40] ^= 1;
  }));
  out.push_back(bad_header("bad_magic", "The magic is another; the header's copy serves.", 15));
  out.push_back(bad_header("bad_header_check", "The header part's check fails; its copy serves.", 40));
  out.push_back(bad_header("bad_header_body", "The header's body fails its check; its copy serves.", 60));
  out.push_back(refused("newer_major", "Major version 2.", "unsupported", [](auto& b) { rewrite_header(b, 0, '\2'); }));
  out.push_back(refused("incompatible_flag", "An incompatible flag.", "unsupported",
                        [](auto& b) { rewrite_header(b, 8, '\1'); }));

  out.push_back(damaged("bad_frame", "A frame of the second block fails its check.", true, "damaged",
                        [](auto& b, const BlockSummary& block) { b[block.offset + block.bytes - 3] ^= 1; }));
  out.push_back(damaged("bad_directory", "The second block's directory fails its check.", true, "damaged",
                        [](auto& b, const BlockSummary& block) { b[block.offset + 60] ^= 1; }));
  out.push_back(damaged("bad_part_header", "The second block's part header fails its check.", true, "damaged",
                        [](auto& b, const BlockSummary& block) { b[block.offset + 16] ^= 1; }));
  out.push_back(damaged(
      "torn_frames", "The file ends within the frames of the second block.", false, "truncated",
      [](auto& b, const BlockSummary& block) { b.resize(block.offset + block.bytes - 2); }, true));
  out.push_back(damaged(
      "torn_part", "The file ends within the second block's part header.", false, "truncated",
      [](auto& b, const BlockSummary& block) { b.resize(block.offset + 30); }, true));

  file = smallest();
  GoldenCase footer = good("bad_footer", "The footer fails its check: the parts before it are whole.", file);
  const std::uint64_t at = file.footer_offset;
  footer.bytes[at + 70] ^= 1;
  footer.damage = {{"damaged", at, footer.bytes.size() - kEndBytes - at}};
  footer.content = file.content(true, 0, false);
  out.push_back(std::move(footer));

  file = smallest();
  GoldenCase end = good("bad_end", "The end fails its check: the footer before it is whole.", file);
  const std::uint64_t end_at = end.bytes.size() - kEndBytes;
  end.bytes[end_at + 9] ^= 1;
  end.damage = {{"damaged", end_at, kEndBytes}};
  out.push_back(std::move(end));
  return out;
}

}  // namespace lmlog::golden
