// SPDX-License-Identifier: Apache-2.0
// Finds, at compile time, arguments that are named like a secret and logged as they are, and makes the compiler warn of
// them by their name: wrap the value in lmlog::secret(), hashed() or not_secret().
//
// LMLOG_SECRET_NAMES_ARE_ERRORS, defined before lmlog is included, makes an error of the warning.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lmlog/argument.hpp>
#include <lmlog/literals.hpp>
#include <lmlog/privacy.hpp>

namespace lmlog::detail {

[[nodiscard]] constexpr bool is_secret_word(std::string_view word) noexcept {
  constexpr std::string_view kWords[] = {"password", "passwd", "passphrase", "passcode", "pwd",    "secret",
                                         "token",    "key",    "credential", "apikey",   "passkey"};
  const auto same = [word](std::string_view listed) {
    const bool plural = word.size() == listed.size() + 1 && (word.back() == 's' || word.back() == 'S');
    if (word.size() != listed.size() && !plural) return false;
    for (std::size_t i = 0; i < listed.size(); ++i) {
      const char c = word[i];
      if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != listed[i]) return false;
    }
    return true;
  };
  for (const std::string_view listed : kWords) {
    if (same(listed)) return true;
  }
  return false;
}

/// True when a word of a snake_case, camelCase or kebab-case name is that of a secret; or, `by_last_word`, when the
/// last one is, as in the names of variables: `key_count` is no key.
[[nodiscard]] constexpr bool is_secret_name(std::string_view name, bool by_last_word = false) noexcept {
  const auto upper = [name](std::size_t i) { return i < name.size() && name[i] >= 'A' && name[i] <= 'Z'; };
  const auto lower = [name](std::size_t i) { return i < name.size() && name[i] >= 'a' && name[i] <= 'z'; };
  bool is_secret = false;
  for (std::size_t begin = 0; begin < name.size();) {
    std::size_t end = begin;
    // "APIKey": a capital begins a word behind a small letter, and before one.
    while ((upper(end) || lower(end)) &&
           !(end > begin && upper(end) && (lower(end - 1) || (upper(end - 1) && lower(end + 1)))))
      ++end;
    if (end > begin) is_secret = is_secret_word(name.substr(begin, end - begin));
    if (is_secret && !by_last_word) return true;
    begin = end > begin ? end : end + 1;
  }
  return is_secret;
}

/// What is no secret whatever its name, or was thought of.
template <class T>
inline constexpr bool kIsHarmless =
    std::is_same_v<std::remove_cv_t<T>, bool> || std::is_same_v<T, Redacted> || std::is_same_v<T, Hashed>;
template <class T> inline constexpr bool kIsHarmless<Vouched<T>> = true;
template <Name kName, class T> inline constexpr bool kIsHarmless<Field<kName, T>> = kIsHarmless<T>;

/// The names of variables say less than those of placeholders and fields: a number is an id, a count or a size.
template <class T> inline constexpr bool kIsNumber = std::is_arithmetic_v<T> || std::is_enum_v<T>;
template <Name kName, class T> inline constexpr bool kIsNumber<Field<kName, T>> = kIsNumber<T>;

#define LMLOG_DETAIL_SECRET_ADVICE \
  "lmlog: an argument is named like a secret: wrap it in lmlog::secret(), hashed() or not_secret()"

/// Named in the compiler's words, with the argument's name.
template <Name kArgument> struct [[gnu::visibility("hidden")]] ArgumentNamedLikeASecret {
  static constexpr bool kAllowed = false;
#ifdef __clang__
  [[deprecated(LMLOG_DETAIL_SECRET_ADVICE)]] static constexpr void warn() noexcept {}
#else
  // Warned of where a call of it is left after inlining, at the line of the statement: also when lmlog's headers are
  // the system's, where g++ keeps all other warnings to itself.
  [[gnu::warning(LMLOG_DETAIL_SECRET_ADVICE), gnu::noinline, gnu::cold]] static void warn() noexcept {
    asm volatile("");
  }
#endif
};

/// Of each argument what is named like a secret: its placeholder or field, else its variable, else nothing. `Checked`
/// has the arguments of a statement as Checked::argument(i), and the names of their variables as Checked::variables().
template <class Checked, class... Args>
[[nodiscard]] consteval std::array<std::string_view, sizeof...(Args)> secrets_of() noexcept {
  constexpr std::array<bool, sizeof...(Args)> kHarmless{kIsHarmless<Args>...};
  constexpr std::array<bool, sizeof...(Args)> kNumber{kIsNumber<Args>...};
  std::array<std::string_view, sizeof...(Args)> secrets = Checked::variables();
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    if (kHarmless[i] || kNumber[i] || !is_secret_name(secrets[i], true)) secrets[i] = {};
    if (!kHarmless[i] && is_secret_name(Checked::argument(i).name)) secrets[i] = Checked::argument(i).name;
  }
  return secrets;
}

template <std::size_t kBytes> [[nodiscard]] consteval Name<kBytes + 1> name_of(std::string_view text) noexcept {
  Name<kBytes + 1> name;
  for (std::size_t i = 0; i < kBytes; ++i) name.text[i] = text[i];
  return name;
}

/// Makes the compiler warn of one argument of the statement, unless the name is empty.
template <class Checked, std::size_t kIndex, Name kSecret>
[[gnu::always_inline]] inline constexpr void warn_of_secret() noexcept {
  if constexpr (!kSecret.view().empty()) {
#ifdef LMLOG_SECRET_NAMES_ARE_ERRORS
    static_assert(ArgumentNamedLikeASecret<kSecret>::kAllowed, LMLOG_DETAIL_SECRET_ADVICE);
#else
    ArgumentNamedLikeASecret<kSecret>::warn();
#endif
  }
}

/// Makes the compiler warn of each argument that is named like a secret. Stands where a log call has no room, which is
/// seldom run: g++ leaves the call of an empty function there.
template <class Checked, class... Args, std::size_t... kIndex>
[[gnu::always_inline]] inline constexpr void warn_of_secrets(std::index_sequence<kIndex...> /*all*/) noexcept {
  if constexpr (sizeof...(Args) != 0) {
    constexpr auto kSecrets = secrets_of<Checked, Args...>();
    (warn_of_secret<Checked, kIndex, name_of<kSecrets[kIndex].size()>(kSecrets[kIndex])>(), ...);
  }
}

}  // namespace lmlog::detail
