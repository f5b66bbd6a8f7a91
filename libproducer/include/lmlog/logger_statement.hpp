// SPDX-License-Identifier: Apache-2.0
// A statement whose logger is known only when it runs. For each logger that comes by there is a variant, a statement of
// its own with its own control word, into which the logger's level is folded: one load decides, as everywhere.
//
//   site ──first──▶ variant{logger b} ──▶ variant{logger a} ──▶ null      newest first; walked by every call
//                     └ cell, description      └ …
//
// A variant is complete before it is published (release), and its memory is never given back: those of a plugin that
// was unloaded serve other sites. So a call walks the list without a lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

#include <lmlog/active_level.hpp>
#include <lmlog/export.hpp>
#include <lmlog/gate.hpp>
#include <lmlog/literals.hpp>
#include <lmlog/log_call.hpp>
#include <lmlog/logger.hpp>
#include <lmlog/statement.hpp>

namespace lmlog::detail {

template <class T> inline constexpr bool kIsLogger = std::is_convertible_v<const T&, Logger>;
template <class T> inline constexpr bool kIsLevel = std::is_same_v<std::remove_cvref_t<T>, Level>;

/// What every call reads of a variant is on one line.
struct alignas(64) LoggerVariant {
  std::atomic<LoggerVariant*> next_of_site{nullptr};
  LoggerState* logger = nullptr;
  StatementCell cell;
  // For the slow path.
  StatementDescription description{};
  LoadedStatement loaded{description};
};

/// The variants of one statement.
struct LoggerSite {
  std::atomic<LoggerVariant*> first{nullptr};
  std::atomic<const StatementDescription*> description{nullptr};  // null before the registrar has run
};

/// Stands for a variant where there is none: its cell sends every call to the slow path.
extern LMLOG_API LoggerVariant no_variant;

/// The variant of this logger, made if need be; `no_variant` when there is none to be had: no memory, no id left, a
/// call out of the library itself, or no description yet.
[[nodiscard, gnu::cold, gnu::noinline]] LMLOG_API LoggerVariant* make_variant(
    LoggerSite& site, LoggerState* logger, const StatementDescription* description) noexcept;
/// Counts a record whose statement could not be registered.
[[gnu::cold, gnu::noinline]] LMLOG_API void count_unregistered() noexcept;

/// Enters the statement's description before main or at dlopen, and takes its variants back.
class LoggerRegistrar {
 public:
  LMLOG_API LoggerRegistrar(LoggerSite& site, const StatementDescription& description) noexcept;
  LMLOG_API ~LoggerRegistrar();
  LoggerRegistrar(const LoggerRegistrar&) = delete;
  LoggerRegistrar& operator=(const LoggerRegistrar&) = delete;

 private:
  LoggerSite& site_;
};

template <class Site> struct [[gnu::visibility("hidden")]] Variants { static inline constinit LoggerSite site{}; };

template <class Site, class... Args> struct [[gnu::visibility("hidden")]] LoggerStatement : Statement<Site, Args...> {
  static constexpr StatementDescription kDescription = Statement<Site, Args...>::describe(nullptr);
  static inline LoggerRegistrar registrar{Variants<Site>::site, kDescription};
};

/// One call of LMLOG_LOG.
template <class Site, bool kIsActive = is_active(Site::text().level)> class LoggerCall {
 public:
  [[gnu::always_inline]] explicit LoggerCall(const Logger& logger) noexcept
      : logger_(logger.state()), variant_(Variants<Site>::site.first.load(std::memory_order_acquire)) {
    while (variant_ != nullptr && variant_->logger != logger_)
      [[unlikely]] variant_ = variant_->next_of_site.load(std::memory_order_acquire);
    if (variant_ == nullptr) [[unlikely]]
      variant_ = make_variant(Variants<Site>::site, logger_, nullptr);
  }

  [[nodiscard, gnu::always_inline]] bool is_on() const noexcept {
    return detail::is_on(variant_->cell, Site::text().level, logger_);
  }

  template <class T>
  requires(!kIsLogger<T>) explicit LoggerCall(const T& /*other*/) noexcept {
    static_assert(kIsLogger<T>, "lmlog: the logger comes first, a lmlog::Logger: lmlog::logger(\"name\") gives one");
  }

  template <class Format, class... Args>
  [[gnu::always_inline]] bool log_at(std::uint64_t time, const Format& /*format*/, const Args&... args) const noexcept {
    using S = LoggerStatement<Site, Args...>;
    (void)&S::registrar;  // its definition is instantiated, and so it runs, because it is named here
    if (write_record<S>(variant_->description, variant_->cell, time, args...)) return true;
    return variant_ == &no_variant && log_with_description<S>(time, args...);
  }

  /// Behind a gate: see gate.hpp.
  template <class Format, class... Args>
  [[gnu::always_inline]] bool log_counted(const Format& format, const Args&... args) const noexcept {
    const std::uint64_t count = take_owed<Site>();
    const bool stored = log_at(0, format, args..., Field<"suppressed", std::uint64_t>{count});
    if (!stored) give_owed<Site>(count);
    return stored;
  }

 private:
  /// A call before the registrar has run, or one that there is no variant for.
  template <class S, class... Args>
  [[gnu::cold, gnu::noinline]] bool log_with_description(std::uint64_t time, const Args&... args) const noexcept {
    const LoggerVariant* const variant = make_variant(Variants<Site>::site, logger_, &S::kDescription);
    if (S::kGood && variant != &no_variant) return write_record<S>(variant->description, variant->cell, time, args...);
    count_unregistered();
    return false;
  }

  LoggerState* logger_;
  LoggerVariant* variant_;
};

/// Below LMLOG_ACTIVE_LEVEL nothing is left but the expression for the logger.
template <class Site> class LoggerCall<Site, false> {
 public:
  explicit LoggerCall(const Logger& /*logger*/) noexcept {}
  [[nodiscard, gnu::always_inline]] static bool is_on() noexcept { return false; }
  template <class... Args>
  [[gnu::always_inline]] static bool log_at(std::uint64_t /*time*/, const Args&... /*args*/) noexcept {
    return false;
  }
  template <class... Args> [[gnu::always_inline]] static bool log_counted(const Args&... /*args*/) noexcept {
    return false;
  }
};

}  // namespace lmlog::detail
