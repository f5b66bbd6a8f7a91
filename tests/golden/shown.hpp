// SPDX-License-Identifier: Apache-2.0
// What a reader must get from a golden file, as JSON: the forms that tests/golden/README.md defines.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/session_catalog.hpp"
#include "lmlog/formats/state_vector.hpp"
#include "lmlog/formats/ticks.hpp"
#include "tests/golden/json.hpp"

namespace lmlog::golden {

using namespace lmlog::formats;

[[nodiscard]] std::string hex(std::span<const std::byte> bytes);
[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::string hex64(std::uint64_t value);

[[nodiscard]] Json shown(const SessionDescriptor& descriptor);
[[nodiscard]] Json shown(const Statement& statement);
[[nodiscard]] Json shown(const StateVector& state);
/// Statements in the order of their ids.
[[nodiscard]] Json shown_statements(const SessionCatalog& catalog);
[[nodiscard]] Json shown(const TimeRanges& ranges);
/// Counts by reason, as text keys; those that are not zero.
[[nodiscard]] Json shown_counts(const LossCounts& counts);
[[nodiscard]] Json shown_by_name(const LossList& losses);
[[nodiscard]] Json shown_body(std::uint32_t kind, std::span<const std::byte> body);

/// Shows the records of one ring in their order, each with the state in which it stands.
class ShownRecords {
 public:
  ShownRecords(const SessionCatalog& session, TickConverter converter, StateVector begin)
      : session_(&session), converter_(std::move(converter)), state_(std::move(begin)) {}

  /// `arguments`: the arguments of a statement, the body of a kind.
  [[nodiscard]] Json record(std::uint64_t position, std::uint64_t length, std::uint64_t time, std::uint32_t id,
                            std::string_view arguments, bool with_fields = true);

  /// A loss record that the collector made.
  [[nodiscard]] Json losses(std::uint64_t cursor_position, std::uint64_t time, const LossCounts& counts);

  [[nodiscard]] const StateVector& state() const { return state_; }

 private:
  [[nodiscard]] Json frame(std::string_view kind, std::uint64_t position, std::uint64_t length, std::uint64_t time);
  [[nodiscard]] std::uint32_t clock_kind() const;

  const SessionCatalog* session_;
  TickConverter converter_;
  StateVector state_;
};

}  // namespace lmlog::golden
