// SPDX-License-Identifier: Apache-2.0
// Columns to records: the values of a record's site stand in the columns of its run, or in those of all runs.
#include "tests/collector/support/archived_records.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <lmlog/formats/segment_reader.hpp>
#include <lmlog/formats/ticks.hpp>

namespace lmlog::collector::testing {

namespace {

namespace fs = std::filesystem;
using formats::BlockReader;
using formats::Column;

template <class T> T need(formats::Result<T> result, const std::string& path) {
  if (!result) throw std::runtime_error(path + ": " + result.error().text);
  return std::move(result).value();
}

std::uint32_t clock_of(const ArchivedRecord& clock_record) {
  std::uint32_t kind = 0;
  std::memcpy(&kind, clock_record.arguments.at(0).data(), sizeof(kind));
  return kind;
}

class Block {
 public:
  Block(BlockReader reader, const formats::SegmentReader& segment, const std::string& path)
      : reader_(std::move(reader)), segment_(segment), path_(path) {}

  void read(Archived& out) {
    const auto& directory = reader_.directory();
    const Column statements = column(0, 0, 0);
    const Column times = column(0, 0, 1);
    std::size_t at = 0;
    for (std::uint32_t run = 0; run < directory.runs.size(); ++run) {
      const auto& one = directory.runs[run];
      for (const auto& [reason, count] : one.losses) {
        out.lost[reason] += count;
        out.lost_of[one.ring][reason] += count;
      }
      if (one.made_by_collector) out.losses.push_back({one.ring, one.to + one.cursor_offset, one.losses});
      const auto& session = directory.sessions.at(one.session);
      const auto* catalog = segment_.session(session.number);
      if (catalog == nullptr) throw std::runtime_error(path_ + ": the catalog of a session is missing");
      const formats::TickConverter converter(session.anchors, catalog->descriptor().tsc_hz);
      std::uint32_t clock = one.begin_state.clock_kind;
      if (clock == 0) clock = catalog->descriptor().clock;
      for (std::uint64_t i = 0; i < one.records; ++i, ++at) {
        const auto& statement = directory.statements.at(statements.numbers.at(at));
        const std::uint64_t time = times.numbers.at(at);
        ArchivedRecord record{one.ring, statement.id, time, 0, one.from, next_of(statement.site, run)};
        // A clock record says in its first argument which clock the next ones have.
        if (statement.id == static_cast<std::uint32_t>(formats::RecordKind::clock)) clock = clock_of(record);
        record.time_ns = converter.record_ns(time, clock);
        if (statement.id >= formats::kFirstStatementId) out.records.push_back(std::move(record));
      }
    }
  }

 private:
  struct Site {
    std::vector<Column> columns;
    std::size_t next = 0;
  };

  Column column(std::uint32_t site, std::uint32_t run, std::uint32_t argument) {
    const auto index = reader_.find_column(site, run, argument);
    if (!index) throw std::runtime_error(path_ + ": a column is missing");
    return need(reader_.column(*index), path_);
  }

  std::vector<std::string> next_of(std::uint32_t site, std::uint32_t run) {
    const std::uint32_t key = reader_.find_column(site + 1, run + 1, 0) ? run + 1 : 0;
    auto [found, is_new] = sites_.try_emplace({site, key});
    if (is_new) {
      for (std::uint32_t i = 0; reader_.find_column(site + 1, key, i); ++i)
        found->second.columns.push_back(column(site + 1, key, i));
    }
    const std::size_t i = found->second.next++;
    std::vector<std::string> out;
    for (const auto& values : found->second.columns)
      out.push_back(formats::is_variable(values.type) ? std::string(values.strings.at(i))
                                                      : std::to_string(values.numbers.at(i)));
    return out;
  }

  BlockReader reader_;
  const formats::SegmentReader& segment_;
  const std::string& path_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Site> sites_;
};

}  // namespace

void read_segment(const formats::ByteSource& source, const std::string& path, Archived& out) {
  const auto segment = need(formats::SegmentReader::open(source), path);
  if (!segment.has_footer()) throw std::runtime_error(path + " is not sealed");
  out.segments.push_back(segment.header());
  out.checkpoints.push_back(segment.checkpoint());
  const auto verified = need(segment.verify([](std::uint64_t) {}), path);
  for (const auto& damage : verified.damage) out.damage.push_back(path + ": " + damage.what);
  for (const auto& summary : segment.blocks()) Block(need(segment.read_block(summary), path), segment, path).read(out);
}

Archived read_archive(const std::string& archive) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(archive)) {
    if (entry.path().extension() == ".lms") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  Archived out;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    read_segment(formats::MemorySource(std::move(text).str()), path, out);
  }
  return out;
}

}  // namespace lmlog::collector::testing
