// SPDX-License-Identifier: Apache-2.0
// What a log call does: look at its control word, find room, write the record into the ring, publish it. Everything
// that is not the common case is behind two cold functions of the library.
//
//   control word 0? ──no──▶ off: return · else admit()
//   room for the record? ──no──▶ clock coarse: take_room() · else make_room(): register, open, attach, wrap, policy
//   plain stores of header and arguments ─▶ release store of head
//
// One thread writes a ring, so there is no read-modify-write and no fence. The release store keeps the record's bytes
// before the head that makes them visible; on x86-64 it is a plain store.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include <lmlog/clock.hpp>
#include <lmlog/export.hpp>
#include <lmlog/formats/mutant.hpp>
#include <lmlog/formats/record.hpp>
#include <lmlog/formats/ring_protocol.hpp>
#include <lmlog/formats/session_layout.hpp>
#include <lmlog/statement.hpp>
#include <lmlog/thread_line.hpp>

namespace lmlog::detail {

/// The control word asked for attention: opens a session if there is none, and says whether the statement is on.
[[nodiscard, gnu::cold, gnu::noinline]] LMLOG_API bool admit(const StatementCell& cell, formats::Level level,
                                                             const LoggerState* logger = nullptr) noexcept;

/// Makes the thread's line ready for one record of this statement, whose strings have the given lengths (before they
/// are cut), and writes the state records that come first. `time` is the caller's (0: read the clock). Returns the
/// record's time, or 0 when it was counted as lost: with `description.text.time_given` any value but 0 means go.
[[nodiscard, gnu::cold, gnu::noinline]] LMLOG_API std::uint64_t make_room(const StatementDescription& description,
                                                                          const std::size_t* lengths,
                                                                          std::uint64_t time) noexcept;

struct Room {
  std::uint64_t time;  // as of make_room()
  std::uint64_t info;  // the statement's
};

/// make_room() until the statement is still registered behind it: before `info` is read the session may end, and take
/// that away, and what is written by such an info is no record.
[[nodiscard, gnu::cold, gnu::noinline, gnu::visibility("hidden")]] inline Room find_room(
    const StatementDescription& description, const std::size_t* lengths, std::uint64_t time) noexcept {
  for (;;) {
    const std::uint64_t made = make_room(description, lengths, time);
    const std::uint64_t info = made == 0 ? 0 : description.cell->info.load(std::memory_order_relaxed);
    if (info != kUnregistered) return {made, info};
  }
}

/// As find_room(), for a record of `bytes` that brings no time. With clock coarse there is room, as a rule: out of
/// line, so that no call that reads the counter grows by it, and cold, so that none keeps its values ready for it.
[[nodiscard, gnu::cold, gnu::noinline, gnu::visibility("hidden")]] inline Room take_room(
    const StatementDescription& description, const std::size_t* lengths, std::uint64_t info,
    std::uint64_t bytes) noexcept {
  const ThreadLine& line = *this_line;
  CoarseWord* const coarse = line.coarse;
  if (coarse != nullptr && coarse->unseen != 0 && bytes <= formats::kMaxShortLength &&
      line.position + bytes <= line.limit.load(std::memory_order_relaxed)) [[likely]] {
    const std::uint64_t word = coarse->word->load(std::memory_order_relaxed);
    if (word == coarse->last) [[likely]] {
      --coarse->unseen;
      return {word, info};
    }
  }
  return find_room(description, lengths, 0);
}

/// True when the statement's arguments are to be evaluated.
[[nodiscard, gnu::always_inline]] inline bool is_on(const StatementCell& cell, formats::Level level,
                                                    const LoggerState* logger = nullptr) noexcept {
  // Acquire: info, read later, is at least as new as the word's address. Free on x86-64.
  const std::uint64_t word = cell.control.load(std::memory_order_acquire)->load(std::memory_order_relaxed);
  if (word == 0) [[likely]]
    return true;
  if ((word & (formats::kControlOff | formats::kControlRuleOff)) != 0) return false;
  return admit(cell, level, logger);
}

template <class Site> [[nodiscard, gnu::always_inline]] inline bool is_on() noexcept {
  return is_on(Cell<Site>::cell, Site::text().level);
}

/// Writes arguments one behind the other; positions are constants after inlining until the first string.
class Encoder {
 public:
  [[gnu::always_inline]] Encoder(std::byte* at, std::uint64_t max_string) noexcept : at_(at), max_string_(max_string) {}

  template <class T> [[gnu::always_inline]] void fixed(const T& value) noexcept {
    if constexpr (!kIsVariable<T>) {
      std::memcpy(at_, &value, sizeof(T));
      at_ += sizeof(T);
    }
  }

  template <class T> [[gnu::always_inline]] void variable(const T& value) noexcept {
    if constexpr (kIsVariable<T>) {
      const bool whole = value.size() <= max_string_;
      const auto bytes = static_cast<std::uint32_t>(whole ? value.size() : max_string_);
      const std::uint32_t word = whole ? bytes : bytes | formats::kTruncatedBit;
      std::memcpy(at_, &word, sizeof(word));
      write_variable_bytes(at_ + sizeof(word), bytes, value);
      at_ += sizeof(word) + bytes;
    }
  }

 private:
  std::byte* at_;
  std::uint64_t max_string_;
};

[[nodiscard, gnu::always_inline]] inline std::byte* start_record(const ThreadLine& line, std::uint64_t position,
                                                                 std::uint64_t time, std::uint64_t info,
                                                                 std::uint64_t bytes) noexcept {
  if (formats::mutant(formats::Mutant::head_before_body)) line.head->store(position + bytes, std::memory_order_release);
  auto* at = reinterpret_cast<std::byte*>(line.lap + position);
  const std::uint64_t meta = (info << 32) | formats::stamp_of(position);
  std::memcpy(at, &time, sizeof(time));
  std::memcpy(at + sizeof(time), &meta, sizeof(meta));
  return at + formats::kRecordHeaderBytes;
}

[[gnu::always_inline]] inline void publish(ThreadLine& line, std::uint64_t end) noexcept {
  line.position = end;
  formats::publish_head(*line.head, end);
}

/// Before the look at the limit: an id that the statement has in the next session only is not found while the limit is
/// still that of this one (libproducer/src/session_protocol.hpp). On x86-64 loads stay in order, and the limit is
/// compared with a sum that contains what is loaded here; an acquire load there costs clang two instructions.
[[nodiscard, gnu::always_inline]] inline std::uint64_t info_of(const StatementCell& cell) noexcept {
#ifdef __x86_64__
  return formats::StdAtomics::load_relaxed(cell.info);
#else
  return formats::StdAtomics::load<formats::Step::load_info>(cell.info);
#endif
}

template <class Wire> [[nodiscard, gnu::always_inline]] inline std::uint64_t length_of(const Wire& value) noexcept {
  if constexpr (kIsVariable<Wire>)
    return value.size();
  else
    return 0;
}

/// Bytes of the record's strings, each cut at `max_string`.
template <class... Wire>
[[nodiscard, gnu::always_inline]] inline std::uint64_t text_bytes(std::uint64_t max_string,
                                                                  const Wire&... values) noexcept {
  return (std::uint64_t{0} + ... + std::min(length_of(values), max_string));
}

/// A record of more than 32760 bytes: header, u64 length, arguments. Room has been made.
template <class... Wire>
[[gnu::cold, gnu::noinline]] inline void write_extended(std::uint64_t time, std::uint64_t info,
                                                        Wire... values) noexcept {
  ThreadLine& line = *this_line;
  const std::uint64_t base = (info >> 32) - formats::kRecordHeaderBytes + formats::kExtendedHeaderBytes;
  const std::uint64_t bytes = formats::round_up_8(base + text_bytes(line.max_string, values...));
  std::byte* at = start_record(line, line.position, time, info & formats::kIdMask, bytes);
  std::memcpy(at, &bytes, sizeof(bytes));
  Encoder encoder(at + sizeof(bytes), line.max_string);
  (encoder.fixed(values), ...);
  (encoder.variable(values), ...);
  publish(line, line.position + bytes);
}

/// One comparison: unregistered statements ask for 4 GiB; wiped, revoked and missing lines end at 0.
template <class S>
[[nodiscard, gnu::always_inline]] inline bool has_room(const ThreadLine& line, std::uint64_t bytes) noexcept {
  const auto& limit = S::kText.time_given ? line.limit : line.clock_limit;
  return line.position + bytes <= limit.load(std::memory_order_relaxed);
}

/// Statements without strings: every record has the same length, known here.
template <class S, class... Wire>
[[gnu::always_inline]] inline bool write_fixed(const StatementDescription& description, const StatementCell& cell,
                                               std::uint64_t time, Wire... values) noexcept {
  constexpr std::uint64_t kBytes = formats::record_length(S::kBaseBytes - formats::kRecordHeaderBytes);
  ThreadLine* line = this_line;
  std::uint64_t info = info_of(cell);
  if (!has_room<S>(*line, info >> 32)) [[unlikely]] {
    S::look_for_secrets();
    Room made;
    if constexpr (S::kText.time_given) {
      made = find_room(description, nullptr, time);
    } else {
      made = take_room(description, nullptr, info, info >> 32);
      time = made.time;
    }
    if (made.time == 0) return false;
    line = this_line;
    info = made.info;
  } else if constexpr (!S::kText.time_given) {
    time = read_tsc();
  }
  const std::uint64_t position = line->position;
  Encoder encoder(start_record(*line, position, time, info, kBytes), 0);
  (encoder.fixed(values), ...);
  publish(*line, position + kBytes);
  return true;
}

/// Statements with strings: the length depends on them.
template <class S, class... Wire>
[[gnu::always_inline]] inline bool write_variable(const StatementDescription& description, const StatementCell& cell,
                                                  std::uint64_t time, Wire... values) noexcept {
  ThreadLine* line = this_line;
  std::uint64_t info = info_of(cell);
  std::uint64_t bytes = formats::round_up_8((info >> 32) + text_bytes(line->max_string, values...));
  if (!has_room<S>(*line, bytes) || bytes > formats::kMaxShortLength) [[unlikely]] {
    S::look_for_secrets();
    std::array<std::size_t, S::kVariable> lengths{};
    [[maybe_unused]] std::size_t next = 0;
    ((kIsVariable<Wire> ? void(lengths[next++] = length_of(values)) : void()), ...);
    Room made;
    if constexpr (S::kText.time_given) {
      made = find_room(description, lengths.data(), time);
    } else {
      made = take_room(description, lengths.data(), info, bytes);
      time = made.time;
    }
    if (made.time == 0) return false;
    line = this_line;
    info = made.info;
    bytes = formats::round_up_8((info >> 32) + text_bytes(line->max_string, values...));
    if (bytes > formats::kMaxShortLength) {
      write_extended(time, info, values...);
      return true;
    }
  } else if constexpr (!S::kText.time_given) {
    time = read_tsc();
  }
  const std::uint64_t position = line->position;
  const std::uint64_t length_bits = bytes << 17;  // length / 8 in bits 20–31
  Encoder encoder(start_record(*line, position, time, info | length_bits, bytes), line->max_string);
  (encoder.fixed(values), ...);
  (encoder.variable(values), ...);
  publish(*line, position + bytes);
  return true;
}

/// `cell` is the description's: a constant for most statements, near at hand for those of a logger. False when the
/// record was not stored.
template <class S, class... Args>
[[gnu::always_inline]] inline bool write_record(const StatementDescription& description, const StatementCell& cell,
                                                std::uint64_t time, const Args&... args) noexcept {
  if constexpr (!S::kGood) {
    return false;
  } else if constexpr (S::kVariable == 0) {
    return write_fixed<S>(description, cell, time, ArgumentTraits<Args>::wire(args)...);
  } else {
    return write_variable<S>(description, cell, time, ArgumentTraits<Args>::wire(args)...);
  }
}

/// The format string comes along only because it is the macro's first argument: the site has it.
template <class Site, class Format, class... Args>
[[gnu::always_inline]] inline bool log_at(std::uint64_t time, const Format& /*format*/, const Args&... args) noexcept {
  using S = Statement<Site, Args...>;
  (void)&S::registrar;  // its definition is instantiated, and so it runs, because it is named here
  return write_record<S>(S::kDescription, Cell<Site>::cell, time, args...);
}

template <class Site, class Format, class... Args>
[[gnu::always_inline]] inline bool log(const Format& format, const Args&... args) noexcept {
  return log_at<Site>(0, format, args...);
}

}  // namespace lmlog::detail
