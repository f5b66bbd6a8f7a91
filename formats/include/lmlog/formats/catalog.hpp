// SPDX-License-Identifier: Apache-2.0
// Catalog entries: how a producer's statements are written to and read from shared memory, journal and segments.
// Implements formats/spec/shm-abi.md §4. Reading checks everything: the bytes may be anybody's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/record.hpp"
#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/result.hpp"
#include "lmlog/formats/site_hash.hpp"

namespace lmlog::formats {

struct CatalogEntryHeader {
  std::uint32_t bytes;  // whole entry, before padding to 8
  std::uint16_t type;
  std::uint16_t flags;
};

struct StatementHeader {
  std::uint32_t id;
  std::uint32_t line;
  std::uint64_t site_hash;
  std::uint8_t level;
  std::uint8_t argument_count;
  std::uint16_t flags;
  std::uint32_t format_length;
  std::uint16_t file_length;
  std::uint16_t function_length;
  std::uint32_t logger_id;
};

struct ArgumentHeader {
  std::uint8_t type;
  std::uint8_t flags;
  std::uint16_t name_length;
};

static_assert(sizeof(CatalogEntryHeader) == 8 && sizeof(StatementHeader) == 32 && sizeof(ArgumentHeader) == 4);

inline constexpr std::uint32_t kMaxEntryBytes = 1u << 20;
inline constexpr std::uint16_t kStatementTimeGiven = 1;

struct Argument {
  std::uint8_t tag = 0;  // ArgType, or a later variable type
  std::uint8_t flags = 0;
  std::string name;              // its own, else its index in decimal
  std::string description = {};  // of its type; empty without the flag `described`

  [[nodiscard]] ArgType type() const noexcept { return static_cast<ArgType>(tag); }
  [[nodiscard]] bool in_message() const noexcept { return (flags & kArgInMessage) != 0; }
};

/// A log statement: a site (level, format, arguments) at a place in the source.
struct Statement {
  std::uint32_t id = 0;
  std::uint32_t line = 0;
  std::uint64_t site_hash = 0;
  Level level = Level::info;
  std::uint16_t flags = 0;
  std::uint32_t logger_id = 0;
  std::string format;
  std::string file;
  std::string function;
  std::vector<Argument> arguments;
  std::uint64_t fixed_bytes = 0;         // size of the fixed part of its records
  std::uint32_t variable_arguments = 0;  // how many arguments are in the variable part
};

struct CatalogEntry {
  std::uint16_t type = 0;
  std::span<const std::byte> raw;  // the entry without padding, into the bytes that were parsed
};

/// Reads one entry at the start of `bytes` and steps over its padding; `consumed` is a multiple of 8.
[[nodiscard]] inline Result<std::pair<CatalogEntry, std::size_t>> next_catalog_entry(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  const auto header = in.take<CatalogEntryHeader>();
  if (!in.ok()) return Error{ErrorCode::truncated, "a catalog entry is cut off", 0, bytes.size()};
  if (header.bytes < sizeof(CatalogEntryHeader) || header.bytes > kMaxEntryBytes)
    return Error{ErrorCode::damaged, "a catalog entry has an impossible length", 0, 8};
  const std::uint64_t padded = round_up_8(header.bytes);
  if (padded > bytes.size()) return Error{ErrorCode::truncated, "a catalog entry is cut off", 0, bytes.size()};
  return std::pair{CatalogEntry{header.type, bytes.first(header.bytes)}, static_cast<std::size_t>(padded)};
}

/// Parses a whole statement entry (header included, without padding) and checks lengths, level, types, id and hash.
[[nodiscard]] inline Result<Statement> parse_statement(std::span<const std::byte> entry) {
  ByteReader in(entry);
  const auto header = in.take<CatalogEntryHeader>();
  const auto head = in.take<StatementHeader>();
  if (!in.ok() || header.type != static_cast<std::uint16_t>(CatalogEntryType::statement))
    return Error{ErrorCode::damaged, "a statement entry is too short", 0, entry.size()};
  if (head.level >= kLevelCount) return Error{ErrorCode::damaged, "a statement has no valid level", 24, 1};
  if (head.id < kFirstStatementId || head.id >= kStatementIdLimit)
    return Error{ErrorCode::damaged, "a statement has an impossible id", 8, 4};
  Statement out;
  std::vector<std::uint16_t> name_lengths;
  name_lengths.reserve(head.argument_count);
  for (unsigned i = 0; i < head.argument_count; ++i) {
    const auto arg = in.take<ArgumentHeader>();
    if (in.ok() && !is_valid_tag(arg.type))
      return Error{ErrorCode::damaged, "an argument has no valid type", in.position(), 1};
    out.arguments.push_back({arg.type, arg.flags, {}, {}});
    name_lengths.push_back(arg.name_length);
    const std::size_t size = fixed_size(static_cast<ArgType>(arg.type));
    out.fixed_bytes += size;
    out.variable_arguments += size == 0 ? 1 : 0;
  }
  out.id = head.id;
  out.line = head.line;
  out.level = static_cast<Level>(head.level);
  out.flags = head.flags;
  out.logger_id = head.logger_id;
  out.format = in.text(head.format_length);
  out.file = in.text(head.file_length);
  out.function = in.text(head.function_length);
  SiteHasher hasher(head.level, head.argument_count);
  std::vector<std::string_view> names;
  names.reserve(head.argument_count);
  for (std::size_t i = 0; i < out.arguments.size(); ++i) {
    names.push_back(in.text(name_lengths[i]));
    out.arguments[i].name = (out.arguments[i].flags & kArgNamed) != 0 ? std::string(names.back()) : std::to_string(i);
  }
  for (std::size_t i = 0; i < out.arguments.size(); ++i) {
    Argument& arg = out.arguments[i];
    if ((arg.flags & kArgDescribed) != 0) arg.description = in.text(in.take<std::uint16_t>());
    hasher.argument(arg.tag, arg.flags, names[i], arg.description);
  }
  if (!in.ok()) return Error{ErrorCode::damaged, "a statement entry is shorter than its lengths say", 0, entry.size()};
  out.site_hash = hasher.finish(out.format);
  if (out.site_hash != head.site_hash)
    return Error{ErrorCode::damaged, "a statement's site hash is not that of its parts", 16, 8};
  return out;
}

/// A named logger, to which statements refer by its id.
struct LoggerEntry {
  std::uint32_t id = 0;   // not 0: that is "none"
  std::string_view name;  // into the entry that was parsed
};

/// Bytes of the entry, padding to 8 included.
[[nodiscard]] inline std::size_t logger_entry_bytes(const LoggerEntry& logger) noexcept {
  return static_cast<std::size_t>(round_up_8(sizeof(CatalogEntryHeader) + 6 + logger.name.size()));
}

/// Writes the entry at `out`, which has room for `logger_entry_bytes(logger)`. The name has at most 65535 bytes.
/// Allocates nothing.
inline void write_logger_entry(const LoggerEntry& logger, std::byte* out) noexcept {
  const auto length = static_cast<std::uint16_t>(logger.name.size());
  const CatalogEntryHeader header{static_cast<std::uint32_t>(sizeof(header) + 6 + length),
                                  static_cast<std::uint16_t>(CatalogEntryType::logger), 0};
  std::memset(out, 0, logger_entry_bytes(logger));
  std::memcpy(out, &header, sizeof(header));
  std::memcpy(out + 8, &logger.id, sizeof(logger.id));
  std::memcpy(out + 12, &length, sizeof(length));
  if (length != 0) std::memcpy(out + 14, logger.name.data(), length);
}

/// Parses a whole logger entry (header included, without padding).
[[nodiscard]] inline Result<LoggerEntry> parse_logger(std::span<const std::byte> entry) {
  ByteReader in(entry);
  (void)in.take<CatalogEntryHeader>();
  LoggerEntry out;
  out.id = in.take<std::uint32_t>();
  out.name = in.text(in.take<std::uint16_t>());
  if (!in.ok() || out.id == 0) return Error{ErrorCode::damaged, "a logger entry is malformed", 0, entry.size()};
  return out;
}

/// What a producer has to say of a statement; all views must outlive the call of `append_statement`.
struct StatementParts {
  std::uint32_t id;
  std::uint32_t line;
  std::uint64_t site_hash;
  std::uint8_t level;
  std::uint16_t flags;
  std::uint32_t logger_id;
  std::string_view format;
  std::string_view file;
  std::string_view function;
  struct Arg {
    std::uint8_t type;
    std::uint8_t flags;
    std::string_view name;              // empty without a name of its own
    std::string_view description = {};  // of its type: with the flag kArgDescribed
  };
  std::span<const Arg> arguments;
};

/// Bytes of the entry, padding to 8 included.
[[nodiscard]] inline std::size_t statement_entry_bytes(const StatementParts& parts) noexcept {
  std::size_t bytes = sizeof(CatalogEntryHeader) + sizeof(StatementHeader) +
                      parts.arguments.size() * sizeof(ArgumentHeader) + parts.format.size() + parts.file.size() +
                      parts.function.size();
  for (const auto& arg : parts.arguments) {
    bytes += arg.name.size();
    if ((arg.flags & kArgDescribed) != 0) bytes += sizeof(std::uint16_t) + arg.description.size();
  }
  return static_cast<std::size_t>(round_up_8(bytes));
}

/// Writes the entry at `out`, which has room for `statement_entry_bytes(parts)`. Allocates nothing.
inline void write_statement_entry(const StatementParts& parts, std::byte* out) noexcept {
  std::byte* const begin = out;
  const auto put = [&out](const void* from, std::size_t bytes) {
    if (bytes != 0) std::memcpy(out, from, bytes);
    out += bytes;
  };
  CatalogEntryHeader header{0, static_cast<std::uint16_t>(CatalogEntryType::statement), 0};
  out += sizeof(header);
  const StatementHeader head{parts.id,
                             parts.line,
                             parts.site_hash,
                             parts.level,
                             static_cast<std::uint8_t>(parts.arguments.size()),
                             parts.flags,
                             static_cast<std::uint32_t>(parts.format.size()),
                             static_cast<std::uint16_t>(parts.file.size()),
                             static_cast<std::uint16_t>(parts.function.size()),
                             parts.logger_id};
  put(&head, sizeof(head));
  for (const auto& arg : parts.arguments) {
    const ArgumentHeader argument{arg.type, arg.flags, static_cast<std::uint16_t>(arg.name.size())};
    put(&argument, sizeof(argument));
  }
  put(parts.format.data(), parts.format.size());
  put(parts.file.data(), parts.file.size());
  put(parts.function.data(), parts.function.size());
  for (const auto& arg : parts.arguments) put(arg.name.data(), arg.name.size());
  for (const auto& arg : parts.arguments) {
    if ((arg.flags & kArgDescribed) == 0) continue;
    const auto length = static_cast<std::uint16_t>(arg.description.size());
    put(&length, sizeof(length));
    put(arg.description.data(), arg.description.size());
  }
  header.bytes = static_cast<std::uint32_t>(out - begin);
  std::memcpy(begin, &header, sizeof(header));
  while ((out - begin) % 8 != 0) *out++ = std::byte{0};
}

}  // namespace lmlog::formats
