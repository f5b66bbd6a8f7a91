// SPDX-License-Identifier: Apache-2.0
// One session as a reader knows it: descriptor, owner and the statements of its catalog, which only ever grows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lmlog/formats/catalog.hpp"
#include "lmlog/formats/descriptors.hpp"
#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/session_layout.hpp"

namespace lmlog::formats {

/// Not thread-safe. Statements keep their address for the life of the catalog.
class SessionCatalog {
 public:
  SessionCatalog(const SessionDescriptor& descriptor, std::uint32_t uid) : descriptor_(descriptor), uid_(uid) {}

  [[nodiscard]] const SessionDescriptor& descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const Id128& id() const noexcept { return descriptor_.session_id; }
  [[nodiscard]] std::uint32_t uid() const noexcept { return uid_; }

  /// Adds whole raw entries (padded, back to back) that follow the `catalog_bytes()` already known; stops at the first
  /// that is damaged. What came before it is kept. Entries of other types are stepped over.
  Status append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      auto next = next_catalog_entry(bytes);
      if (!next) return next.error();
      if (auto status = add_next(next->first); !status) return status;
      catalog_bytes_ += next->second;
      bytes = bytes.subspan(next->second);
    }
    return Done{};
  }

  /// Adds one raw entry without padding: what catalog parts of segments hold. An id that is known already is left as it
  /// is.
  Status add_entry(std::span<const std::byte> raw) {
    if (raw.size() >= sizeof(CatalogEntryHeader)) {
      CatalogEntryHeader header;
      std::memcpy(&header, raw.data(), sizeof(header));
      if (header.type == static_cast<std::uint16_t>(CatalogEntryType::logger)) return add_logger(raw);
      if (header.type != static_cast<std::uint16_t>(CatalogEntryType::statement)) return Done{};
    }
    auto parsed = parse_statement(raw);
    if (!parsed) return parsed.error();
    const std::uint32_t id = parsed->id;
    const std::size_t index = id - kFirstStatementId;
    if (index >= kControlCount) return Error{ErrorCode::damaged, "a statement id is beyond the control words"};
    if (entry_of(id) != nullptr) return Done{};
    const auto* text = reinterpret_cast<const char*>(raw.data());
    auto entry = std::make_unique<Entry>(Entry{*std::move(parsed), std::string(text, raw.size())});
    if (index < statements_.size() || index <= 2 * count_ + kFirstDense) {
      if (index >= statements_.size()) statements_.resize(index + 1);
      statements_[index] = std::move(entry);
    } else {
      sparse_.emplace(id, std::move(entry));
    }
    id_limit_ = std::max(id_limit_, id + 1);
    ++count_;
    return Done{};
  }

  /// Null when the id is not known.
  [[nodiscard]] const Statement* find(std::uint32_t id) const noexcept {
    const Entry* entry = entry_of(id);
    return entry == nullptr ? nullptr : &entry->statement;
  }

  /// The raw entry without padding, as it came; empty when the id is not known.
  [[nodiscard]] std::string_view raw_entry(std::uint32_t id) const noexcept {
    const Entry* entry = entry_of(id);
    return entry == nullptr ? std::string_view{} : std::string_view(entry->raw);
  }

  /// The raw entry of a logger, as for statements.
  [[nodiscard]] std::string_view raw_logger(std::uint32_t logger) const noexcept {
    const auto found = loggers_.find(logger);
    return found == loggers_.end() ? std::string_view{} : std::string_view(found->second);
  }

  /// Empty when there is no logger of this id.
  [[nodiscard]] std::string logger_name(std::uint32_t logger) const {
    const std::string_view raw = raw_logger(logger);
    if (raw.empty()) return {};
    return std::string(parse_logger(std::as_bytes(std::span(raw.data(), raw.size())))->name);
  }

  /// Calls `take` with the raw entry of every logger, then of every statement, in the order of their ids.
  template <class Take> void for_each_entry(Take take) const {
    for (const auto& [id, raw] : loggers_) take(std::string_view(raw));
    for (std::uint32_t id = kFirstStatementId; id < id_limit_; ++id)
      if (const std::string_view raw = raw_entry(id); !raw.empty()) take(raw);
  }

  /// Bytes of the session's catalog that were appended so far.
  [[nodiscard]] std::uint64_t catalog_bytes() const noexcept { return catalog_bytes_; }
  [[nodiscard]] std::size_t statement_count() const noexcept { return count_; }
  [[nodiscard]] std::uint32_t id_limit() const noexcept { return id_limit_; }

 private:
  struct Entry {
    Statement statement;
    std::string raw;
  };

  /// Of a session's own catalog: statements come in the order of their ids, without gaps. (A journal may begin in its
  /// middle, and may say again what is known.)
  Status add_next(const CatalogEntry& entry) {
    StatementHeader head{};
    if (entry.type == static_cast<std::uint16_t>(CatalogEntryType::statement) &&
        entry.raw.size() >= sizeof(CatalogEntryHeader) + sizeof(head)) {
      std::memcpy(&head, entry.raw.data() + sizeof(CatalogEntryHeader), sizeof(head));
      const std::string_view raw(reinterpret_cast<const char*>(entry.raw.data()), entry.raw.size());
      if (const Entry* known = entry_of(head.id); known != nullptr && known->raw == raw) return Done{};
      if (next_id_ != 0 && head.id != next_id_)
        return Error{ErrorCode::damaged, "a statement's id is not the next one", sizeof(CatalogEntryHeader), 4};
    }
    auto status = add_entry(entry.raw);
    if (status && head.id != 0) next_id_ = head.id + 1;
    return status;
  }

  Status add_logger(std::span<const std::byte> raw) {
    const auto parsed = parse_logger(raw);
    if (!parsed) return parsed.error();
    loggers_.try_emplace(parsed->id, reinterpret_cast<const char*>(raw.data()), raw.size());
    return Done{};
  }

  [[nodiscard]] const Entry* entry_of(std::uint32_t id) const noexcept {
    const std::size_t index = id - kFirstStatementId;  // wraps for kinds: then beyond any size
    if (id >= kFirstStatementId && index < statements_.size() && statements_[index]) return statements_[index].get();
    if (sparse_.empty()) return nullptr;
    const auto found = sparse_.find(id);
    return found == sparse_.end() ? nullptr : found->second.get();
  }

  static constexpr std::size_t kFirstDense = 64;  // a foreign file may claim any id for its only statement

  SessionDescriptor descriptor_;
  std::uint32_t uid_;
  std::vector<std::unique_ptr<Entry>> statements_;  // by id, where that wastes little memory
  std::unordered_map<std::uint32_t, std::unique_ptr<Entry>> sparse_;
  std::map<std::uint32_t, std::string> loggers_;  // raw entries
  std::uint32_t id_limit_ = kFirstStatementId;
  std::uint64_t catalog_bytes_ = 0;
  std::size_t count_ = 0;
  std::uint32_t next_id_ = 0;  // 0: any
};

}  // namespace lmlog::formats
