// SPDX-License-Identifier: Apache-2.0
// All entries of a journal file, which may be growing, and everything that is to be said about it.
#pragma once

#include "decoder/read/file_source.hpp"
#include "decoder/read/report.hpp"
#include "lmlog/formats/journal_reader.hpp"

namespace lmlog::decoder {

/// Calls `take` with each entry; damage and a torn end are reported behind the last one.
template <class Take>
void walk_journal(formats::JournalReader& reader, const FileSource& file, Report& report, Take take) {
  const auto say_damage = [&] {
    for (const auto& damage : reader.damage()) report.damage(file.path(), damage);
  };
  for (std::uint64_t torn_at = ~std::uint64_t{0};;) {
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
    // A collector may have appended whole entries since the end was reached: only what is no entry twice is torn.
    if (torn_at == reader.valid_end()) {
      say_damage();
      return report.torn_end(file.path(), torn_at, *size);
    }
    torn_at = reader.valid_end();
  }
}

}  // namespace lmlog::decoder
