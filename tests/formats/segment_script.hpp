// SPDX-License-Identifier: Apache-2.0
// Reads whole segments back as plain records, the way a decoder does: tests compare them with what was written.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/record.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/segment_reader.hpp"

namespace lmlog::formats::script {

/// A record with its arguments as they would lie in a ring (kinds: the body).
struct PlainRecord {
  Id128 ring;
  std::uint64_t position = 0;
  std::uint64_t length = 0;
  std::uint64_t time = 0;
  std::uint32_t id = 0;
  std::string arguments;
  friend bool operator==(const PlainRecord&, const PlainRecord&) = default;
  friend bool operator<(const PlainRecord& a, const PlainRecord& b) {
    return std::tie(a.ring, a.position, a.time, a.id) < std::tie(b.ring, b.position, b.time, b.id);
  }
};

/// The records of ring bytes.
inline std::vector<PlainRecord> records_of(const SessionCatalog& session, const Id128& ring, std::uint64_t data_bytes,
                                           std::uint64_t from, std::span<const std::byte> bytes) {
  std::vector<PlainRecord> out;
  RecordReader reader(bytes, from, data_bytes);
  for (RecordView record; reader.next(record);) {
    std::uint64_t used = record.body.size();
    if (const Statement* statement = session.find(record.id))
      used = argument_bytes(record.body, statement->fixed_bytes, statement->variable_arguments);
    const auto* text = reinterpret_cast<const char*>(record.body.data());
    out.push_back({ring, record.position, record.length, record.time, record.id,
                   std::string(text, static_cast<std::size_t>(used))});
  }
  return out;
}

/// Walks the records of a block. Columns that cannot be read end it with their error.
class BlockWalk {
 public:
  explicit BlockWalk(BlockReader& block) : block_(&block) {}

  [[nodiscard]] Result<std::vector<PlainRecord>> records() {
    const BlockDirectory& d = block_->directory();
    std::vector<PlainRecord> out;
    if (d.records == 0) return out;
    Column columns[4];
    for (std::uint32_t i = 0; i < 4; ++i) {
      if (auto status = block_->read_column(*block_->find_column(0, 0, i), columns[i]); !status) return status.error();
    }
    std::size_t index = 0;
    for (std::uint32_t run_index = 0; run_index < d.runs.size(); ++run_index) {
      const BlockRun& run = d.runs[run_index];
      std::uint64_t position = run.from;
      for (std::uint64_t i = 0; i < run.records; ++i, ++index) {
        const BlockStatement& statement = d.statements.at(static_cast<std::size_t>(columns[0].numbers[index]));
        auto arguments = arguments_of(statement.site, run_index);
        if (!arguments) return arguments.error();
        PlainRecord record{run.ring,
                           position + columns[2].numbers[index],
                           0,
                           columns[1].numbers[index],
                           statement.id,
                           *std::move(arguments)};
        record.length = run.made_by_collector ? 0 : record_length(record.arguments.size()) + columns[3].numbers[index];
        position = record.position + record.length;
        out.push_back(std::move(record));
      }
    }
    return out;
  }

 private:
  struct Set {
    std::vector<Column> columns;
    std::size_t used = 0;
  };

  Result<std::string> arguments_of(std::uint32_t site, std::uint32_t run) {
    const bool own = block_->find_column(site + 1, run + 1, 0).has_value();
    const std::uint32_t key = own ? run + 1 : 0;
    auto at = sets_.find({site, key});
    if (at == sets_.end()) {
      Set set;
      for (std::uint32_t argument = 0;; ++argument) {
        const auto index = block_->find_column(site + 1, key, argument);
        if (!index) break;
        auto column = block_->column(*index);
        if (!column) return column.error();
        set.columns.push_back(*std::move(column));
      }
      at = sets_.emplace(std::pair{site, key}, std::move(set)).first;
    }
    Set& set = at->second;
    const bool is_kind = block_->directory().sites[site].level == kNoLevel;
    std::string fixed;
    std::string variable;
    for (const Column& column : set.columns) {
      if (const std::size_t width = fixed_size(column.type); width != 0) {
        fixed.append(reinterpret_cast<const char*>(&column.numbers.at(set.used)), width);
        continue;
      }
      const std::string_view text = column.strings.at(set.used);
      const bool truncated = !column.truncated.empty() && column.truncated[set.used];
      const std::uint32_t word = static_cast<std::uint32_t>(text.size()) | (truncated ? kTruncatedBit : 0);
      if (!is_kind) variable.append(reinterpret_cast<const char*>(&word), sizeof(word));
      variable.append(text);
    }
    ++set.used;
    return fixed + variable;
  }

  BlockReader* block_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Set> sets_;
};

/// All records of all blocks that can be read; `errors` counts those that cannot.
inline std::vector<PlainRecord> records_of(const SegmentReader& segment, std::size_t* errors = nullptr) {
  std::vector<PlainRecord> out;
  for (const BlockSummary& summary : segment.blocks()) {
    auto block = segment.read_block(summary);
    auto records = block ? BlockWalk(*block).records() : Result<std::vector<PlainRecord>>(block.error());
    if (!records) {
      if (errors != nullptr) ++*errors;
      continue;
    }
    out.insert(out.end(), records->begin(), records->end());
  }
  return out;
}

}  // namespace lmlog::formats::script
