// SPDX-License-Identifier: Apache-2.0
// LMLog's calls: with its own clock read, with a time that the caller has, through a named logger, and switched off.
// A collector drains the ring meanwhile, as in production; bench/run starts it. A process has one session at a time:
// LMLOG_BENCH_SESSION=coarse or =overwrite measures a session of that clock or policy instead.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>

#include <lmlog/lmlog.hpp>

#include "bench/batch.hpp"

namespace lmlog::bench {
namespace {

// Takes some milliseconds of what is logged here, so that hardly a call waits while the collector sleeps. The policy is
// block, as spdlog's: where the machine is so busy that a ring fills, a batch becomes an outlier, and nothing is lost.
constexpr std::uint64_t kRingBytes = std::uint64_t{16} << 20;

std::string_view session_kind() {
  const char* const kind = std::getenv("LMLOG_BENCH_SESSION");
  return kind != nullptr ? kind : "";
}

Session& session() {
  static Session s{{.service = "bench-calls",
                    .ring_bytes = kRingBytes,
                    .clock = session_kind() == "coarse" ? Clock::coarse : Clock::tsc,
                    .policy = session_kind() == "overwrite" ? Policy::overwrite : Policy::block}};
  return s;
}

void add_session_kind(const std::string& library) {
  const auto call = [](Values& v, int i) { LMLOG_INFO("order {id} px {px} qty {qty}", v.id + i, v.px, v.n); };
  add_warm(library + "/W3/warm", call);
  add_cold(library + "/W3/cold", call);
}

}  // namespace

void add_lmlog() {
  (void)session();
  if (session_kind() == "coarse") return add_session_kind("LMLog, clock coarse");
  if (session_kind() == "overwrite") return add_session_kind("LMLog, policy overwrite");
  add_warm("LMLog/W1/warm", [](Values&, int) { LMLOG_INFO("heartbeat"); });
  add_warm("LMLog/W2/warm", [](Values&, int i) { LMLOG_INFO("seq {n}", i); });
  add_warm("LMLog/W3/warm", [](Values& v, int i) { LMLOG_INFO("order {id} px {px} qty {qty}", v.id + i, v.px, v.n); });
  add_warm("LMLog/W4/warm", [](Values& v, int i) { LMLOG_INFO("user {id} name {name}", i, v.name); });
  add_warm("LMLog/W5/warm",
           [](Values& v, int i) { LMLOG_INFO("{a} {b} {c} {d} {e} {f} {g} {h}", i, v.n, i, v.n, i, v.n, i, v.n); });

  static std::uint64_t time = ticks();
  add_warm("LMLog, time given/W1/warm", [](Values&, int) { LMLOG_INFO_AT(++time, "heartbeat"); });
  add_warm("LMLog, time given/W2/warm", [](Values&, int i) { LMLOG_INFO_AT(++time, "seq {n}", i); });
  add_warm("LMLog, time given/W3/warm",
           [](Values& v, int i) { LMLOG_INFO_AT(++time, "order {id} px {px} qty {qty}", v.id + i, v.px, v.n); });
  add_warm("LMLog, time given/W4/warm",
           [](Values& v, int i) { LMLOG_INFO_AT(++time, "user {id} name {name}", i, v.name); });
  add_warm("LMLog, time given/W5/warm", [](Values& v, int i) {
    LMLOG_INFO_AT(++time, "{a} {b} {c} {d} {e} {f} {g} {h}", i, v.n, i, v.n, i, v.n, i, v.n);
  });

  static const Logger orders = logger("bench.orders");
  add_warm("LMLog, named logger/W3/warm", [](Values& v, int i) {
    LMLOG_LOG(orders, lmlog::Level::info, "order {id} px {px} qty {qty}", v.id + i, v.px, v.n);
  });

  add_warm("LMLog, level off/W3/warm",
           [](Values& v, int i) { LMLOG_DEBUG("order {id} px {px} qty {qty}", v.id + i, v.px, v.n); });

  add_cold("LMLog/W3/cold", [](Values& v, int i) { LMLOG_INFO("order {id} px {px} qty {qty}", v.id + i, v.px, v.n); });
  add_cold("LMLog, time given/W3/cold",
           [](Values& v, int i) { LMLOG_INFO_AT(++time, "order {id} px {px} qty {qty}", v.id + i, v.px, v.n); });
}

std::string lmlog_losses() {
  if (session().path().empty()) return "there was no session: LMLog's figures are those of calls that store nothing";
  const auto losses = session().losses();
  const std::uint64_t lost = std::accumulate(losses.begin(), losses.end(), std::uint64_t{0});
  if (lost == 0) return "";
  return std::to_string(lost) + " records of LMLog were lost: is a collector draining $LMLOG_RING_DIR?";
}

}  // namespace lmlog::bench
