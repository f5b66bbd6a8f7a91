// SPDX-License-Identifier: Apache-2.0
// See statement_table.hpp.
#include "libproducer/src/statement_table.hpp"

#include <cstring>
#include <string_view>
#include <utility>

#include <lmlog/formats/catalog.hpp>
#include <lmlog/formats/session_layout.hpp>

#include "libproducer/src/logger_table.hpp"

namespace lmlog::detail {

namespace {

constexpr std::size_t kMaxPlaceBytes = 65535;  // the catalog gives file and function two bytes of length
constexpr std::size_t kIdOffset = 8;           // shm-abi.md §4

std::string serialize(const StatementDescription& description) {
  std::vector<formats::StatementParts::Arg> arguments;
  arguments.reserve(description.argument_count);
  for (std::uint32_t i = 0; i < description.argument_count; ++i) {
    const ArgumentShape& shape = description.arguments[i];
    arguments.push_back({static_cast<std::uint8_t>(shape.type), argument_flags(shape), shape.name, shape.description});
  }
  const SiteText& text = description.text;
  const formats::StatementParts parts{
      .id = 0,
      .line = text.line,
      .site_hash = description.site_hash,
      .level = static_cast<std::uint8_t>(text.level),
      .flags = text.time_given ? formats::kStatementTimeGiven : std::uint16_t{0},
      .logger_id = description.logger != nullptr ? description.logger->id : 0,
      .format = text.format,
      .file = text.file.substr(0, kMaxPlaceBytes),
      .function = text.function.substr(0, kMaxPlaceBytes),
      .arguments = arguments,
  };
  std::string bytes(formats::statement_entry_bytes(parts), '\0');
  formats::write_statement_entry(parts, reinterpret_cast<std::byte*>(bytes.data()));
  return bytes;
}

}  // namespace

std::optional<std::uint32_t> StatementTable::enter(const StatementDescription& description) {
  std::string bytes = serialize(description);
  if (const auto known = indexes_.find(bytes); known != indexes_.end())
    return known->second + formats::kFirstStatementId;
  if (entries_.size() == formats::kControlCount) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(entries_.size());
  const std::uint32_t id = index + formats::kFirstStatementId;
  Entry entry{bytes, description.text.level, description.logger};
  std::memcpy(entry.bytes.data() + kIdOffset, &id, sizeof(id));
  entries_.push_back(std::move(entry));
  indexes_.emplace(std::move(bytes), index);
  return id;
}

void StatementTable::park(std::uint32_t id, LoggerVariant& variant) noexcept {
  Entry& entry = entries_[id - formats::kFirstStatementId];
  variant.next_of_site = entry.parked;
  entry.parked = &variant;
}

LoggerVariant* StatementTable::take_parked(std::uint32_t id) noexcept {
  Entry& entry = entries_[id - formats::kFirstStatementId];
  LoggerVariant* const variant = entry.parked;
  if (variant != nullptr) entry.parked = variant->next_of_site;
  return variant;
}

}  // namespace lmlog::detail
