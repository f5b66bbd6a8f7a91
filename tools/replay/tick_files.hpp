// SPDX-License-Identifier: Apache-2.0
// Tick data on disk (SYMBOL/DATE_{quote,trade}.zip): finding the files, and reading them into the order of the replay.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lmlog/formats/result.hpp"

#include "tools/replay/tick_row.hpp"

namespace lmlog::tools {

struct TickFile {
  std::string path;
  std::string symbol;  // in capitals
  std::int64_t midnight_ns = 0;
  TickKind kind = TickKind::quote;
};

/// The rows of one symbol over all its files: by time, then quotes before trades, then as in the file.
struct SymbolTicks {
  std::string symbol;
  std::vector<std::string> exchanges;
  std::vector<TickRow> rows;
};

/// `paths` are tick files, or folders that are searched for them. Errors: invalid (a file whose name is no
/// DATE_quote.zip or DATE_trade.zip), io, not_found (no tick file at all).
[[nodiscard]] formats::Result<std::vector<TickFile>> find_tick_files(const std::vector<std::string>& paths);

/// By symbol, in the order of their names. Errors: as of the archive, with path and line.
[[nodiscard]] formats::Result<std::vector<SymbolTicks>> read_ticks(std::vector<TickFile> files);

/// Cuts to the first `limit` rows in the order of time, then symbol. A symbol without rows keeps none.
void keep_first(std::vector<SymbolTicks>& ticks, std::uint64_t limit);

}  // namespace lmlog::tools
