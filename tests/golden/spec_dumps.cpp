// SPDX-License-Identifier: Apache-2.0
// The annotated dumps of the spec pages: which field comes after which.
#include <cstring>

#include "formats/src/part.hpp"
#include "lmlog/formats/session_layout.hpp"
#include "tests/golden/field_dump.hpp"

namespace lmlog::golden {
namespace {

using namespace lmlog::formats;

constexpr std::string_view kPartNames[] = {"",        "1 header", "2 checkpoint", "3 catalog",
                                           "4 block", "5 footer", "6 header copy"};

void dump_descriptor(FieldDump& out) {
  out.u64("magic \"LMLOGSES\"");
  out.u16("major");
  out.u16("minor");
  out.u32("header_bytes");
  out.u64("incompatible");
  out.u64("compatible");
  (void)out.bytes(16, "session_id");
  out.u64("file_bytes");
  out.u32("pid");
  out.u32("clock, user_ns");
  out.u64("start_realtime_ns");
  out.u64("start_tsc");
  out.u64("start_monotonic_raw_ns");
  out.u64("tsc_hz");
  out.u64("control_offset");
  out.u64("control_count");
  out.u64("catalog_offset");
  out.u64("catalog_bytes");
  (void)out.bytes(16, "boot_id");
  out.u64("ring_bytes");
  out.u32("policy, drop");
  out.u32("process_start");
  const auto service = static_cast<std::size_t>(out.u16("service_length"));
  const auto host = static_cast<std::size_t>(out.u16("host_length"));
  const auto program = static_cast<std::size_t>(out.u16("program_length"));
  out.u16("0");
  for (const auto& [name, length] : {std::pair{"service", service}, {"host", host}, {"program", program}}) {
    out.text(length, name);
    (void)out.bytes(kNameBytes - length, "its rest");
  }
}

/// Header and body of a statement's entry, without padding.
void dump_statement(FieldDump& out) {
  out.u32("entry: bytes");
  out.u16("entry type, statement");
  out.u16("flags");
  out.u32("id");
  out.u32("line");
  (void)out.bytes(8, "site hash");
  out.u8("level, info");
  out.u8("argument count");
  out.u16("flags");
  const auto format = static_cast<std::size_t>(out.u32("format length"));
  const auto file = static_cast<std::size_t>(out.u16("file length"));
  const auto function = static_cast<std::size_t>(out.u16("function length"));
  out.u32("logger id");
  out.text(format, "format");
  out.text(file, "file");
  out.text(function, "function");
}

void dump_state(FieldDump& out, std::string_view what) {
  const auto length = static_cast<std::size_t>(out.uv(std::string(what) + ": bytes of state vector"));
  for (const std::size_t end = out.position() + length; out.position() < end;) {
    const auto tag = out.u16("state item: tag");
    out.u16("0");
    const auto bytes = static_cast<std::size_t>(out.u32("payload bytes"));
    if (bytes == 8) {
      out.u64(tag == 7 ? "sort key" : tag == 8 ? "index" : "payload");
    } else {
      (void)out.bytes((bytes + 7) / 8 * 8, "payload");
    }
  }
}

void dump_ranges(FieldDump& out) {
  for (const char* what : {"min time", "max time", "min sort key", "max sort key"}) out.u64(what);
}

void dump_catalog(FieldDump& out) {
  for (auto n = out.uv("sessions"); n-- > 0;) {
    out.uv("session number");
    out.uv("uid");
    const auto length = static_cast<std::size_t>(out.uv("descriptor: bytes"));
    (void)out.bytes(length, "descriptor: the first 360 bytes of the session file");
  }
  for (auto n = out.uv("entries"); n-- > 0;) {
    out.uv("session number");
    out.uv("entry: bytes");
    dump_statement(out);
  }
}

void dump_losses(FieldDump& out) {
  for (auto n = out.uv("losses: reasons"); n-- > 0;) {
    out.uv("reason");
    out.uv("count");
  }
}

void dump_header(FieldDump& out) {
  out.u16("major");
  out.u16("minor");
  out.u32("0");
  out.u64("incompatible");
  out.u64("compatible");
  (void)out.bytes(16, "segment id");
  out.uv("uid");
  out.uv("sequence");
  out.uv("created");
  out.u8("tier, hot");
  out.str("service");
  out.str("host");
  out.str("writer");
  for (auto n = out.uv("segments that it replaces"); n-- > 0;) (void)out.bytes(16, "segment id");
}

void dump_checkpoint(FieldDump& out) {
  for (auto n = out.uv("rings"); n-- > 0;) {
    (void)out.bytes(16, "session");
    (void)out.bytes(16, "ring");
    out.uv("ring data_bytes");
    out.uv("position");
    dump_state(out, "state");
  }
}

void dump_block(FieldDump& out) {
  out.uv("1. flags");
  out.uv("records");
  dump_ranges(out);
  out.uv("receive time");
  out.u8("level mask");
  for (auto n = out.uv("2. frames"); n-- > 0;) {
    out.uv("stored bytes");
    out.uv("inflated bytes");
    out.u64("xxh3-64 of the stored bytes");
  }
  for (auto n = out.uv("3. sessions"); n-- > 0;) {
    out.uv("session number");
    for (auto a = out.uv("anchors"); a-- > 0;) (void)out.bytes(24, "anchor");
  }
  for (auto n = out.uv("4. runs"); n-- > 0;) {
    out.uv("session, index in 3");
    (void)out.bytes(16, "ring");
    out.uv("ring data_bytes");
    out.uv("run flags");
    out.uv("from");
    out.uv("to");
    out.uv("records");
    dump_losses(out);
    dump_state(out, "state at from");
    dump_state(out, "state at to");
  }
  for (auto n = out.uv("5. sites"); n-- > 0;) {
    (void)out.bytes(8, "site hash");
    out.u8("level, info");
    out.uv("records");
  }
  for (auto n = out.uv("6. statements"); n-- > 0;) {
    out.uv("session, index in 3");
    out.uv("statement id");
    out.uv("site, index in 5");
  }
  constexpr const char* kColumns[] = {"argument, statement", "argument, time", "argument, gap", "argument, slack"};
  auto columns = out.uv("7. columns");
  for (std::size_t i = 0; i < columns; ++i) {
    out.uv("site, 0: of the block itself");
    out.uv("run, 0: all");
    out.uv(kColumns[i % 4]);
    out.u8("type tag");
    out.u8("encoding, constant");
    out.uv("frame");
    out.uv("offset in the inflated frame");
    out.uv("bytes");
    out.uv("values");
    out.uv("bytes of statistics");
  }
}

void dump_footer(FieldDump& out) {
  out.uv("records");
  out.uv("blocks");
  dump_ranges(out);
  out.u8("level mask");
  const auto catalog = static_cast<std::size_t>(out.uv("bytes of the catalog"));
  (void)out.elsewhere(catalog, "the catalog: as the body of part 3 above");
  for (auto n = out.uv("blocks"); n-- > 0;) {
    out.uv("offset of its part");
    out.uv("bytes of part and frames");
    out.uv("records");
    dump_ranges(out);
    out.u8("level mask");
    for (auto s = out.uv("sites"); s-- > 0;) {
      (void)out.bytes(8, "site hash");
      out.uv("records");
    }
  }
  for (auto n = out.uv("rings"); n-- > 0;) {
    (void)out.bytes(16, "session");
    (void)out.bytes(16, "ring");
    out.uv("ring data_bytes");
    out.uv("from");
    out.uv("to");
    out.uv("records");
    dump_losses(out);
    dump_state(out, "state at the end");
  }
}

void dump_body(PartType type, FieldDump& out) {
  switch (type) {
    case PartType::header:
    case PartType::header_copy:
      return dump_header(out);
    case PartType::checkpoint:
      return dump_checkpoint(out);
    case PartType::catalog:
      return dump_catalog(out);
    case PartType::block:
      return dump_block(out);
    case PartType::footer:
      return dump_footer(out);
  }
}

std::string inflated(std::string_view frame, std::uint64_t bytes) {
  std::string out;
  if (!inflate(std::as_bytes(std::span(frame.data(), frame.size())), bytes, out)) std::abort();
  return out;
}

void dump_part(FieldDump& out) {
  out.u32("zstd skippable frame, magic");
  const auto stored = static_cast<std::size_t>(out.u32("bytes that follow")) - 40;
  out.u64(out.position() < 16 ? "magic \"LMLOGSEG\"" : "magic \"LMLOGPRT\"");
  const auto type = static_cast<PartType>(out.u16("part type"));
  const bool compressed = (out.u16("flags") & kPartCompressed) != 0;
  out.u32("0");
  const std::uint64_t body_bytes = out.u64("bytes of the body when inflated");
  out.u64("xxh3-64 of the stored body");
  out.u64("xxh3-64 of the 40 bytes before");
  if (!compressed) return dump_body(type, out);
  const std::string body = inflated(out.elsewhere(stored, "stored body: one zstd frame"), body_bytes);
  FieldDump inner(body, "    ");
  inner.heading("inflated:");
  dump_body(type, inner);
  if (inner.left() != 0) std::abort();
  out.append(inner.lines());
}

}  // namespace

std::string session_dump(std::string_view file) {
  FieldDump out(file);
  out.heading("header page, static part");
  dump_descriptor(out);
  out.until(kSessionStateOffset, "reserved");
  out.heading("header page, changing part");
  out.u32("state, open");
  out.until(kCatalogHeadOffset, "rest of the line");
  const auto head = static_cast<std::size_t>(out.u64("catalog_head"));
  out.until(kSessionLossesOffset, "rest of the line");
  (void)out.bytes(256, "losses without a ring, by reason");
  out.u64("rings_made");
  out.until(kSessionRetiredOffset, "rest of the line");
  out.u32("retired");
  out.until(kCoarseTimeOffset, "rest of the line");
  out.u64("coarse time");
  out.until(kAnchorOffset, "rest of the line");
  (void)out.bytes(32, "last anchor: none");
  out.until(kHeaderBytes, "reserved");
  out.heading("control words");
  out.u64("of statement 64");
  out.heading("catalog");
  const std::size_t catalog = out.position();
  dump_statement(out);
  out.until(catalog + head, "padding to 8");
  (void)out.bytes(out.left(), "not used yet");
  return out.lines();
}

std::string segment_dump(std::string_view file) {
  FieldDump out(file);
  while (out.left() > kEndBytes) {
    PartHeader header;
    std::memcpy(&header, file.data() + out.position(), sizeof(header));
    out.heading("part " + std::string(kPartNames[header.type]));
    dump_part(out);
    if (header.type != static_cast<std::uint16_t>(PartType::block)) continue;
    // The smallest block has one frame; it ends where the footer's part begins.
    const std::size_t next = file.find("LMLOGPRT", out.position()) - 8;
    const std::string_view frame = file.substr(out.position(), next - out.position());
    out.heading("its frame");
    (void)out.elsewhere(frame.size(), "one zstd frame");
    const std::string columns = inflated(frame, ZSTD_getFrameContentSize(frame.data(), frame.size()));
    FieldDump inner(columns, "    ");
    inner.heading("inflated:");
    inner.u32("statement: index in 6");
    inner.u64("time");
    inner.u64("gap");
    inner.u64("slack");
    out.append(inner.lines());
  }
  out.heading("end");
  out.u32("zstd skippable frame, magic");
  out.u32("bytes that follow");
  out.u64("offset of the footer part");
  out.u64("xxh3-64 of the 8 bytes before");
  out.u64("magic \"LMLOGEND\"");
  return out.lines();
}

}  // namespace lmlog::golden
