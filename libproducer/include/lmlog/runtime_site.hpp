// SPDX-License-Identifier: Apache-2.0
// Statements that are made while the program runs: for replays, scripts and other languages. Where a format string is
// known at compile time the macros are the better choice: they check earlier, and cost less.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

#include <lmlog/export.hpp>
#include <lmlog/level.hpp>
#include <lmlog/logger.hpp>
#include <lmlog/runtime_value.hpp>

namespace lmlog {

/// An argument of a statement. Those without a name take the format string's placeholders in order, and the names that
/// stand there; one with a name is a field that the message does not show (`"name"_k = value` of the macros).
struct RuntimeArgument {
  ValueType type{};
  std::string_view field{};
};

struct RuntimeSiteOptions {
  std::string_view file{};  // where the statement stands, as far as that makes sense; 65,535 bytes of each are kept
  std::uint32_t line = 0;
  std::string_view function{};
  Logger logger{};
  bool time_given = false;  // for log_at(), as the `_AT` macros
};

enum class LogOutcome : std::uint8_t {
  stored,   // the record is in the ring
  off,      // the level, or a rule of the collector, does not want it; or there can be no session now
  lost,     // counted (Session::losses())
  refused,  // the site is invalid, or the values are not those that were declared: nothing was counted
};

/// Registered as a static statement is, from its construction to its destruction; one that was there before, equal in
/// everything, has its old id and control word. The constructor copies all text. Logging is thread-safe, and takes no
/// lock and no memory; nobody may log while the object is moved or destroyed.
class RuntimeSite {
 public:
  /// Format string and arguments obey the rules of the macros (formats/spec/registry.md, "Format strings"). Never
  /// throws: what is wrong says error(), and such a site never logs.
  LMLOG_API RuntimeSite(Level level, std::string_view format, std::span<const RuntimeArgument> arguments = {},
                        const RuntimeSiteOptions& options = {}) noexcept;
  RuntimeSite(Level level, std::string_view format, std::initializer_list<RuntimeArgument> arguments,
              const RuntimeSiteOptions& options = {}) noexcept
      : RuntimeSite(level, format, std::span(arguments.begin(), arguments.size()), options) {}
  LMLOG_API ~RuntimeSite();
  /// A site that was moved from is invalid.
  LMLOG_API RuntimeSite(RuntimeSite&& other) noexcept;
  LMLOG_API RuntimeSite& operator=(RuntimeSite&& other) noexcept;

  /// Empty for a valid site; else a sentence for people. Text of static storage.
  [[nodiscard]] LMLOG_API std::string_view error() const noexcept;
  /// The control word's answer now: whether log() would try to store a record. False for an invalid site.
  [[nodiscard]] LMLOG_API bool is_on() const noexcept;

  // NOLINTBEGIN(modernize-use-nodiscard): a service may log and look away.

  /// One value for each argument, in the order of the declaration; see RuntimeValue::fits(). A site that is off does
  /// not look at them. With `time_given` the time is the session's clock.
  LMLOG_API LogOutcome log(std::span<const RuntimeValue> values) const noexcept;
  template <class... Values>
  requires(std::convertible_to<const Values&, RuntimeValue>&&...) LogOutcome log(const Values&... values)
  const noexcept {
    if constexpr (sizeof...(Values) == 0) {
      return log(std::span<const RuntimeValue>{});
    } else {
      const RuntimeValue all[] = {RuntimeValue(values)...};
      return log(std::span<const RuntimeValue>(all));
    }
  }

  /// The same with a time in the session's own unit (lmlog::ticks()); refused without `time_given`.
  LMLOG_API LogOutcome log_at(std::uint64_t time, std::span<const RuntimeValue> values) const noexcept;
  template <class... Values>
  requires(std::convertible_to<const Values&, RuntimeValue>&&...) LogOutcome
      log_at(std::uint64_t time, const Values&... values)
  const noexcept {
    if constexpr (sizeof...(Values) == 0) {
      return log_at(time, std::span<const RuntimeValue>{});
    } else {
      const RuntimeValue all[] = {RuntimeValue(values)...};
      return log_at(time, std::span<const RuntimeValue>(all));
    }
  }

  // NOLINTEND(modernize-use-nodiscard)

 private:
  struct Made;
  std::unique_ptr<Made> made_;  // null: invalid
  std::string_view error_;
};

}  // namespace lmlog
