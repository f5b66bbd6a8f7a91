// SPDX-License-Identifier: Apache-2.0
// The drain's view of a session's catalog: the checked raw entries, which the journal carries on, and of each statement
// as much as validation needs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/session_layout.hpp>

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// What the records of a statement must hold.
struct RecordShape {
  std::uint32_t fixed_bytes = 0;
  std::uint32_t variable_arguments = 0;
};

struct CatalogLimits {
  std::uint64_t statements = 0;
  std::uint64_t bytes = 0;
};

/// Not thread-safe. Works on a private copy: each entry is checked once, and never read from shared memory again.
class StatementCatalog {
 public:
  /// Reads what was entered since the last call. Entries beyond the limits are refused, for good. Errors: damaged (the
  /// session broke the protocol: entries before the bad one are kept), io.
  [[nodiscard]] Status read_more(const File& session, const formats::SessionDescriptor& descriptor,
                                 const CatalogLimits& limits);

  /// Null when the id is not known.
  [[nodiscard]] const RecordShape* find(std::uint32_t id) const noexcept {
    const std::size_t index = id - formats::kFirstStatementId;  // wraps for kinds: then beyond any size
    return index < shapes_.size() ? &shapes_[index] : nullptr;
  }

  /// Whole padded entries from the first on.
  [[nodiscard]] std::span<const std::byte> raw() const noexcept {
    return std::as_bytes(std::span(raw_.data(), raw_.size()));
  }
  [[nodiscard]] std::size_t statements() const noexcept { return shapes_.size(); }
  /// Some entries were refused: records of unknown statements may be theirs.
  [[nodiscard]] bool has_refused() const noexcept { return has_refused_; }

 private:
  [[nodiscard]] Status take_entries(std::span<const std::byte> bytes, const CatalogLimits& limits);

  std::string raw_;
  std::vector<RecordShape> shapes_;  // by id − kFirstStatementId: ids come in order, without gaps
  bool has_refused_ = false;
};

}  // namespace lmlog::collector
