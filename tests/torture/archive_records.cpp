// SPDX-License-Identifier: Apache-2.0
// Columns to records: the values of a record's site stand in the columns of its run, or in those of all runs.
#include "tests/torture/archive_records.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include <lmlog/formats/segment_reader.hpp>

namespace lmlog::torture {

namespace {

namespace fs = std::filesystem;
using formats::BlockReader;
using formats::Column;

constexpr std::size_t kArguments = 5;

template <class T> T need(formats::Result<T> result, const std::string& path) {
  if (!result) throw std::runtime_error(path + ": " + result.error().text);
  return std::move(result).value();
}

/// The columns of one (site, run) or (site, all runs), and how far they are read.
struct SiteColumns {
  std::vector<Column> columns;
  std::size_t next = 0;
};

class Block {
 public:
  Block(BlockReader& reader, const formats::SegmentReader& segment, const std::string& path)
      : reader_(reader), segment_(segment), path_(path) {}

  void read(const std::function<void(const TortureRecord&)>& record,
            const std::function<void(std::uint32_t, std::uint32_t, std::uint64_t)>& lost) {
    const auto& directory = reader_.directory();
    const Column statements = column(0, 0, static_cast<std::uint32_t>(formats::BlockColumn::statement));
    std::size_t at = 0;
    for (std::uint32_t run = 0; run < directory.runs.size(); ++run) {
      const auto& one = directory.runs[run];
      const auto number = directory.sessions.at(one.session).number;
      const std::uint32_t pid = segment_.sessions().at(number)->descriptor().pid;
      for (const auto& [reason, count] : one.losses) lost(pid, reason, count);
      for (std::uint64_t i = 0; i < one.records; ++i) {
        const auto& statement = directory.statements.at(statements.numbers.at(at++));
        if (statement.id < formats::kFirstStatementId) continue;
        record(next_of(statement.site, run));
      }
    }
    if (at != directory.records) throw std::runtime_error(path_ + ": the runs do not have the block's records");
  }

 private:
  Column column(std::uint32_t site, std::uint32_t run, std::uint32_t argument) {
    const auto index = reader_.find_column(site, run, argument);
    if (!index) throw std::runtime_error(path_ + ": a column is missing");
    return need(reader_.column(*index), path_);
  }

  TortureRecord next_of(std::uint32_t site, std::uint32_t run) {
    const bool is_keyed = reader_.find_column(site + 1, run + 1, 0).has_value();
    auto& columns = columns_[{site, is_keyed ? run + 1 : 0}];
    if (columns.columns.empty()) {
      for (std::uint32_t i = 0; i < kArguments; ++i)
        columns.columns.push_back(column(site + 1, is_keyed ? run + 1 : 0, i));
    }
    const std::size_t i = columns.next++;
    const auto number = [&](std::size_t argument) { return columns.columns[argument].numbers.at(i); };
    return {static_cast<std::uint32_t>(number(0)), static_cast<std::uint32_t>(number(1)), number(2), number(3),
            columns.columns[4].strings.at(i)};
  }

  BlockReader& reader_;
  const formats::SegmentReader& segment_;
  const std::string& path_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, SiteColumns> columns_;
};

std::vector<std::string> segments_of(const std::string& archive) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(archive + "/hot")) {
    if (entry.path().extension() == ".lms") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

void read_archive(const std::string& archive, const std::function<void(const TortureRecord&)>& record,
                  const std::function<void(std::uint32_t, std::uint32_t, std::uint64_t)>& lost) {
  for (const auto& path : segments_of(archive)) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const formats::MemorySource source(std::move(text).str());
    const auto segment = need(formats::SegmentReader::open(source), path);
    if (!segment.has_footer()) throw std::runtime_error(path + ": is not sealed");
    if (!segment.damage().empty()) throw std::runtime_error(path + ": is damaged: " + segment.damage().front().what);
    for (const auto& summary : segment.blocks()) {
      BlockReader reader = need(segment.read_block(summary), path);
      Block(reader, segment, path).read(record, lost);
    }
  }
}

}  // namespace lmlog::torture
