// SPDX-License-Identifier: Apache-2.0
// See environment.hpp.
#include "libproducer/src/environment.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "libproducer/src/complaint.hpp"

namespace lmlog::detail {

namespace {

std::optional<Level> level_of_name(std::string_view text) {
  constexpr std::array<std::string_view, 7> kNames{"trace", "debug", "info", "notice", "warn", "error", "fatal"};
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (lower == kNames[i]) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string> environment(const char* name) {
  const char* value = ::secure_getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

LevelSetting parse_level_setting(std::string_view text) {
  LevelSetting out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    const std::string_view name = equals == std::string_view::npos ? "*" : trim(item.substr(0, equals));
    const std::string_view value = equals == std::string_view::npos ? item : trim(item.substr(equals + 1));
    const auto level = level_of_name(value);
    if (name.empty() || !level) {
      if (out.error.empty())
        out.error = "'" + std::string(item) +
                    "' is neither a level nor LOGGER=LEVEL; levels are trace, debug, info, notice, warn, error, fatal";
    } else if (name == "*") {
      out.level = level;
    } else {
      out.loggers.emplace_back(name, *level);
    }
  }
  return out;
}

LevelSetting level_setting_of_environment() {
  const auto text = environment("LMLOG_LEVEL");
  if (!text) return {};
  LevelSetting setting = parse_level_setting(*text);
  if (!setting.error.empty()) complain_once(Topic::level, "LMLOG_LEVEL: " + setting.error + "; this part is ignored");
  return setting;
}

std::string cut_text(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return std::string(text.substr(0, bytes));
}

std::string program_name() {
  std::array<char, 4096> path;
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) return program_invocation_short_name;  // no /proc
  std::string_view text(path.data(), static_cast<std::size_t>(length));
  constexpr std::string_view kDeleted = " (deleted)";  // replaced while it runs
  if (text.ends_with(kDeleted)) text.remove_suffix(kDeleted.size());
  return std::string(text.substr(text.rfind('/') + 1));
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

formats::Id128 boot_id() {
  formats::Id128 id;
  const int fd = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return id;
  std::array<char, 64> text{};
  const ssize_t length = ::read(fd, text.data(), text.size());
  ::close(fd);
  std::string digits;
  for (ssize_t i = 0; i < length; ++i) {
    if (text[static_cast<std::size_t>(i)] != '-' && text[static_cast<std::size_t>(i)] != '\n')
      digits.push_back(text[static_cast<std::size_t>(i)]);
  }
  return formats::Id128::parse(digits).value_or(formats::Id128{});
}

formats::Id128 random_id() {
  formats::Id128 id;
  std::size_t have = 0;
  while (have < id.bytes.size()) {
    const ssize_t got = ::getrandom(id.bytes.data() + have, id.bytes.size() - have, 0);
    if (got > 0) {
      have += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      // A kernel without getrandom: pid, thread and clocks still tell sessions of one host apart.
      std::array<std::uint64_t, 2> parts{};
      timespec now{};
      ::clock_gettime(CLOCK_REALTIME, &now);
      parts[0] = static_cast<std::uint64_t>(now.tv_sec) << 30 ^ static_cast<std::uint64_t>(now.tv_nsec);
      parts[1] = static_cast<std::uint64_t>(::getpid()) << 32 ^ reinterpret_cast<std::uintptr_t>(&parts);
      std::memcpy(id.bytes.data(), parts.data(), sizeof(parts));
      break;
    }
  }
  return id;
}

}  // namespace lmlog::detail
