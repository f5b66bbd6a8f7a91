// SPDX-License-Identifier: Apache-2.0
// Checks a block's directory against its columns and catalog before any record of it is believed.
#include "decoder/read/decoded_block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "lmlog/formats/record.hpp"

namespace lmlog::decoder {

using formats::ArgType;
using formats::BlockColumn;
using formats::Column;
using formats::Error;
using formats::ErrorCode;
using formats::Result;

namespace {

constexpr std::uint32_t kNoColumn = ~std::uint32_t{0};
constexpr std::uint32_t kMaxArguments = 255;  // the catalog counts them in one byte
/// A directory may promise anything in a few bytes. What a collector writes (40 MiB of ring bytes) has at most as many
/// values as ring bytes, and a quarter as many strings.
constexpr std::uint64_t kMaxDecodedBytes = std::uint64_t{384} << 20;
/// The longest record, and what a broken one lacked: it is stored with zeros and length words in its place.
constexpr std::uint64_t kMaxArgumentBytes = formats::kMaxRecordBytes + kMaxArguments * 12;

class Decoder {
 public:
  Decoder(DecodedBlock& out, formats::BlockReader& reader) : out_(out), reader_(reader) {}

  [[nodiscard]] std::optional<Error> run() {
    if (auto error = check_sessions()) return error;
    if (auto error = take_statements()) return error;
    if (auto error = take_block_columns()) return error;
    if (auto error = take_site_columns()) return error;
    return place_records();
  }

 private:
  static Error contradiction(std::string what) {
    return {ErrorCode::damaged, "the block contradicts itself: " + std::move(what)};
  }

  std::optional<Error> check_sessions() {
    const auto& d = out_.directory;
    for (const auto& session : d.sessions) {
      if (session.number >= out_.segment->sessions.size()) return contradiction("it names a session without catalog");
      out_.converters.emplace_back(session.anchors, out_.segment->sessions[session.number]->descriptor().tsc_hz);
    }
    std::uint64_t bytes = 0;  // no sum overflows: a block has few records and columns
    for (const auto& column : d.columns) {
      const bool is_string = formats::is_variable(static_cast<ArgType>(column.type));
      bytes += column.values * (is_string ? sizeof(std::string_view) : sizeof(std::uint64_t));
    }
    if (bytes > kMaxDecodedBytes)
      return Error{ErrorCode::too_large, "the block promises more records than any block has"};
    std::uint64_t records = 0;
    for (const auto& run : d.runs) {
      if (run.session >= d.sessions.size()) return contradiction("a run names no session");
      if (run.records > d.records - records) return contradiction("its runs hold more records than it has");
      if (run.made_by_collector && run.records != 1) return contradiction("a run of the collector has not one record");
      out_.run_begins.push_back(records);
      records += run.records;
    }
    if (records != d.records) return contradiction("its runs hold fewer records than it has");
    return std::nullopt;
  }

  std::optional<Error> take_statements() {
    const auto& d = out_.directory;
    for (const auto& s : d.statements) {
      if (s.session >= d.sessions.size() || s.site >= d.sites.size()) return contradiction("a statement has no site");
      DecodedBlock::Statement statement{nullptr, s.id, s.site};
      if (s.id >= formats::kFirstStatementId) {
        statement.reference = out_.segment->sessions[d.sessions[s.session].number]->statement(s.id);
        if (statement.reference == nullptr) return contradiction("a statement is not in the catalog");
        if (statement.reference->statement->site_hash != d.sites[s.site].hash)
          return contradiction("a statement is of another site than its block says");
      }
      out_.statements.push_back(statement);
    }
    return std::nullopt;
  }

  /// A column of the block itself; all have one value for each record.
  [[nodiscard]] Result<Column> block_column(BlockColumn which) {
    const auto index = reader_.find_column(0, 0, static_cast<std::uint32_t>(which));
    if (!index) return contradiction("a column of its own is missing");
    auto column = reader_.column(*index);
    if (column && (formats::is_variable(column->type) || column->size() != out_.directory.records))
      return contradiction("a column of its own has not one number for each record");
    return column;
  }

  std::optional<Error> take_block_columns() {
    auto statement = block_column(BlockColumn::statement);
    if (!statement) return statement.error();
    out_.statement_of.reserve(statement->numbers.size());
    for (const std::uint64_t s : statement->numbers) {
      if (s >= out_.statements.size()) return contradiction("a record is of no statement");
      out_.statement_of.push_back(static_cast<std::uint32_t>(s));
    }
    auto time = block_column(BlockColumn::time);
    if (!time) return time.error();
    out_.ticks = std::move(time->numbers);
    return std::nullopt;
  }

  std::optional<Error> take_site_columns() {
    const auto& d = out_.directory;
    out_.columns.resize(d.columns.size());
    out_.groups.emplace_back();
    for (std::size_t i = 0; i < d.columns.size(); ++i) {
      const auto& entry = d.columns[i];
      if (entry.site == 0) continue;
      if (entry.site > d.sites.size() || entry.run > d.runs.size()) return contradiction("a column has no site");
      if (auto error = take_column(i)) return error;
      const auto [group, is_new] =
          group_of_.try_emplace(group_key(entry.site - 1, entry.run), static_cast<std::uint32_t>(out_.groups.size()));
      if (is_new) out_.groups.emplace_back();
      auto& columns = out_.groups[group->second];
      if (entry.argument > kMaxArguments) return contradiction("a column has no argument");
      if (columns.size() <= entry.argument) columns.resize(entry.argument + 1, kNoColumn);
      columns[entry.argument] = static_cast<std::uint32_t>(i);
    }
    next_.resize(out_.groups.size());
    mark_unreadable();
    return std::nullopt;
  }

  std::optional<Error> take_column(std::size_t i) {
    auto column = reader_.column(i);
    if (column) {
      out_.columns[i] = std::move(*column);
      return std::nullopt;
    }
    if (column.error().code != ErrorCode::unsupported) return column.error();
    const auto& entry = out_.directory.columns[i];
    auto& blank = out_.columns[i];
    blank.type = static_cast<ArgType>(entry.type);
    if (formats::is_variable(blank.type)) {
      blank.strings.resize(static_cast<std::size_t>(entry.values));
    } else {
      blank.numbers.resize(static_cast<std::size_t>(entry.values));
    }
    out_.unreadable_columns.insert({entry.site - 1, entry.argument, entry.encoding});
    is_unreadable_.insert(static_cast<std::uint32_t>(i));
    return std::nullopt;
  }

  /// What of each group cannot be read, once all groups have their columns.
  void mark_unreadable() {
    out_.unreadable.resize(out_.groups.size());
    hides_length_.resize(out_.groups.size());
    if (is_unreadable_.empty()) return;
    for (std::size_t g = 0; g < out_.groups.size(); ++g) {
      UnreadableArguments arguments;
      bool any = false;
      for (const std::uint32_t column : out_.groups[g]) {
        arguments.push_back(is_unreadable_.contains(column));
        if (!arguments.back()) continue;
        any = true;
        if (formats::is_variable(out_.columns[column].type)) hides_length_[g] = true;
      }
      if (any) out_.unreadable[g] = std::make_shared<const UnreadableArguments>(std::move(arguments));
    }
  }

  static std::uint64_t group_key(std::uint64_t site, std::uint64_t run) { return site << 32 | run; }

  /// The group that holds the values of a statement in a run (counted from 1); nullopt when its columns do not fit it.
  std::optional<std::uint32_t> group_for(const DecodedBlock::Statement& statement, std::uint32_t run) const {
    const bool is_kind = statement.reference == nullptr;
    const std::size_t count = is_kind ? 1 : statement.reference->statement->arguments.size();
    if (count == 0) return 0;
    auto found = group_of_.find(group_key(statement.site, run));
    if (found == group_of_.end()) found = group_of_.find(group_key(statement.site, 0));
    if (found == group_of_.end()) return std::nullopt;
    const auto& columns = out_.groups[found->second];
    if (columns.size() != count) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
      const ArgType type = is_kind ? ArgType::string : statement.reference->statement->arguments[i].type();
      if (columns[i] == kNoColumn || out_.columns[columns[i]].type != type ||
          out_.columns[columns[i]].size() != out_.columns[columns[0]].size())
        return std::nullopt;
    }
    return found->second;
  }

  std::optional<Error> place_records() {
    auto gap = block_column(BlockColumn::gap);
    if (!gap) return gap.error();
    auto slack = block_column(BlockColumn::slack);
    if (!slack) return slack.error();
    const auto& d = out_.directory;
    out_.positions.reserve(d.records);
    out_.value_at.reserve(d.records);
    out_.group_of.reserve(d.records);
    struct Checked {
      std::uint32_t run = 0;  // counted from 1: of the last record of this statement
      std::uint32_t group = 0;
    };
    std::vector<Checked> checked(out_.statements.size());
    for (std::uint32_t r = 1; r <= d.runs.size(); ++r) {
      const auto& run = d.runs[r - 1];
      const std::uint64_t begin = out_.run_begins[r - 1];
      std::uint64_t position = run.from;
      bool is_known = true;  // not behind a record whose length cannot be read
      for (std::uint64_t i = begin; i < begin + run.records; ++i) {
        const std::uint32_t index = out_.statement_of[i];
        const DecodedBlock::Statement& statement = out_.statements[index];
        Checked& known = checked[index];
        if (known.run != r) {
          if (statement.reference != nullptr && d.statements[index].session != run.session)
            return contradiction("a record is of another session's statement");
          const auto group = group_for(statement, r);
          if (!group) return contradiction("columns do not fit their statement");
          known = {r, *group};
        }
        const auto& columns = out_.groups[known.group];
        const std::uint32_t value = next_[known.group]++;
        if (!columns.empty() && value >= out_.columns[columns[0]].size())
          return contradiction("a column has too few values");
        out_.group_of.push_back(known.group);
        out_.value_at.push_back(value);
        const std::uint64_t bytes = argument_bytes(statement, columns, value);
        if (bytes > kMaxArgumentBytes) return contradiction("a record is longer than any may be");
        if (run.made_by_collector) {
          out_.positions.push_back(run.to + run.cursor_offset);
          continue;
        }
        if (!is_known) {
          out_.positions.push_back(kUnknownPosition);
          continue;
        }
        position += gap->numbers[i];
        out_.positions.push_back(position);
        if (hides_length_[known.group]) {
          is_known = false;
          continue;
        }
        position += formats::record_length(bytes) + slack->numbers[i];
        if (position > run.to || position < run.from) return contradiction("a record lies outside its run");
      }
    }
    return std::nullopt;
  }

  std::uint64_t argument_bytes(const DecodedBlock::Statement& statement, const DecodedBlock::Group& columns,
                               std::uint32_t value) const {
    if (statement.reference == nullptr) return out_.columns[columns[0]].strings[value].size();
    const formats::Statement& s = *statement.reference->statement;
    std::uint64_t bytes = s.fixed_bytes;
    if (s.variable_arguments == 0) return bytes;
    for (std::size_t i = 0; i < s.arguments.size(); ++i)
      if (formats::is_variable(s.arguments[i].type()))
        bytes += sizeof(std::uint32_t) + out_.columns[columns[i]].strings[value].size();
    return bytes;
  }

  std::unordered_map<std::uint64_t, std::uint32_t> group_of_;  // by group_key
  std::vector<std::uint32_t> next_;                            // by group: values used so far
  std::vector<bool> hides_length_;                             // by group: a string of it cannot be read
  std::unordered_set<std::uint32_t> is_unreadable_;            // columns
  DecodedBlock& out_;
  formats::BlockReader& reader_;
};

}  // namespace

Result<std::shared_ptr<const DecodedBlock>> DecodedBlock::read(const std::shared_ptr<OpenSegment>& segment,
                                                               std::uint32_t block) {
  const auto& summary = segment->reader.blocks()[block];
  const auto in_file = [&summary](Error error) {
    // Damage anywhere in a block costs all of it.
    if (error.length != 0 && error.offset != summary.offset) error.text += " at " + std::to_string(error.offset);
    error.offset = summary.offset;
    error.length = summary.bytes;
    return error;
  };
  auto reader = segment->reader.read_block(summary);
  if (!reader) return in_file(reader.error());
  auto out = std::make_shared<DecodedBlock>();
  out->segment = segment;
  out->directory = reader->directory();
  if (auto error = Decoder(*out, *reader).run()) return in_file(*std::move(error));
  return std::shared_ptr<const DecodedBlock>(std::move(out));
}

void DecodedBlock::report_unreadable(Report& report) const {
  for (const UnreadableColumn& column : unreadable_columns) {
    const auto of_site = std::find_if(statements.begin(), statements.end(),
                                      [&column](const Statement& s) { return s.site == column.site; });
    if (of_site == statements.end()) continue;  // no record has it
    const auto encoding = std::to_string(column.encoding);
    if (of_site->reference == nullptr) {
      report.note_once("records of kind " + std::to_string(of_site->id) + " are left out: their column has encoding " +
                       encoding + ", which this program does not know: use a newer lmlog");
      continue;
    }
    const formats::Statement& statement = *of_site->reference->statement;
    report.note_once(fmt::format(
        "the field '{}' of site {:016x} ({}) is left out: its column has encoding {}, which this program does not "
        "know: use a newer lmlog",
        statement.arguments[column.argument].name, statement.site_hash, statement.format, encoding));
  }
}

std::size_t DecodedBlock::memory() const noexcept {
  std::size_t bytes = sizeof(*this) + statement_of.size() * (3 * sizeof(std::uint32_t) + 2 * sizeof(std::uint64_t));
  for (const auto& column : columns) {
    bytes += column.numbers.size() * sizeof(std::uint64_t) + column.strings.size() * sizeof(std::string_view);
    if (column.storage) bytes += column.storage->size();
  }
  for (const auto& run : directory.runs)
    bytes += sizeof(run) + run.begin_state.spans.size() * 128 + run.begin_state.weights.size() * 48;
  return bytes;
}

}  // namespace lmlog::decoder
