// SPDX-License-Identifier: Apache-2.0
// Event kinds: statements with a fixed format and fixed field names, so that tools find them in every service.
//
//   LMLOG_EVENT(lmlog::event::state_change{.entity = "order", .id = 4711, .from = "new", .to = "filled"}, "px"_k
//   = 48.25);
//
// The record is that of an ordinary statement at that line; its field `event` holds the kind's name. A kind of one's
// own is an aggregate with the same four things: kName, kLevel, kFormat, and arguments(log), which calls `log` with
// what would stand behind the format string in a log statement.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <lmlog/level.hpp>
#include <lmlog/literals.hpp>

namespace lmlog::event {

/// Text, or an integer that is written as its digits: a field of one type, whoever fills it. It refers to the text.
class Label {
 public:
  constexpr Label() noexcept = default;
  constexpr Label(const char* text) noexcept
      : text_(text == nullptr ? "(null)" : text) {}  // NOLINT: an argument's form
  template <class Text>
  requires(std::is_class_v<Text>&& std::is_convertible_v<const Text&, std::string_view>) constexpr Label(
      const Text& text) noexcept
      : text_(static_cast<std::string_view>(text)) {}  // NOLINT
  template <std::integral Number>
  requires(!std::is_same_v<Number, bool> && !std::is_same_v<Number, char>) constexpr Label(Number number) noexcept {
    // Not std::to_chars: its tables are STB_GNU_UNIQUE symbols, which would keep a plugin loaded after dlclose.
    const bool negative = number < Number{0};
    auto rest = static_cast<std::uint64_t>(number);
    if (negative) rest = 0 - rest;
    do {
      digits_[--begin_] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    if (negative) digits_[--begin_] = '-';
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept {
    return begin_ == sizeof(digits_) ? text_ : std::string_view(digits_ + begin_, sizeof(digits_) - begin_);
  }

 private:
  std::string_view text_{};
  char digits_[20]{};  // of the longest integer, with its sign; from begin_ on
  std::size_t begin_ = sizeof(digits_);
};

using Milliseconds = std::chrono::duration<double, std::milli>;

// NOLINTBEGIN(readability-identifier-naming): a kind is named as it stands in records.

/// Something went from one state to another.
struct state_change {
  static constexpr std::string_view kName = "state_change";
  static constexpr Level kLevel = Level::info;
  static constexpr std::string_view kFormat = "{entity} {id}: {from} -> {to}";

  std::string_view entity{};  // what kind of thing: "order"
  Label id{};                 // which one
  std::string_view from{};
  std::string_view to{};
  std::string_view reason{};

  template <class Log> [[gnu::always_inline]] void arguments(Log&& log) const {
    log(entity, id.view(), from, to, "reason"_k = reason);
  }
};

/// Something took longer than it may.
struct performance_issue {
  static constexpr std::string_view kName = "performance_issue";
  static constexpr Level kLevel = Level::warn;
  static constexpr std::string_view kFormat = "{operation} took {duration}, more than {threshold}";

  std::string_view operation{};
  Milliseconds duration{};  // from any std::chrono duration
  Milliseconds threshold{};
  std::string_view reason{};

  template <class Log> [[gnu::always_inline]] void arguments(Log&& log) const {
    log(operation, duration, threshold, "reason"_k = reason);
  }
};

/// A rule of the business decided something.
struct business_rule {
  static constexpr std::string_view kName = "business_rule";
  static constexpr Level kLevel = Level::notice;
  static constexpr std::string_view kFormat = "rule {rule}: {outcome}";

  std::string_view rule{};
  std::string_view outcome{};  // "passed", "rejected"
  Label subject{};             // what it was applied to
  std::string_view reason{};

  template <class Log> [[gnu::always_inline]] void arguments(Log&& log) const {
    log(rule, outcome, "subject"_k = subject.view(), "reason"_k = reason);
  }
};

/// Someone was let in, or not.
struct auth {
  static constexpr std::string_view kName = "auth";
  static constexpr Level kLevel = Level::notice;
  static constexpr std::string_view kFormat = "{subject} {action}: {outcome}";

  Label subject{};             // who
  std::string_view action{};   // "login", "cancel_order"
  std::string_view outcome{};  // "granted", "denied"
  std::string_view source{};   // where from: an address
  std::string_view reason{};

  template <class Log> [[gnu::always_inline]] void arguments(Log&& log) const {
    log(subject.view(), action, outcome, "source"_k = source, "reason"_k = reason);
  }
};

/// An operation failed.
struct error {
  static constexpr std::string_view kName = "error";
  static constexpr Level kLevel = Level::error;
  static constexpr std::string_view kFormat = "{operation} failed: {what}";

  std::string_view operation{};
  Label code{};  // errno, an HTTP status, a name
  std::string_view what{};

  template <class Log> [[gnu::always_inline]] void arguments(Log&& log) const {
    log(operation, what, "code"_k = code.view());
  }
};

// NOLINTEND(readability-identifier-naming)

}  // namespace lmlog::event
