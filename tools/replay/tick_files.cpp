// SPDX-License-Identifier: Apache-2.0
// Finds, reads and orders tick files.
#include "tools/replay/tick_files.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "tools/replay/zip_text.hpp"

namespace lmlog::tools {
namespace {

namespace fs = std::filesystem;
using formats::Error;
using formats::ErrorCode;

constexpr std::size_t kMaxExchanges = 256;  // TickRow has a byte for them

/// Nanoseconds of 00:00 UTC of YYYYMMDD.
std::optional<std::int64_t> midnight_of(std::string_view date) {
  const auto number = [date](std::size_t at, std::size_t length) -> unsigned {
    unsigned value = 0;
    const char* end = date.data() + at + length;
    const auto result = std::from_chars(date.data() + at, end, value);
    return result.ec == std::errc() && result.ptr == end ? value : 0;
  };
  if (date.size() != 8) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(number(0, 4))),
                                        std::chrono::month(number(4, 2)), std::chrono::day(number(6, 2))};
  // Before 1970 there is no record time: it is unsigned.
  if (!day.ok() || day.year() < std::chrono::year(1970)) return std::nullopt;
  return std::chrono::nanoseconds(std::chrono::sys_days(day).time_since_epoch()).count();
}

/// The meaning of a path's last two parts; nullopt where they are no SYMBOL/DATE_{quote,trade}.zip.
std::optional<TickFile> tick_file_of(const fs::path& path) {
  constexpr std::string_view kQuote = "_quote.zip";
  constexpr std::string_view kTrade = "_trade.zip";
  const std::string name = path.filename().string();
  const bool quote = name.ends_with(kQuote);
  if (!quote && !name.ends_with(kTrade)) return std::nullopt;
  const auto midnight = midnight_of(std::string_view(name).substr(0, name.size() - kQuote.size()));
  std::error_code ignored;
  std::string symbol = fs::absolute(path, ignored).lexically_normal().parent_path().filename().string();
  if (!midnight || symbol.empty()) return std::nullopt;
  for (char& c : symbol)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return TickFile{path.string(), symbol, *midnight, quote ? TickKind::quote : TickKind::trade};
}

std::optional<Error> search_folder(const std::string& folder, std::vector<TickFile>& out) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error))
    if (entry->is_regular_file(error))
      if (auto file = tick_file_of(entry->path())) out.push_back(*std::move(file));
  if (error) return Error{ErrorCode::io, folder + ": cannot search it: " + error.message()};
  return std::nullopt;
}

/// Adds the rows of one file to its symbol.
formats::Status read_file(const TickFile& file, SymbolTicks& into) {
  std::uint64_t line_number = 0;
  std::optional<Error> bad;
  const auto status = for_each_line_of_zip(file.path, [&](std::string_view text) {
    ++line_number;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) return true;
    auto line = parse_tick_line(text, file.kind);
    if (line) {
      auto known = std::find(into.exchanges.begin(), into.exchanges.end(), line->exchange);
      if (known == into.exchanges.end() && into.exchanges.size() < kMaxExchanges)
        known = into.exchanges.emplace(known, line->exchange);
      if (known == into.exchanges.end()) line.reset();
      if (line) line->row.exchange = static_cast<std::uint8_t>(known - into.exchanges.begin());
    }
    if (!line) {
      bad = Error{ErrorCode::damaged, file.path + ": line " + std::to_string(line_number) + " is no " +
                                          (file.kind == TickKind::quote ? "quote" : "trade") + " row"};
      return false;
    }
    line->row.time_ns =
        static_cast<std::uint64_t>(file.midnight_ns) + std::uint64_t{line->time_ms} * std::uint64_t{1'000'000};
    into.rows.push_back(line->row);
    return true;
  });
  if (bad) return *bad;
  if (!status) return Error{status.error().code, file.path + ": " + status.error().text};
  return formats::Done{};
}

}  // namespace

formats::Result<std::vector<TickFile>> find_tick_files(const std::vector<std::string>& paths) {
  std::vector<TickFile> out;
  for (const std::string& path : paths) {
    std::error_code error;
    const auto status = fs::status(path, error);
    if (!fs::exists(status)) {
      const std::string why = error ? error.message() : "it does not exist";
      return Error{ErrorCode::io, path + ": " + why};
    }
    if (fs::is_directory(status)) {
      if (auto failed = search_folder(path, out)) return *failed;
    } else if (auto file = tick_file_of(path)) {
      out.push_back(*std::move(file));
    } else {
      return Error{ErrorCode::invalid,
                   path + ": its name is no SYMBOL/YYYYMMDD_quote.zip or SYMBOL/YYYYMMDD_trade.zip"};
    }
  }
  if (out.empty())
    return Error{ErrorCode::not_found, paths.front() + ": no tick files (SYMBOL/YYYYMMDD_{quote,trade}.zip) in it"};
  return out;
}

formats::Result<std::vector<SymbolTicks>> read_ticks(std::vector<TickFile> files) {
  // Quotes first: the stable sort below then keeps them before trades of the same time.
  std::stable_sort(files.begin(), files.end(), [](const TickFile& a, const TickFile& b) {
    return std::tie(a.symbol, a.kind, a.midnight_ns) < std::tie(b.symbol, b.kind, b.midnight_ns);
  });
  std::vector<SymbolTicks> out;
  for (const TickFile& file : files) {
    if (out.empty() || out.back().symbol != file.symbol) out.push_back({file.symbol, {}, {}});
    if (auto status = read_file(file, out.back()); !status) return status.error();
  }
  for (SymbolTicks& ticks : out) {
    std::stable_sort(ticks.rows.begin(), ticks.rows.end(),
                     [](const TickRow& a, const TickRow& b) { return a.time_ns < b.time_ns; });
  }
  return out;
}

void keep_first(std::vector<SymbolTicks>& ticks, std::uint64_t limit) {
  std::vector<std::size_t> taken(ticks.size(), 0);
  for (std::uint64_t n = 0; n < limit; ++n) {
    std::size_t first = ticks.size();
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      if (taken[i] == ticks[i].rows.size()) continue;
      // Symbols are in the order of their names, so that the first of equal times wins.
      if (first == ticks.size() || ticks[i].rows[taken[i]].time_ns < ticks[first].rows[taken[first]].time_ns) first = i;
    }
    if (first == ticks.size()) return;
    ++taken[first];
  }
  for (std::size_t i = 0; i < ticks.size(); ++i) ticks[i].rows.resize(taken[i]);
}

}  // namespace lmlog::tools
