// SPDX-License-Identifier: Apache-2.0
// Renders session summaries.
#include "tools/rings/ring_report.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <ctime>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "lmlog/formats/json_text.hpp"

namespace lmlog::tools {
namespace {

std::string rfc3339(std::int64_t ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = ns / kSecond;
  std::int64_t rest = ns % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  }
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, rest);
}

std::string_view clock_name(std::uint32_t clock) {
  constexpr std::string_view names[] = {"", "tsc", "coarse", "user_ns", "realtime"};
  return clock < std::size(names) ? names[clock] : "";
}

std::string_view state_name(const SessionSummary& session) {
  if (session.closed) return "closed";
  return session.alive ? "alive" : "dead";
}

using Row = std::array<std::string, 11>;

/// Columns as wide as their widest cell: the first two to the left, numbers to the right.
std::string aligned(const std::vector<Row>& rows) {
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i < 2 ? fmt::format("{:<{}}  ", row[i], widths[i]) : fmt::format("{:>{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

}  // namespace

std::string rings_as_json(const std::vector<SessionSummary>& sessions) {
  std::string out = "[";
  auto at = std::back_inserter(out);
  for (const SessionSummary& s : sessions) {
    fmt::format_to(at,
                   R"({}{{"session":"{}","service":"{}","pid":{},"uid":{},"alive":{},"started":"{}","clock":"{}",)"
                   R"("sites":{},"attempted":{},"stored":{},"dropped":{},"sampled_out":{},"overwritten":{},"rings":[)",
                   &s == sessions.data() ? "\n" : ",\n", s.id.hex(), formats::json_escaped(s.service), s.pid, s.uid,
                   s.alive, rfc3339(s.started_ns), clock_name(s.clock), s.sites, s.calls.attempted(), s.calls.stored,
                   s.calls.dropped, s.calls.sampled_out, s.calls.overwritten);
    for (const RingSummary& r : s.rings) {
      fmt::format_to(at,
                     R"({}{{"ring":"{}","tid":{},"thread":"{}","size":{},"head":{},"tail":{},"fill":{:.4f},)"
                     R"("records":{},"dropped":{}}})",
                     &r == s.rings.data() ? "" : ",", r.id.hex(), r.tid, formats::json_escaped(r.thread), r.data_bytes,
                     r.head, r.tail, r.fill(), r.calls.stored, r.calls.dropped);
    }
    out += "]}";
  }
  out += sessions.empty() ? "]\n" : "\n]\n";
  return out;
}

std::string rings_as_table(const std::vector<SessionSummary>& sessions, std::int64_t now_ns) {
  if (sessions.empty()) return "no sessions\n";
  std::vector<Row> rows{{"SERVICE / thread", "STATE", "PID / tid", "ATTEMPTED", "STORED", "DROPPED", "SAMPLED OUT",
                         "OVERWRITTEN", "PER SECOND", "RING", "FILL"}};
  for (const SessionSummary& s : sessions) {
    const double seconds = static_cast<double>(now_ns - s.started_ns) / 1e9;
    // Since the start: of a dead process nobody knows how long it lived.
    const std::string rate =
        s.alive && seconds > 0 ? fmt::format("{:.0f}", static_cast<double>(s.calls.attempted()) / seconds) : "";
    rows.push_back({formats::json_escaped(s.service), std::string(state_name(s)), fmt::format("{}", s.pid),
                    fmt::format("{}", s.calls.attempted()), fmt::format("{}", s.calls.stored),
                    fmt::format("{}", s.calls.dropped), fmt::format("{}", s.calls.sampled_out),
                    fmt::format("{}", s.calls.overwritten), rate, "", ""});
    for (const RingSummary& r : s.rings) {
      rows.push_back({"  " + formats::json_escaped(r.thread), r.in_use ? "" : "free", fmt::format("{}", r.tid),
                      fmt::format("{}", r.calls.attempted()), fmt::format("{}", r.calls.stored),
                      fmt::format("{}", r.calls.dropped), fmt::format("{}", r.calls.sampled_out),
                      fmt::format("{}", r.calls.overwritten), "", fmt::format("{} KiB", r.data_bytes / 1024),
                      fmt::format("{:.1f}%", r.fill() * 100)});
    }
  }
  return aligned(rows);
}

}  // namespace lmlog::tools
