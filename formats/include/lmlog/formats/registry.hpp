// SPDX-License-Identifier: Apache-2.0
// The numbers that all formats share: record kinds, levels, argument types, loss reasons, clocks, policies, state tags.
// Implements formats/spec/registry.md; used by every other header here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lmlog::formats {

enum class RecordKind : std::uint32_t {
  pad = 1,
  thread = 2,
  context = 3,
  clock = 4,
  weight = 5,
  loss = 6,
  span_begin = 7,
  span_end = 8,
  backtrace = 9,
  sub_buffer = 10,
};

inline constexpr std::uint32_t kFirstSkippableKind = 32;
inline constexpr std::uint32_t kFirstStatementId = 64;
inline constexpr std::uint32_t kStatementIdLimit = 1u << 20;  // ids have 20 bits

/// True for kinds that a reader of this version may meet: the known ones, and those that it may step over.
[[nodiscard]] constexpr bool kind_is_readable(std::uint32_t id) noexcept {
  return (id >= 1 && id <= 10) || (id >= kFirstSkippableKind && id < kFirstStatementId);
}

enum class Level : std::uint8_t { trace, debug, info, notice, warn, error, fatal };

inline constexpr std::uint8_t kLevelCount = 7;
inline constexpr std::uint8_t kNoLevel = 255;  // site level of records that are no statements

[[nodiscard]] constexpr std::string_view severity_name(Level level) noexcept {
  constexpr std::string_view names[] = {"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "ERROR", "FATAL"};
  return static_cast<std::uint8_t>(level) < kLevelCount ? names[static_cast<std::uint8_t>(level)] : "INFO";
}

/// OpenTelemetry's severity number.
[[nodiscard]] constexpr int severity_number(Level level) noexcept {
  constexpr int numbers[] = {1, 5, 9, 10, 13, 17, 21};
  return static_cast<std::uint8_t>(level) < kLevelCount ? numbers[static_cast<std::uint8_t>(level)] : 9;
}

enum class ArgType : std::uint8_t {
  boolean = 1,
  character = 2,
  i8 = 3,
  u8 = 4,
  i16 = 5,
  u16 = 6,
  i32 = 7,
  u32 = 8,
  i64 = 9,
  u64 = 10,
  f32 = 11,
  f64 = 12,
  pointer = 13,
  string = 14,
  structured = 15,  // several parts, as its type description says
};

/// Bytes of a type in the fixed part of a record; 0 for the variable types (string, structured and all later ones).
[[nodiscard]] constexpr std::size_t fixed_size(ArgType type) noexcept {
  constexpr std::uint8_t sizes[] = {0, 1, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 8, 0, 0};
  return static_cast<std::uint8_t>(type) < sizeof(sizes) ? sizes[static_cast<std::uint8_t>(type)] : 0;
}

[[nodiscard]] constexpr bool is_variable(ArgType type) noexcept { return fixed_size(type) == 0; }

[[nodiscard]] constexpr bool is_signed_integer(ArgType type) noexcept {
  return type == ArgType::i8 || type == ArgType::i16 || type == ArgType::i32 || type == ArgType::i64;
}

[[nodiscard]] constexpr bool is_float(ArgType type) noexcept { return type == ArgType::f32 || type == ArgType::f64; }

/// Tags that may stand in a catalog: the known types and the reserved variable ones.
[[nodiscard]] constexpr bool is_valid_tag(std::uint8_t tag) noexcept { return tag >= 1 && tag < 128; }

inline constexpr std::uint8_t kArgInMessage = 1;
inline constexpr std::uint8_t kArgNamed = 2;
inline constexpr std::uint8_t kArgDescribed = 4;

inline constexpr std::uint32_t kLengthMask = 0x7FFF'FFFFu;  // of a variable argument's length word
inline constexpr std::uint32_t kTruncatedBit = 0x8000'0000u;

enum class LossReason : std::uint32_t {
  ring_full = 0,
  block_timeout = 1,
  too_large = 2,
  no_ring = 3,
  no_catalog = 4,
  sampled_out = 5,
  overwritten = 6,
  corrupt = 7,
  quarantined = 8,
  suppressed = 9,
};

inline constexpr std::size_t kLossReasons = 32;  // counters in ring and session headers

/// The name of a reason as it appears in `fields.reason`; empty for numbers that this version does not know.
[[nodiscard]] constexpr std::string_view loss_reason_name(std::uint32_t reason) noexcept {
  constexpr std::string_view names[] = {"ring_full",   "block_timeout", "too_large", "no_ring",     "no_catalog",
                                        "sampled_out", "overwritten",   "corrupt",   "quarantined", "suppressed"};
  return reason < 10 ? names[reason] : std::string_view{};
}

/// True for the reasons that `dropped` sums up in summaries (interface.md): what the producer could not store.
[[nodiscard]] constexpr bool is_drop(std::uint32_t reason) noexcept { return reason <= 4; }

enum class ClockKind : std::uint32_t { tsc = 1, coarse = 2, user_ns = 3, realtime = 4 };
enum class RingPolicy : std::uint32_t { drop = 1, block = 2, overwrite = 3 };
enum class CatalogEntryType : std::uint16_t { statement = 1, logger = 2, struct_type = 3 };

enum class StateTag : std::uint16_t {
  thread = 1,
  clock = 2,
  context = 3,
  spans = 4,
  weights = 5,
  losses = 6,
  sort_key = 7,
  index = 8,
};

inline constexpr std::uint16_t kFirstSkippableTag = 32768;  // state tags, part types and journal entry types from here

inline constexpr std::uint16_t kMajorVersion = 1;
inline constexpr std::uint16_t kMinorVersion = 0;

}  // namespace lmlog::formats
