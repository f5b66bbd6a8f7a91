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
#include <lmlog/statement.hpp>

namespace lmlog::detail {

class StatementTable {
 public:
  struct Entry {
    std::string bytes;  // the whole catalog entry, padded to 8
    formats::Level level;
  };

  /// The statement's id; nullopt when the process has as many statements as a session has control words.
  [[nodiscard]] std::optional<std::uint32_t> enter(const StatementDescription& description);

  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(entries_.size()); }
  /// `index` is id − 64.
  [[nodiscard]] const Entry& entry(std::uint32_t index) const noexcept { return entries_[index]; }

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::uint32_t> indexes_;  // by the entry's bytes with id 0
};

}  // namespace lmlog::detail
