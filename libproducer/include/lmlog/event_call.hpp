// SPDX-License-Identifier: Apache-2.0
// LMLOG_EVENT(kind{…}, fields…) and LMLOG_EVENT_LOG(level, kind{…}, fields…): a statement whose format, level and
// arguments are those of an event kind (event.hpp). The event is made only when the level is on.
#pragma once

#include <string_view>
#include <type_traits>

#include <lmlog/event.hpp>
#include <lmlog/macros.hpp>

namespace lmlog::detail {

/// The kind is the type of the first argument.
template <class Event, class... Fields>
[[nodiscard]] constexpr Event* event_kind(const Event& /*event*/, const Fields&... /*fields*/) noexcept {
  return nullptr;
}

struct CountsNothing {
  template <class... Args> void operator()(const Args&... /*args*/) const noexcept {}
};

template <class Event>
concept EventKind = requires(const Event& event) {
  std::string_view(Event::kName);
  std::string_view(Event::kFormat);
  Level(Event::kLevel);
  event.arguments(CountsNothing{});
};

// Of a pointer to the kind, as the macro has it. The kind's constants are read into constants of our own: static
// members of a class in use would become STB_GNU_UNIQUE symbols, see statement.hpp.
template <class Pointer> [[nodiscard]] consteval std::string_view event_format() noexcept {
  using Event = std::remove_pointer_t<std::remove_const_t<Pointer>>;
  if constexpr (EventKind<Event>) return Event::kFormat;
  return {};
}
template <class Pointer> [[nodiscard]] consteval Level event_level() noexcept {
  using Event = std::remove_pointer_t<std::remove_const_t<Pointer>>;
  if constexpr (EventKind<Event>) return Event::kLevel;
  return Level::fatal;
}

template <class Site, class Event, class... Fields>
[[gnu::always_inline]] inline void log_event(const Event& event, const Fields&... fields) noexcept {
  static_assert(EventKind<Event>,
                "lmlog: an event comes first: lmlog::event::error{...}, or a type with kName, kLevel, kFormat and "
                "arguments(log)");
  if constexpr (EventKind<Event>) {
    constexpr std::string_view kName = Event::kName;
    event.arguments([&](const auto&... arguments) __attribute__((always_inline)) {
      log<Site>(0, Field<"event", std::string_view>{kName}, arguments..., fields...);
    });
  }
}

}  // namespace lmlog::detail

// The event stands in it twice: once in a branch that is never taken, for its type. (decltype would do the same, but
// not where an argument is a lambda that logs.)
#define LMLOG_DETAIL_EVENT_IN(site, name, kind, severity, ...)                                      \
  do {                                                                                              \
    [[maybe_unused]] auto* const kind = false ? ::lmlog::detail::event_kind(__VA_ARGS__) : nullptr; \
    constexpr const char* name = __func__;                                                          \
    struct site {                                                                                   \
      static constexpr ::lmlog::detail::SiteText text() noexcept {                                  \
        constexpr std::string_view format = ::lmlog::detail::event_format<decltype(kind)>();        \
        constexpr ::lmlog::Level level = severity;                                                  \
        return {format, __FILE__, name, __LINE__, level, false};                                    \
      }                                                                                             \
    };                                                                                              \
    if constexpr (::lmlog::detail::is_active(severity)) {                                           \
      if (::lmlog::detail::is_on<site>()) ::lmlog::detail::log_event<site>(__VA_ARGS__);            \
    }                                                                                               \
  } while (false)

/// A record of the kind's own level.
#define LMLOG_EVENT(...)                                                                                        \
  LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_EVENT_IN, LMLOG_DETAIL_SITE_NAMES, LMLOG_DETAIL_JOIN(lmlog_kind_, __LINE__), \
                      ::lmlog::detail::event_level<decltype(LMLOG_DETAIL_JOIN(lmlog_kind_, __LINE__))>(), __VA_ARGS__)
/// The same with another level, a constant.
#define LMLOG_EVENT_LOG(level, ...)                                                                                    \
  LMLOG_DETAIL_EXPAND(LMLOG_DETAIL_EVENT_IN, LMLOG_DETAIL_SITE_NAMES, LMLOG_DETAIL_JOIN(lmlog_kind_, __LINE__), level, \
                      __VA_ARGS__)
