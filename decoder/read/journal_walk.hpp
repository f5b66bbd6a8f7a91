// SPDX-License-Identifier: Apache-2.0
// All entries of a journal file, which may be growing, and everything that is to be said about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>

#include "decoder/read/file_source.hpp"
#include "decoder/read/report.hpp"
#include "lmlog/formats/journal_reader.hpp"

namespace lmlog::decoder {

// Together a fifth of a second: a write takes some milliseconds, and a busy machine may stop the writer in the middle.
inline constexpr int kLooksAtATornEnd = 5;
inline constexpr std::chrono::milliseconds kBetweenLooks{50};

/// Nothing where the file gives no entry: why is reported.
[[nodiscard]] inline std::optional<formats::JournalReader> open_journal(const FileSource& file, Report& report) {
  auto reader = formats::JournalReader::open(file);
  if (reader) return *std::move(reader);
  // A kill within the first write of a file: nothing was in it yet.
  const auto size = file.size();
  if (size && reader.error().code == formats::ErrorCode::truncated) {
    report.torn_end(file.path(), 0, *size);
  } else {
    report.error(file.path(), reader.error());
  }
  return std::nullopt;
}

/// Calls `take` with each entry; damage and a torn end are reported behind the last one.
template <class Take>
void walk_journal(formats::JournalReader& reader, const FileSource& file, Report& report, Take take) {
  const auto say_damage = [&] {
    for (const auto& damage : reader.damage()) report.damage(file.path(), damage);
  };
  std::uint64_t torn_at = ~std::uint64_t{0};
  for (int looks = 0;;) {
    const auto entry = reader.next();
    if (!entry) {
      say_damage();
      return report.error(file.path(), entry.error());
    }
    if (*entry) {
      take(**entry);
      continue;
    }
    const auto size = file.size();
    if (!size || *size <= reader.valid_end()) return say_damage();
    // A collector that lives may be writing right now: torn is what stays so.
    looks = torn_at == reader.valid_end() ? looks + 1 : 0;
    if (looks == kLooksAtATornEnd) {
      say_damage();
      return report.torn_end(file.path(), torn_at, *size);
    }
    if (looks > 0) std::this_thread::sleep_for(kBetweenLooks);
    torn_at = reader.valid_end();
  }
}

}  // namespace lmlog::decoder
