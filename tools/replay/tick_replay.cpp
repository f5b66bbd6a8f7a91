// SPDX-License-Identifier: Apache-2.0
// Log statements of the tick replay and the loop around them.
#include "tools/replay/tick_replay.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lmlog/lmlog.hpp>

#include "tools/replay/stop_flag.hpp"
#include "tools/replay/tick_files.hpp"

namespace lmlog::tools {
namespace {

struct Quote {
  std::string_view symbol;
  double bid;
  std::int64_t bid_size;
  double ask;
  std::int64_t ask_size;
  std::string_view ex;
  std::int64_t cond;
  std::int64_t susp;
};

struct Trade {
  std::string_view symbol;
  double px;
  std::int64_t qty;
  std::string_view ex;
  std::int64_t cond;
  std::int64_t susp;
};

[[gnu::always_inline]] inline void log_quote(const Quote& q) noexcept {
  LMLOG_INFO("Quote {symbol} bid={bid}x{bid_size} ask={ask}x{ask_size} ex={ex} cond={cond} susp={susp}", q.symbol,
             q.bid, q.bid_size, q.ask, q.ask_size, q.ex, q.cond, q.susp);
}

[[gnu::always_inline]] inline void log_quote_at(std::uint64_t time, const Quote& q) noexcept {
  LMLOG_INFO_AT(time, "Quote {symbol} bid={bid}x{bid_size} ask={ask}x{ask_size} ex={ex} cond={cond} susp={susp}",
                q.symbol, q.bid, q.bid_size, q.ask, q.ask_size, q.ex, q.cond, q.susp);
}

[[gnu::always_inline]] inline void log_trade(const Trade& t) noexcept {
  LMLOG_INFO("Trade {symbol} px={px} qty={qty} ex={ex} cond={cond} susp={susp}", t.symbol, t.px, t.qty, t.ex, t.cond,
             t.susp);
}

[[gnu::always_inline]] inline void log_trade_at(std::uint64_t time, const Trade& t) noexcept {
  LMLOG_INFO_AT(time, "Trade {symbol} px={px} qty={qty} ex={ex} cond={cond} susp={susp}", t.symbol, t.px, t.qty, t.ex,
                t.cond, t.susp);
}

double price_of(std::uint32_t scaled) noexcept { return static_cast<double>(scaled) / 10'000.0; }

void replay_rows(const SymbolTicks& ticks, bool given_time, CallMeter& meter, Pacer& pacer) {
  for (const TickRow& row : ticks.rows) {
    pacer.wait();
    if (stop_requested()) return;
    const std::string_view exchange = ticks.exchanges[row.exchange];
    if (row.kind == TickKind::quote) {
      const Quote quote{ticks.symbol, price_of(row.price), row.size,      price_of(row.ask_price), row.ask_size,
                        exchange,     row.condition,       row.suspicious};
      if (given_time)
        meter([&] { log_quote_at(row.time_ns, quote); });
      else
        meter([&] { log_quote(quote); });
    } else {
      const Trade trade{ticks.symbol, price_of(row.price), row.size, exchange, row.condition, row.suspicious};
      if (given_time)
        meter([&] { log_trade_at(row.time_ns, trade); });
      else
        meter([&] { log_trade(trade); });
    }
  }
}

}  // namespace

formats::Result<std::vector<ReplayThread>> tick_threads(const std::vector<std::string>& paths,
                                                        const ReplayOptions& options) {
  auto files = find_tick_files(paths);
  if (!files) return files.error();
  auto symbols = read_ticks(*std::move(files));
  if (!symbols) return symbols.error();
  if (options.limit != 0) keep_first(*symbols, options.limit);
  std::vector<ReplayThread> out;
  for (SymbolTicks& symbol : *symbols) {
    if (symbol.rows.empty()) continue;
    const auto ticks = std::make_shared<const SymbolTicks>(std::move(symbol));
    const bool given_time = options.clock == lmlog::Clock::user_ns;
    out.push_back({ticks->symbol, ticks->rows.size(), [ticks, given_time](CallMeter& meter, Pacer& pacer) {
                     replay_rows(*ticks, given_time, meter, pacer);
                   }});
  }
  return out;
}

}  // namespace lmlog::tools
