// SPDX-License-Identifier: Apache-2.0
// Files of a few kilobytes (some of a few megabytes) that claim or hold as much as a format lets them: what they may
// cost a reader in memory is measured by bombs_test.py. All checks are good: nothing is refused for its checksum.
// usage: make-bombs FOLDER

#include <cstdio>
#include <fstream>
#include <functional>

#include "formats/src/block_directory.hpp"
#include "formats/src/checksum.hpp"
#include "formats/src/part.hpp"
#include "formats/src/segment_bodies.hpp"
#include "lmlog/formats/journal_writer.hpp"
#include "tests/formats/ring_script.hpp"

namespace lmlog::damage {
namespace {

using namespace formats;
using namespace formats::script;

constexpr std::uint64_t kWholeBody = kMaxInflatedBytes;

/// A frame of zstd with the header as given and blocks that repeat one byte, 128 KiB each.
std::string zstd_frame(std::uint8_t descriptor, const std::string& fields, std::size_t blocks) {
  std::string out("\x28\xB5\x2F\xFD", 4);
  out.push_back(static_cast<char>(descriptor));
  out += fields;
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::uint32_t header = (128u << 10) << 3 | 1 << 1 | (i + 1 == blocks ? 1 : 0);  // repeated, last
    out.append(reinterpret_cast<const char*>(&header), 3);
    out.push_back('x');
  }
  return out;
}

std::string number(std::uint64_t value, std::size_t bytes) { return {reinterpret_cast<const char*>(&value), bytes}; }

class Segment {
 public:
  Segment() {
    part(PartType::header, write_segment_header({id_of(0x50), 1000, 7, 1, Tier::hot, "golden", "host-1", "bomb", {}}));
    part(PartType::checkpoint, write_checkpoint({}));
  }
  Segment& part(PartType type, std::string_view body) {
    append_part(type, body, deflater_, bytes_);
    return *this;
  }
  /// One session with a statement that has so many arguments of a type.
  Segment& catalog(ArgType type, std::size_t arguments) {
    const std::vector<StatementParts::Arg> all(arguments, {static_cast<std::uint8_t>(type), 0, {}, {}});
    session_.statement(Level::info, "bomb", 0, all, {});
    const auto& d = session_.descriptor();
    const std::string raw(session_.catalog().raw_entry(kFirstStatementId));
    return part(PartType::catalog, write_catalog({{0, 1000, {reinterpret_cast<const char*>(&d), kDescriptorBytes}, {}}},
                                                 {{0, 0, {}, raw}}));
  }
  /// A block of so many records of that statement, all values one; `change` is the last that sees it.
  Segment& block(ArgType type, std::size_t arguments, std::uint64_t records, const std::string& value,
                 const std::function<void(BlockDirectory&, std::string&)>& change = {}) {
    BlockDirectory d;
    d.records = records;
    d.ranges = {1, 1, 1, 1};
    d.levels = 1 << static_cast<int>(Level::info);
    d.sessions = {{0, {}}};
    const Statement& statement = *session_.catalog().find(kFirstStatementId);
    d.sites = {{statement.site_hash, static_cast<std::uint8_t>(Level::info), records}};
    d.statements = {{0, kFirstStatementId, 0}};
    BlockRun run;
    run.ring = id_of(0x10);
    run.data_bytes = kMaxRingBytes;
    run.records = records;
    run.to = records * record_length(arguments * (fixed_size(type) + value.size() + 4));
    run.end_state.index = records;
    d.runs = {run};
    const ArgType kOwn[] = {ArgType::u32, ArgType::u64, ArgType::u64, ArgType::i64};
    for (std::uint32_t i = 0; i < 4; ++i)
      d.columns.push_back({0, 0, i, static_cast<std::uint8_t>(kOwn[i]), 1, 0, 0, fixed_size(kOwn[i]), records, {}});
    for (std::uint32_t i = 0; i < arguments; ++i)
      d.columns.push_back({1, 0, i, static_cast<std::uint8_t>(type), 1, 0, 8, value.size(), records, {}});
    const std::string content = std::string(8, '\0') + value;
    std::string frame;
    const std::size_t stored = deflater_.append_frame(content, frame);
    d.frames = {{stored, content.size(), checksum(view(frame))}};
    if (change) change(d, frame);
    part(PartType::block, write_block_directory(d));
    bytes_ += frame;
    return *this;
  }
  Segment& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  Deflater deflater_{1};
  SessionScript session_{id_of(1)};
  std::string bytes_;
};

std::string constant_string(std::uint64_t length) {
  ByteWriter out;
  out.uv(length * 2);
  out.text(std::string(static_cast<std::size_t>(length), '"'));  // two bytes as JSON
  return out.take();
}

/// Puts a frame of the caller's in place of the block's own.
auto frame_of(std::string bytes, std::uint64_t inflated) {
  return [bytes = std::move(bytes), inflated](BlockDirectory& d, std::string& frame) {
    frame = bytes;
    d.frames = {{frame.size(), inflated, checksum(view(frame))}};
  };
}

/// Each column in a frame of its own, which is as large as any may be.
std::string many_frames(std::size_t frames) {
  return Segment()
      .catalog(ArgType::string, frames)
      .block(ArgType::string, frames, 50, constant_string(0),
             [frames](BlockDirectory& d, std::string& stored) {
               std::string large;
               Deflater deflater(1);
               deflater.append_frame(std::string(static_cast<std::size_t>(kWholeBody - 1024), '\0'), large);
               const FrameEntry entry{large.size(), kWholeBody - 1024, checksum(view(large))};
               stored.clear();
               d.frames.assign(frames, entry);
               for (std::size_t i = 0; i < frames; ++i) stored += large;
               for (std::size_t i = 4; i < d.columns.size(); ++i)
                 d.columns[i].frame = static_cast<std::uint32_t>(i - 4);
             })
      .bytes();
}

std::string many_states() {
  std::vector<RingPosition> rings(20'000);
  StateVector state;
  for (std::uint32_t i = 0; i < kMaxOpenSpans; ++i) state.spans.push_back(std::string(24, 's'));
  for (std::size_t i = 0; i < rings.size(); ++i) {
    std::memcpy(rings[i].ring.bytes.data(), &i, sizeof(i));
    rings[i].state = state;
  }
  return write_checkpoint(rings);
}

std::string many_rings() {
  std::vector<RingPosition> rings(kMaxSegmentRings);
  for (std::size_t i = 0; i < rings.size(); ++i) std::memcpy(rings[i].ring.bytes.data(), &i, sizeof(i));
  return write_checkpoint(rings);
}

std::string many_sessions() {
  const SessionScript session(id_of(1));
  std::string_view descriptor(reinterpret_cast<const char*>(&session.descriptor()), kDescriptorBytes);
  std::vector<CatalogItem> items;
  for (std::uint32_t i = 0; i < kMaxSegmentSessions; ++i) items.push_back({i, 1000, descriptor, {}});
  return write_catalog(items, {});
}

std::string many_blocks() {
  Footer footer;
  footer.blocks.resize(static_cast<std::size_t>(kWholeBody / 64));
  return write_footer(footer, write_catalog({}, {}));
}

std::string journal_of_sessions() {
  JournalWriter out;
  out.header(0, 1);
  SessionScript session(id_of(1));
  for (std::uint32_t i = 0; i < 60'000; ++i) {
    std::memcpy(session.descriptor().session_id.bytes.data(), &i, sizeof(i));
    out.session(i, 1000, session.descriptor());
  }
  return {reinterpret_cast<const char*>(out.bytes().data()), out.bytes().size()};
}

std::string journal_of_statements() {
  SessionScript session(id_of(1));
  for (std::uint32_t i = 0; i + kFirstStatementId < kControlCount; ++i) session.statement(Level::info, "", {});
  JournalWriter out;
  out.header(0, 1);
  for (std::uint32_t i = 0; i < 6; ++i) {
    session.descriptor().session_id = id_of(static_cast<std::uint8_t>(i));
    out.session(i, 1000, session.descriptor());
    out.catalog(i, 0, session.catalog_bytes());
  }
  return {reinterpret_cast<const char*>(out.bytes().data()), out.bytes().size()};
}

std::string journal_of_states() {
  JournalWriter out;
  out.header(0, 1);
  SessionScript session(id_of(1));
  out.session(0, 1000, session.descriptor());
  StateVector state;
  for (std::uint32_t i = 0; i < kMaxOpenSpans; ++i) state.spans.push_back(std::string(24, 's'));
  RingScript ring(id_of(0x10));
  ring.record(kFirstStatementId, 1, std::string_view());
  for (std::uint32_t i = 0; i < 400; ++i) {
    Id128 id = id_of(0x10);
    std::memcpy(id.bytes.data(), &i, sizeof(i));
    out.range(0, id, kMinRingBytes, 0, ring.head(), state, ring.bytes());
  }
  return {reinterpret_cast<const char*>(out.bytes().data()), out.bytes().size()};
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  std::printf("%s %zu\n", path.c_str(), bytes.size());
}

void write_frames(const std::string& folder) {
  const auto one = [](const auto& change) {
    return Segment().catalog(ArgType::u8, 1).block(ArgType::u8, 1, 100, "x", change).bytes();
  };
  // Single segment, one byte of size; then a window of 2^41 bytes, eight bytes of size; 4 GiB of content in both.
  write(folder + "/frame_claims_little.lms", one(frame_of(zstd_frame(0x20, number(9, 1), 32768), 9)));
  write(folder + "/frame_huge_window.lms", one(frame_of(zstd_frame(0xC0, "\xFF" + number(9, 8), 32768), 9)));
  write(folder + "/frame_claims_2_60.lms",
        one(frame_of(zstd_frame(0xE0, number(std::uint64_t{1} << 60, 8), 32768), std::uint64_t{1} << 60)));
  // As much as a frame may hold, from four bytes for each 128 KiB.
  write(folder + "/frame_64_mib.lms", one(frame_of(zstd_frame(0xE0, number(kWholeBody, 8), 512), kWholeBody)));
  write(folder + "/records_2_40.lms", one([](BlockDirectory& d, std::string&) {
          d.records = d.runs[0].records = d.sites[0].records = std::uint64_t{1} << 40;
          d.runs[0].to = std::uint64_t{1} << 50;
          for (auto& column : d.columns) column.values = d.records;
        }));
}

void write_segments(const std::string& folder) {
  write(folder + "/records_million.lms",
        Segment().catalog(ArgType::u8, 1).block(ArgType::u8, 1, kMaxBlockRecords, "x").bytes());
  // As many values as a reader decodes, and one more for each record.
  constexpr std::uint64_t kValues = std::uint64_t{384} << 17;
  const auto wide = [&](ArgType type, const std::string& value, std::uint64_t values) {
    const std::uint64_t records = values / 259;
    Segment segment;
    segment.catalog(type, 255);
    for (int i = 0; i < 4; ++i) segment.block(type, 255, records, value);
    return segment.bytes();
  };
  write(folder + "/wide_numbers.lms", wide(ArgType::u8, "x", kValues));
  write(folder + "/wide_strings.lms", wide(ArgType::string, constant_string(0), kValues / 2));
  write(folder + "/too_wide_numbers.lms", wide(ArgType::u8, "x", kValues + 5000));
  write(folder + "/too_wide_strings.lms", wide(ArgType::string, constant_string(0), kValues));
  const auto longest = [](std::size_t arguments, std::uint64_t length) {
    return Segment()
        .catalog(ArgType::string, arguments)
        .block(ArgType::string, arguments, 50, constant_string(length))
        .bytes();
  };
  write(folder + "/long_strings.lms", longest(1, kMaxRecordBytes - 64));
  write(folder + "/too_long_strings.lms", longest(255, kWholeBody - 64));
  write(folder + "/frames_of_256_mib.lms", many_frames(4));
  write(folder + "/frames_of_16_gib.lms", many_frames(255));
  const std::string zeros(static_cast<std::size_t>(kWholeBody), '\0');
  Segment parts;
  for (int i = 0; i < 40; ++i) parts.part(PartType::catalog, zeros);
  write(folder + "/parts_of_64_mib.lms", parts.bytes());
  std::string skippable;
  for (int i = 0; i < 1'000'000; ++i) skippable += number(kSkippableFrame, 4) + number(0, 4);
  write(folder + "/nested_skippable.lms",
        Segment().part(PartType::catalog, skippable).raw(skippable).part(PartType::checkpoint, "\0").bytes());
  write(folder + "/many_states.lms", Segment().part(PartType::checkpoint, many_states()).bytes());
  write(folder + "/many_rings.lms", Segment().part(PartType::checkpoint, many_rings()).bytes());
  write(folder + "/many_sessions.lms", Segment().part(PartType::catalog, many_sessions()).bytes());
  std::string closed = Segment().bytes();
  const std::size_t footer = closed.size();
  Deflater deflater(1);
  append_part(PartType::footer, many_blocks(), deflater, closed);
  append_end(footer, closed);
  write(folder + "/many_blocks.lms", closed);
}

}  // namespace
}  // namespace lmlog::damage

int main(int argc, char** argv) {
  using namespace lmlog::damage;
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::string folder = argv[1];
  write_frames(folder);
  write_segments(folder);
  write(folder + "/sessions.lmj", journal_of_sessions());
  write(folder + "/statements.lmj", journal_of_statements());
  write(folder + "/states.lmj", journal_of_states());
  return 0;
}
