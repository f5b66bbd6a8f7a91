// SPDX-License-Identifier: Apache-2.0
// Finds, at compile time, arguments that are named like a secret and logged as they are, and makes the compiler warn of
// them by their name: wrap the value in lmlog::secret(), hashed() or not_secret().
//
// LMLOG_SECRET_NAMES_ARE_ERRORS, defined before lmlog is included, makes an error of the warning.
#pragma once

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

/// True when a word of a snake_case, camelCase or kebab-case name is that of a secret.
[[nodiscard]] constexpr bool is_secret_name(std::string_view name) noexcept {
  const auto upper = [name](std::size_t i) { return i < name.size() && name[i] >= 'A' && name[i] <= 'Z'; };
  const auto lower = [name](std::size_t i) { return i < name.size() && name[i] >= 'a' && name[i] <= 'z'; };
  for (std::size_t begin = 0; begin < name.size();) {
    std::size_t end = begin;
    // "APIKey": a capital begins a word behind a small letter, and before one.
    while ((upper(end) || lower(end)) &&
           !(end > begin && upper(end) && (lower(end - 1) || (upper(end - 1) && lower(end + 1)))))
      ++end;
    if (is_secret_word(name.substr(begin, end - begin))) return true;
    begin = end > begin ? end : end + 1;
  }
  return false;
}

/// What is no secret whatever its name, or was thought of.
template <class T>
inline constexpr bool kIsHarmless =
    std::is_same_v<std::remove_cv_t<T>, bool> || std::is_same_v<T, Redacted> || std::is_same_v<T, Hashed>;
template <class T> inline constexpr bool kIsHarmless<Vouched<T>> = true;
template <Name kName, class T> inline constexpr bool kIsHarmless<Field<kName, T>> = kIsHarmless<T>;

/// Named in the compiler's words, with the argument's name.
template <Name kArgument> struct ArgumentNamedLikeASecret {
  static constexpr bool kAllowed = false;
  [[deprecated(
      "lmlog: an argument is named like a secret: wrap it in lmlog::secret(), hashed() or "
      "not_secret()")]] static constexpr void
  warn() noexcept {}
};

template <class Checked, std::size_t kIndex, class T> consteval void warn_of_secret() noexcept {
  constexpr std::string_view kText = Checked::argument(kIndex).name;
  if constexpr (!kIsHarmless<T> && is_secret_name(kText)) {
    constexpr Name kName = [kText] {
      Name<kText.size() + 1> name;
      for (std::size_t i = 0; i < kText.size(); ++i) name.text[i] = kText[i];
      return name;
    }();
#ifdef LMLOG_SECRET_NAMES_ARE_ERRORS
    static_assert(ArgumentNamedLikeASecret<kName>::kAllowed,
                  "lmlog: an argument is named like a secret: wrap it in lmlog::secret(), hashed() or not_secret()");
#else
    ArgumentNamedLikeASecret<kName>::warn();
#endif
  }
}

/// Makes the compiler warn of each argument that is named like a secret. `Checked` has them as Checked::argument(i).
template <class Checked, class... Args> [[nodiscard]] consteval bool warn_of_secrets() noexcept {
  return []<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    (warn_of_secret<Checked, kIndex, Args>(), ...);
    return true;
  }
  (std::index_sequence_for<Args...>{});
}

}  // namespace lmlog::detail
