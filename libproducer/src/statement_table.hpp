// SPDX-License-Identifier: Apache-2.0
// The statements that the process has ever registered, as catalog entries with their ids. Ids are dense and never
// change: a new session gets them all, and a plugin that is loaded again gets its old ones. Guarded by the process's
// lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <lmlog/formats/registry.hpp>
#include <lmlog/logger_statement.hpp>
#include <lmlog/statement.hpp>

namespace lmlog::detail {

class StatementTable {
 public:
  struct Entry {
    std::string bytes;  // the whole catalog entry, padded to 8
    formats::Level level;
    const LoggerState* logger;        // null: the process itself
    LoggerVariant* parked = nullptr;  // of unloaded libraries, linked by next_of_site
  };

  /// The statement's id; nullopt when the process has as many statements as a session has control words.
  [[nodiscard]] std::optional<std::uint32_t> enter(const StatementDescription& description);

  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(entries_.size()); }
  /// `index` is id − 64.
  [[nodiscard]] const Entry& entry(std::uint32_t index) const noexcept { return entries_[index]; }

  /// Keeps the variant of an unloaded library for the day when the statement comes again. Nothing else may use it: a
  /// thread that goes on while the process ends may be in the middle of a call.
  void park(std::uint32_t id, LoggerVariant& variant) noexcept;
  /// Null when there is none.
  [[nodiscard]] LoggerVariant* take_parked(std::uint32_t id) noexcept;

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::uint32_t> indexes_;  // by the entry's bytes with id 0
};

}  // namespace lmlog::detail
