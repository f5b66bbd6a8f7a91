// SPDX-License-Identifier: Apache-2.0
// Reading order as in shm-abi.md §2: the head, an acquire fence, the entries below it.
#include "collector/attach/statement_catalog.hpp"

#include <algorithm>

#include <lmlog/formats/catalog.hpp>
#include <lmlog/formats/ring_protocol.hpp>

namespace lmlog::collector {

Status StatementCatalog::read_more(const File& session, const formats::SessionDescriptor& descriptor,
                                   const CatalogLimits& limits) {
  if (has_refused_) return Done{};
  std::uint64_t head = 0;
  const auto got = formats::read_head(
      [&] { return session.read_at(formats::kCatalogHeadOffset, std::as_writable_bytes(std::span(&head, 1))); });
  if (!got) return got.error();
  if (*got != sizeof(head)) return Error{ErrorCode::damaged, "the session file was cut"};
  if (head > descriptor.catalog_bytes || head % 8 != 0 || head < raw_.size())
    return Error{ErrorCode::damaged, "the head of its catalog is impossible (" + std::to_string(head) + ")"};
  if (head == raw_.size()) return Done{};
  // Never more than the limit is allocated, whatever the head says.
  const std::uint64_t wanted = std::min(head, std::max<std::uint64_t>(limits.bytes, raw_.size())) - raw_.size();
  std::string bytes(static_cast<std::size_t>(wanted), '\0');
  const auto read = session.read_at(descriptor.catalog_offset + raw_.size(),
                                    std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
  if (!read) return read.error();
  if (*read != wanted) return Error{ErrorCode::damaged, "the session file was cut"};
  const bool is_cut = raw_.size() + wanted < head;
  const auto status = take_entries(std::as_bytes(std::span(bytes.data(), bytes.size())), limits);
  if (is_cut) has_refused_ = true;
  // The last entry of a cut catalog ends behind the limit: refused, not damaged.
  if (!status && is_cut && status.error().code == ErrorCode::truncated) return Done{};
  if (!status) return Error{ErrorCode::damaged, "its catalog is damaged: " + status.error().text};
  return Done{};
}

Status StatementCatalog::take_entries(std::span<const std::byte> bytes, const CatalogLimits& limits) {
  while (!bytes.empty()) {
    const auto next = formats::next_catalog_entry(bytes);
    if (!next) return next.error();
    const auto& [entry, padded] = *next;
    if (entry.type == static_cast<std::uint16_t>(formats::CatalogEntryType::statement)) {
      if (shapes_.size() >= limits.statements) {
        has_refused_ = true;
        return Done{};
      }
      const auto statement = formats::parse_statement(entry.raw);
      if (!statement) return Error{ErrorCode::damaged, statement.error().text};
      if (statement->id != formats::kFirstStatementId + shapes_.size())
        return Error{ErrorCode::damaged, "statement " + std::to_string(statement->id) + " is out of order"};
      shapes_.push_back({static_cast<std::uint32_t>(statement->fixed_bytes), statement->variable_arguments});
    }
    // Archiver and decoder stop reading a catalog where a logger is malformed: they must not be given one.
    if (entry.type == static_cast<std::uint16_t>(formats::CatalogEntryType::logger)) {
      if (const auto logger = formats::parse_logger(entry.raw); !logger)
        return Error{ErrorCode::damaged, logger.error().text};
    }
    raw_.append(reinterpret_cast<const char*>(bytes.data()), padded);
    bytes = bytes.subspan(padded);
  }
  return Done{};
}

}  // namespace lmlog::collector
