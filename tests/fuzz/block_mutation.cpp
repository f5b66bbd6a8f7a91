// SPDX-License-Identifier: Apache-2.0
// The directory is parsed, changed and written again; frames are inflated, changed and deflated again.
#include "tests/fuzz/block_mutation.hpp"

#include <span>
#include <vector>

#include "formats/src/block_directory.hpp"
#include "formats/src/checksum.hpp"
#include "formats/src/zstd_codec.hpp"

namespace lmlog::fuzz {
namespace {

using namespace formats;

void change_frame(FrameEntry& frame, Chance& chance) {
  chance.one_in(2) ? chance.change(frame.stored_bytes) : chance.change(frame.inflated_bytes);
}

void change_run(BlockRun& run, Chance& chance) {
  switch (chance.below(7)) {
    case 0:
      return chance.change(run.session);
    case 1:
      return chance.change(run.data_bytes);
    case 2:
      run.made_by_collector = !run.made_by_collector;
      run.cursor_offset = static_cast<std::uint8_t>(chance.below(8));
      return;
    case 3:
      return chance.change(run.from);
    case 4:
      return chance.change(run.to);
    case 5:
      return chance.change(run.records);
    default:
      return chance.change(chance.one_in(2) ? run.begin_state.index : run.end_state.index);
  }
}

void change_column(ColumnEntry& column, Chance& chance) {
  switch (chance.below(9)) {
    case 0:
      return chance.change(column.site);
    case 1:
      return chance.change(column.run);
    case 2:
      return chance.change(column.argument);
    case 3:
      column.type = static_cast<std::uint8_t>(chance.below(17));
      return;
    case 4:
      column.encoding = static_cast<std::uint8_t>(chance.one_in(2) ? chance.below(5) : 16 + chance.below(3));
      return;
    case 5:
      return chance.change(column.frame);
    case 6:
      return chance.change(column.offset);
    case 7:
      return chance.change(column.bytes);
    default:
      return chance.change(column.values);
  }
}

template <class T> T* one_of(std::vector<T>& list, Chance& chance) {
  return list.empty() ? nullptr : &list[chance.below(list.size())];
}

void change_field(BlockDirectory& d, Chance& chance) {
  switch (chance.below(8)) {
    case 0:
      return chance.change(d.records);
    case 1:
      return chance.change(chance.one_in(2) ? d.ranges.min_key : d.ranges.max_time);
    case 2:
      if (auto* frame = one_of(d.frames, chance)) change_frame(*frame, chance);
      return;
    case 3:
      if (auto* session = one_of(d.sessions, chance)) chance.change(session->number);
      return;
    case 4:
      if (auto* run = one_of(d.runs, chance)) change_run(*run, chance);
      return;
    case 5:
      if (auto* site = one_of(d.sites, chance))
        chance.one_in(2) ? chance.change(site->records) : chance.change(site->level);
      return;
    case 6:
      if (auto* statement = one_of(d.statements, chance))
        chance.one_in(2) ? chance.change(statement->id) : chance.change(statement->site);
      return;
    default:
      if (auto* column = one_of(d.columns, chance)) change_column(*column, chance);
  }
}

void change_items(BlockDirectory& d, Chance& chance) {
  switch (chance.below(5)) {
    case 0:
      return change_list(d.sessions, chance);
    case 1:
      return change_list(d.runs, chance);
    case 2:
      return change_list(d.sites, chance);
    case 3:
      return change_list(d.statements, chance);
    default:
      return change_list(d.columns, chance);
  }
}

/// The same number of records everywhere, all values constant: few bytes that mean a great many.
void grow(BlockDirectory& d, std::vector<std::string>& frames, Chance& chance) {
  if (d.runs.empty() || d.sites.empty()) return;
  // A block of a million is a bomb of tests/damage: here it would cost the time of thousands of others.
  constexpr std::uint64_t kMost[] = {100, 1000, 5000, kMaxBlockRecords + 1, ~std::uint64_t{0} / 64};
  const std::uint64_t records = kMost[chance.below(std::size(kMost))];
  d.runs.resize(1);
  d.sites.resize(1);
  std::erase_if(d.statements, [](const BlockStatement& s) { return s.site != 0; });
  std::erase_if(d.columns, [](const ColumnEntry& c) { return c.site > 1 || c.run > 1; });
  d.records = d.runs[0].records = d.sites[0].records = records;
  d.runs[0].to = d.runs[0].from + records * 32;
  frames.assign(1, std::string(8, '\0'));
  for (ColumnEntry& column : d.columns) {
    column.run = 0;
    column.encoding = static_cast<std::uint8_t>(Encoding::constant);
    column.frame = 0;
    column.offset = 0;
    column.bytes = std::max<std::uint64_t>(fixed_size(static_cast<ArgType>(column.type)), 1);
    column.values = records;
  }
}

/// The bytes of a column, and the places of those behind it in its frame.
void change_values(BlockDirectory& d, std::vector<std::string>& frames, Chance& chance) {
  ColumnEntry* column = one_of(d.columns, chance);
  if (column == nullptr || column->frame >= frames.size()) return;
  std::string& frame = frames[column->frame];
  const auto at = static_cast<std::size_t>(column->offset);
  std::string bytes = frame.substr(at, static_cast<std::size_t>(column->bytes));
  change_body(bytes, 64, chance);
  frame.replace(at, static_cast<std::size_t>(column->bytes), bytes);
  const std::uint64_t grown = bytes.size() - column->bytes;
  for (ColumnEntry& other : d.columns) {
    if (other.frame == column->frame && other.offset > column->offset) other.offset += grown;
  }
  column->bytes = bytes.size();
}

bool inflate_all(const BlockDirectory& d, std::string_view stored, std::vector<std::string>& out) {
  std::size_t at = 0;
  for (const FrameEntry& frame : d.frames) {
    if (frame.stored_bytes > stored.size() - at || frame.inflated_bytes > (1 << 20)) return false;
    const auto bytes = view(stored.substr(at, static_cast<std::size_t>(frame.stored_bytes)));
    if (!inflate(bytes, frame.inflated_bytes, out.emplace_back())) return false;
    at += static_cast<std::size_t>(frame.stored_bytes);
  }
  return true;
}

std::string deflate_all(BlockDirectory& d, const std::vector<std::string>& frames) {
  Deflater deflater(1);
  std::string out;
  d.frames.clear();
  for (const std::string& frame : frames) {
    const std::size_t begin = out.size();
    const std::size_t stored = deflater.append_frame(frame, out);
    d.frames.push_back({stored, frame.size(), checksum(view(std::string_view(out).substr(begin)))});
  }
  return out;
}

}  // namespace

bool change_block(std::string& directory_body, std::string& frames, Chance& chance) {
  auto parsed = parse_block_directory(view(directory_body));
  std::vector<std::string> inflated;
  if (!parsed || !inflate_all(*parsed, frames, inflated)) return false;
  BlockDirectory& d = *parsed;
  switch (chance.below(8)) {
    case 0:
      change_list(inflated, chance);
      frames = deflate_all(d, inflated);
      break;
    case 1:
      grow(d, inflated, chance);
      frames = deflate_all(d, inflated);
      break;
    case 2:
    case 3:
    case 4:
      change_values(d, inflated, chance);
      frames = deflate_all(d, inflated);
      break;
    case 5:
      change_items(d, chance);
      break;
    default:
      change_field(d, chance);
  }
  directory_body = write_block_directory(d);
  return true;
}

}  // namespace lmlog::fuzz
