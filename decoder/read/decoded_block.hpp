// SPDX-License-Identifier: Apache-2.0
// A block with its columns decoded and its promises checked: which record is of which statement, where each record's
// values are, and which position it had in its ring.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "decoder/read/row_batch.hpp"
#include "decoder/read/segment_index.hpp"
#include "lmlog/formats/result.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "lmlog/formats/ticks.hpp"

namespace lmlog::decoder {

struct DecodedBlock {
  struct Statement {
    const StatementRef* reference = nullptr;  // null: a record kind
    std::uint32_t id = 0;
    std::uint32_t site = 0;
  };

  /// The columns of a site, for one run or for all that have none of their own: by argument, indices in `columns`.
  using Group = std::vector<std::uint32_t>;

  std::shared_ptr<OpenSegment> segment;  // owns sessions and statements
  formats::BlockDirectory directory;
  std::vector<formats::TickConverter> converters;  // by the block's session
  std::vector<Statement> statements;
  /// A column in an encoding of a newer version: its values are missing, all others are there.
  struct UnreadableColumn {
    std::uint32_t site = 0;  // index in the directory
    std::uint32_t argument = 0;
    std::uint8_t encoding = 0;
    friend auto operator<=>(const UnreadableColumn&, const UnreadableColumn&) = default;
  };

  std::vector<Group> groups;                // the first one is empty: for sites without arguments
  std::vector<std::uint64_t> run_begins;    // by run: its first record
  std::vector<std::uint32_t> statement_of;  // by record, as all below
  std::vector<std::uint64_t> ticks;
  std::vector<std::uint64_t> positions;
  std::vector<std::uint32_t> group_of;
  std::vector<std::uint32_t> value_at;   // index in the columns of its group
  std::vector<formats::Column> columns;  // as in the directory; an unreadable one has zeros or empty strings
  std::vector<std::shared_ptr<const UnreadableArguments>> unreadable;  // by group; null: all is readable
  std::set<UnreadableColumn> unreadable_columns;

  [[nodiscard]] std::size_t memory() const noexcept;

  /// Says once for each site, argument and encoding what cannot be read; that is no damage.
  void report_unreadable(Report& report) const;

  /// Reads, checks and decodes. Errors: damaged (with the byte range of the block in its file), unsupported, io.
  [[nodiscard]] static formats::Result<std::shared_ptr<const DecodedBlock>> read(
      const std::shared_ptr<OpenSegment>& segment, std::uint32_t block);

  [[nodiscard]] const Session& session_of(const formats::BlockRun& run) const {
    return *segment->sessions[directory.sessions[run.session].number];
  }
};

}  // namespace lmlog::decoder
