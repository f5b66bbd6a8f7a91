// SPDX-License-Identifier: Apache-2.0
// A log statement as the program carries it: a constant description, a 16-byte cell that every call reads, and a
// registrar that enters it before main or at dlopen, also if it never runs.
//
//   cell.control ──▶ slow word (attention)          not registered, no session, or the session has just changed
//                └─▶ word of the session's file     registered: 0 means go, anything else says why not
//
// Everything here is hidden: a default-visible static of a template becomes STB_GNU_UNIQUE, which keeps a plugin loaded
// after dlclose. The registrar is in a template outside, because local classes cannot have static members.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <lmlog/argument.hpp>
#include <lmlog/export.hpp>
#include <lmlog/format_string.hpp>
#include <lmlog/formats/record.hpp>
#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/site_hash.hpp>
#include <lmlog/secret_name.hpp>
#include <lmlog/written_arguments.hpp>

namespace lmlog::detail {

/// The process-wide word that cells are aimed at while there is nothing better: its attention bit is always set.
extern LMLOG_API std::atomic<std::uint64_t> slow_word;

/// `info` of a cell that is not in the current session's catalog: no ring has so much room, so that the room check of
/// a call that was let through sends it to the slow path.
inline constexpr std::uint64_t kUnregistered = std::uint64_t{0xFFFFFFFF} << 32;

/// Written under the process's lock, read by every call: info is stored before control (release), and read behind it.
struct StatementCell {
  std::atomic<std::atomic<std::uint64_t>*> control{&slow_word};
  // Low half: id and length as the record header has them (length 0 where it varies). High half: bytes of the record,
  // without the text of its strings.
  std::atomic<std::uint64_t> info{kUnregistered};
};

struct LoggerState;

/// What the macro knows of a statement.
struct SiteText {
  std::string_view format;
  std::string_view file;
  std::string_view function;
  std::uint32_t line;
  formats::Level level;
  bool time_given;
};

/// The constant description of a statement, for the slow path.
struct StatementDescription {
  StatementCell* cell;
  SiteText text;
  const ArgumentShape* arguments;
  std::uint32_t argument_count;
  std::uint32_t base_bytes;      // header, fixed part and length words
  std::uint32_t variable_count;  // arguments of variable length
  std::uint64_t site_hash;
  LoggerState* logger = nullptr;  // null: the process itself
};

/// An entry of the process's list of statements that are loaded, under its lock.
struct LoadedStatement {
  const StatementDescription& description;
  LoadedStatement* next = nullptr;
  LoadedStatement* previous = nullptr;
  std::uint32_t id = 0;  // 0: there was no room for the statement
};

/// Keeps a statement in that list while it lives.
class Registrar {
 public:
  LMLOG_API explicit Registrar(const StatementDescription& description) noexcept;
  LMLOG_API ~Registrar();
  Registrar(const Registrar&) = delete;
  Registrar& operator=(const Registrar&) = delete;

 private:
  LoadedStatement loaded_;
};

template <class Site> struct [[gnu::visibility("hidden")]] Cell { static inline constinit StatementCell cell{}; };

/// A statement's site (class Site of the macro) with the types of its arguments.
template <class Site, class... Args> struct [[gnu::visibility("hidden")]] Statement {
  static constexpr std::size_t kCount = sizeof...(Args);
  static constexpr SiteText kText = Site::text();
  static constexpr std::array<ArgumentShape, kCount> kShapes{ArgumentTraits<Args>::shape()...};
  static constexpr CheckedFormat<kCount> kChecked = check_format<kCount>(kText.format, kShapes);
  static constexpr bool kGood = kChecked.verdict == FormatVerdict::good;
  /// The names of the arguments' variables; `suppressed`, the last one of a counted statement, is not the caller's.
  [[nodiscard]] static consteval auto variables() noexcept {
    const bool is_counted = kCount != 0 && kChecked.arguments[kCount - 1].name == "suppressed";
    return names_as_written<Site, kCount>(is_counted ? kCount - 1 : kCount);
  }
  [[nodiscard]] static consteval const ArgumentShape& argument(std::size_t index) noexcept {
    return kChecked.arguments[index];
  }
  [[gnu::always_inline]] static void look_for_secrets() noexcept {
    warn_of_secrets<Statement, Args...>(std::index_sequence_for<Args...>{});
  }

  static_assert(
      kChecked.verdict != FormatVerdict::unsupported_type,
      "lmlog: an argument has a type that cannot be logged: pass a number, bool, char, enum, pointer, string, a "
      "standard type or container of these, or describe the type with LMLOG_ADAPT(Type, member, ...)");
  static_assert(
      kChecked.verdict != FormatVerdict::other_clock,
      "lmlog: a point in time of another clock than std::chrono::system_clock means nothing to a reader: pass "
      "the duration between two of them");
  static_assert(kChecked.verdict != FormatVerdict::empty_elements,
                "lmlog: an argument is a container whose elements have no value");
  static_assert(
      kChecked.verdict != FormatVerdict::too_complex,
      "lmlog: an argument's type is nested deeper than 32 levels, has more than 255 parts, or its description "
      "is longer than 4096 bytes");
  static_assert(kChecked.verdict != FormatVerdict::unbalanced_braces,
                "lmlog: a brace of the format string has no partner: write '{{' or '}}' for the character itself");
  static_assert(kChecked.verdict != FormatVerdict::positional_index,
                "lmlog: placeholders take their arguments in order: write '{}' or '{name}' instead of '{0}'");
  static_assert(kChecked.verdict != FormatVerdict::nested_field,
                "lmlog: a width or precision cannot be an argument: write the number into the format spec");
  static_assert(kChecked.verdict != FormatVerdict::bad_name,
                "lmlog: a placeholder's name is made of letters, digits and '_', and does not begin with a digit");
  static_assert(kChecked.verdict != FormatVerdict::too_few_arguments,
                "lmlog: the format string has more placeholders than there are arguments");
  static_assert(kChecked.verdict != FormatVerdict::too_many_arguments,
                "lmlog: there are more arguments than placeholders: add one, or pass a field as \"name\"_k = value");
  static_assert(kChecked.verdict != FormatVerdict::bad_spec,
                "lmlog: a format spec is malformed: see the rules of libfmt");
  static_assert(kChecked.verdict != FormatVerdict::spec_does_not_fit,
                "lmlog: a format spec does not fit the type of its argument");
  static_assert(kChecked.verdict != FormatVerdict::bad_field_name,
                "lmlog: the name of a field must be UTF-8 of 1 to 255 bytes");
  static_assert(kChecked.verdict != FormatVerdict::duplicate_name, "lmlog: two arguments have the same name");
  static_assert(kChecked.verdict != FormatVerdict::too_long, "lmlog: the format string is longer than 65535 bytes");
  static_assert(kChecked.verdict != FormatVerdict::too_many, "lmlog: there are more than 255 arguments");

  static constexpr std::uint32_t kVariable =
      (std::uint32_t{0} + ... + (formats::is_variable(ArgumentTraits<Args>::shape().type) ? 1 : 0));
  static constexpr std::uint32_t kBaseBytes =
      formats::kRecordHeaderBytes + 4 * kVariable +
      static_cast<std::uint32_t>((std::size_t{0} + ... + formats::fixed_size(ArgumentTraits<Args>::shape().type)));

  [[nodiscard]] static constexpr std::uint64_t site_hash() noexcept {
    formats::SiteHasher hasher(static_cast<std::uint8_t>(kText.level), static_cast<std::uint8_t>(kCount));
    for (const ArgumentShape& shape : kChecked.arguments)
      hasher.argument(static_cast<std::uint8_t>(shape.type), argument_flags(shape), shape.name, shape.description);
    return hasher.finish(kText.format);
  }

  [[nodiscard]] static constexpr StatementDescription describe(StatementCell * cell) noexcept {
    return {cell,      kText,      kChecked.arguments.data(), static_cast<std::uint32_t>(kCount), kBaseBytes,
            kVariable, site_hash()};
  }
  static constexpr StatementDescription kDescription = describe(&Cell<Site>::cell);
  static inline Registrar registrar{kDescription};
};

}  // namespace lmlog::detail
