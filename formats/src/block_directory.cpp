// SPDX-License-Identifier: Apache-2.0
// Writer and parser of block directories. The parser bounds every count by the bytes that are left and by the named
// maximum, and reads into a local value that is given out whole.
#include "formats/src/block_directory.hpp"

#include <utility>

#include "formats/src/block_checks.hpp"
#include "formats/src/body_items.hpp"
#include "lmlog/formats/byte_io.hpp"

namespace lmlog::formats {
namespace {

constexpr std::uint64_t kMadeByCollector = 1;

void write_sessions(const std::vector<BlockSession>& sessions, ByteWriter& out) {
  out.uv(sessions.size());
  for (const BlockSession& session : sessions) {
    out.uv(session.number);
    out.uv(session.anchors.size());
    for (const Anchor& anchor : session.anchors) out.put(anchor);
  }
}

bool take_sessions(ByteReader& in, std::vector<BlockSession>& sessions) {
  const std::uint64_t n = in.count(2);
  if (n > kMaxBlockRuns) return false;
  for (std::uint64_t i = 0; i < n && in.ok(); ++i) {
    BlockSession session;
    session.number = take_u32(in);
    const std::uint64_t anchors = in.count(sizeof(Anchor));
    session.anchors.reserve(static_cast<std::size_t>(anchors));
    for (std::uint64_t a = 0; a < anchors; ++a) session.anchors.push_back(in.take<Anchor>());
    sessions.push_back(std::move(session));
  }
  return in.ok();
}

void write_runs(const std::vector<BlockRun>& runs, ByteWriter& out) {
  out.uv(runs.size());
  for (const BlockRun& run : runs) {
    out.uv(run.session);
    out.put(run.ring);
    out.uv(run.data_bytes);
    out.uv((run.made_by_collector ? kMadeByCollector : 0) | std::uint64_t{run.cursor_offset} << 1);
    out.uv(run.from);
    out.uv(run.to);
    out.uv(run.records);
    write_losses_list(run.losses, out);
    write_state(run.begin_state, out);
    write_state(run.end_state, out);
  }
}

bool take_runs(ByteReader& in, std::vector<BlockRun>& runs) {
  const std::uint64_t n = in.count(25);
  if (n > kMaxBlockRuns) return false;
  for (std::uint64_t i = 0; i < n; ++i) {
    BlockRun run;
    run.session = take_u32(in);
    run.ring = in.take<Id128>();
    run.data_bytes = in.uv();
    const std::uint64_t flags = in.uv();
    run.made_by_collector = (flags & kMadeByCollector) != 0;
    run.cursor_offset = static_cast<std::uint8_t>(flags >> 1 & 7);
    run.from = in.uv();
    run.to = in.uv();
    run.records = in.uv();
    if (!take_losses_list(in, run.losses) || !take_state(in, run.begin_state) || !take_state(in, run.end_state))
      return false;
    runs.push_back(std::move(run));
  }
  return in.ok();
}

void write_columns(const std::vector<ColumnEntry>& columns, ByteWriter& out) {
  out.uv(columns.size());
  for (const ColumnEntry& column : columns) {
    out.uv(column.site);
    out.uv(column.run);
    out.uv(column.argument);
    out.put(column.type);
    out.put(column.encoding);
    out.uv(column.frame);
    out.uv(column.offset);
    out.uv(column.bytes);
    out.uv(column.values);
    out.str(column.statistics);
  }
}

bool take_columns(ByteReader& in, std::vector<ColumnEntry>& columns) {
  const std::uint64_t n = in.count(10);
  if (n > kMaxBlockColumns) return false;
  for (std::uint64_t i = 0; i < n && in.ok(); ++i) {
    ColumnEntry column;
    column.site = take_u32(in);
    column.run = take_u32(in);
    column.argument = take_u32(in);
    column.type = in.take<std::uint8_t>();
    column.encoding = in.take<std::uint8_t>();
    column.frame = take_u32(in);
    column.offset = in.uv();
    column.bytes = in.uv();
    column.values = in.uv();
    column.statistics = in.str();
    columns.push_back(std::move(column));
  }
  return in.ok();
}

bool take_frames(ByteReader& in, std::vector<FrameEntry>& frames) {
  const std::uint64_t n = in.count(10);
  if (n > kMaxBlockColumns) return false;
  for (std::uint64_t i = 0; i < n; ++i) {
    FrameEntry frame;
    frame.stored_bytes = in.uv();
    frame.inflated_bytes = in.uv();
    frame.check = in.take<std::uint64_t>();
    frames.push_back(frame);
  }
  return in.ok();
}

bool take_sites(ByteReader& in, std::vector<BlockSite>& sites) {
  const std::uint64_t n = in.count(10);
  if (n > kMaxBlockRecords) return false;
  for (std::uint64_t i = 0; i < n; ++i) {
    BlockSite site;
    site.hash = in.take<std::uint64_t>();
    site.level = in.take<std::uint8_t>();
    site.records = in.uv();
    sites.push_back(site);
  }
  return in.ok();
}

bool take_statements(ByteReader& in, std::vector<BlockStatement>& statements) {
  const std::uint64_t n = in.count(3);
  if (n > kMaxBlockRecords) return false;
  for (std::uint64_t i = 0; i < n; ++i) {
    BlockStatement statement;
    statement.session = take_u32(in);
    statement.id = take_u32(in);
    statement.site = take_u32(in);
    statements.push_back(statement);
  }
  return in.ok();
}

}  // namespace

std::string write_block_directory(const BlockDirectory& directory) {
  ByteWriter out;
  out.uv(0);  // flags
  out.uv(directory.records);
  write_ranges(directory.ranges, out);
  out.uv(static_cast<std::uint64_t>(directory.received_ns));
  out.put(directory.levels);
  out.uv(directory.frames.size());
  for (const FrameEntry& frame : directory.frames) {
    out.uv(frame.stored_bytes);
    out.uv(frame.inflated_bytes);
    out.put(frame.check);
  }
  write_sessions(directory.sessions, out);
  write_runs(directory.runs, out);
  out.uv(directory.sites.size());
  for (const BlockSite& site : directory.sites) {
    out.put(site.hash);
    out.put(site.level);
    out.uv(site.records);
  }
  out.uv(directory.statements.size());
  for (const BlockStatement& statement : directory.statements) {
    out.uv(statement.session);
    out.uv(statement.id);
    out.uv(statement.site);
  }
  write_columns(directory.columns, out);
  return out.take();
}

Result<BlockDirectory> parse_block_directory(std::span<const std::byte> body) {
  BlockDirectory out;
  ByteReader in(body);
  (void)in.uv();  // flags: none is known, none must be understood
  out.records = in.uv();
  out.ranges = take_ranges(in);
  out.received_ns = static_cast<std::int64_t>(in.uv());
  out.levels = in.take<std::uint8_t>();
  const bool whole = take_frames(in, out.frames) && take_sessions(in, out.sessions) && take_runs(in, out.runs) &&
                     take_sites(in, out.sites) && take_statements(in, out.statements) && take_columns(in, out.columns);
  if (!whole) return Error{ErrorCode::damaged, "the directory of a block is malformed"};
  if (const char* problem = problem_of_directory(out))
    return Error{ErrorCode::damaged, std::string("the directory of a block contradicts itself: ") + problem};
  return out;
}

std::uint64_t stored_frame_bytes(const BlockDirectory& directory) noexcept {
  std::uint64_t bytes = 0;
  for (const FrameEntry& frame : directory.frames) bytes += frame.stored_bytes;
  return bytes;
}

}  // namespace lmlog::formats
