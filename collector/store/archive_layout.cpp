// SPDX-License-Identifier: Apache-2.0
// Names of the archive's folders and files.
#include "collector/store/archive_layout.hpp"

#include <charconv>
#include <cstdio>
#include <ctime>

#include <lmlog/formats/file_names.hpp>

namespace lmlog::collector {

namespace {

constexpr std::string_view kJournalSuffix = ".lmj";
constexpr std::size_t kSequenceDigits = 16;

}  // namespace

std::string ArchiveLayout::journal_file(std::uint64_t sequence) const {
  char digits[kSequenceDigits + 1];
  std::snprintf(digits, sizeof(digits), "%016llx", static_cast<unsigned long long>(sequence));
  return journal_folder() + "/" + digits + std::string(kJournalSuffix);
}

std::string ArchiveLayout::tier_folder(formats::Tier tier) const {
  constexpr std::string_view names[] = {"/hot", "/warm", "/cold"};
  return folder_ + std::string(names[static_cast<std::size_t>(tier)]);
}

std::string ArchiveLayout::service_folder(formats::Tier tier, std::string_view service) const {
  return tier_folder(tier) + "/" + formats::encode_service(service);
}

std::optional<std::uint64_t> journal_sequence_of(std::string_view name) {
  if (name.size() != kSequenceDigits + kJournalSuffix.size() || !name.ends_with(kJournalSuffix)) return std::nullopt;
  std::uint64_t sequence = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kSequenceDigits, sequence, 16);
  if (error != std::errc{} || end != name.data() + kSequenceDigits) return std::nullopt;
  return sequence;
}

std::string segment_file_name(std::int64_t created_ns, std::uint64_t sequence, const formats::Id128& id) {
  const std::time_t seconds = created_ns / 1'000'000'000;
  const auto milliseconds = static_cast<int>(created_ns / 1'000'000 % 1'000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char time[64];
  std::snprintf(time, sizeof(time), "%04d%02d%02dT%02d%02d%02d.%03dZ-%010llu-", utc.tm_year + 1900, utc.tm_mon + 1,
                utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, milliseconds,
                static_cast<unsigned long long>(sequence));
  return time + id.hex().substr(0, 8) + ".lms";
}

}  // namespace lmlog::collector
