// SPDX-License-Identifier: Apache-2.0
// Names of session and ring files, and the percent-encoding of services for file and folder names.
// Implements formats/spec/shm-abi.md §1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lmlog/formats/id128.hpp"

namespace lmlog::formats {

inline constexpr std::size_t kMaxEncodedService = 64;
inline constexpr std::string_view kSessionSuffix = ".session";
inline constexpr std::string_view kRingSuffix = ".ring";
inline constexpr std::string_view kTemporarySuffix = ".tmp";

/// A name that is safe as one path component: never empty, no leading dot, at most 64 bytes, cut at a whole character.
[[nodiscard]] inline std::string encode_service(std::string_view service) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : service) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '-' || (c == '.' && !out.empty());
    if (out.size() + (plain ? 1 : 3) > kMaxEncodedService) break;
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
  return out.empty() ? "unnamed" : out;
}

[[nodiscard]] inline std::string session_file_name(std::string_view service, std::uint32_t pid, const Id128& id) {
  return encode_service(service) + '.' + std::to_string(pid) + '.' + id.hex() + std::string(kSessionSuffix);
}

[[nodiscard]] inline std::string ring_file_name(const Id128& session, std::uint32_t number) {
  return session.hex() + '.' + std::to_string(number) + std::string(kRingSuffix);
}

/// The session id of a session file's name; nullopt when it is no such name (`.tmp` files are none).
[[nodiscard]] inline std::optional<Id128> session_id_of_name(std::string_view name) {
  if (!name.ends_with(kSessionSuffix)) return std::nullopt;
  name.remove_suffix(kSessionSuffix.size());
  if (name.size() < 34 || name[name.size() - 33] != '.') return std::nullopt;
  return Id128::parse(name.substr(name.size() - 32));
}

struct RingName {
  Id128 session;
  std::uint32_t number = 0;
};

[[nodiscard]] inline std::optional<RingName> parse_ring_name(std::string_view name) {
  if (!name.ends_with(kRingSuffix)) return std::nullopt;
  name.remove_suffix(kRingSuffix.size());
  if (name.size() < 34 || name.size() > 42 || name[32] != '.') return std::nullopt;
  const auto session = Id128::parse(name.substr(0, 32));
  if (!session) return std::nullopt;
  std::uint32_t number = 0;
  for (const char c : name.substr(33)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return RingName{*session, number};
}

}  // namespace lmlog::formats
