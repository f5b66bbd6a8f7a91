// SPDX-License-Identifier: Apache-2.0
// Writing the status; keys and their order are those of the interface.
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <span>
#include <string_view>

#include <lmlog/formats/json_text.hpp>
#include <lmlog/formats/registry.hpp>

#include "collector/metrics/status_report.hpp"

namespace lmlog::collector {

namespace {

/// Paths and services may hold any byte.
std::string quoted(std::string_view text) { return '"' + formats::json_escaped(text) + '"'; }

std::string utc(std::int64_t ns) {
  const std::time_t seconds = ns / 1'000'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(ns / 1'000'000 % 1'000));
  return quoted(std::string_view(text.data(), length)).substr(0, length + 1) + fraction.data() + '"';
}

std::string decimal(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 3);
  return error == std::errc{} ? std::string(text.data(), end) : "0";
}

/// Collects `"key":value` members.
class JsonObject {
 public:
  JsonObject& raw(std::string_view key, const std::string& value) {
    text_ += (text_.empty() ? "" : ",") + quoted(key) + ":" + value;
    return *this;
  }
  JsonObject& number(std::string_view key, std::uint64_t value) { return raw(key, std::to_string(value)); }
  JsonObject& text(std::string_view key, std::string_view value) { return raw(key, quoted(value)); }
  [[nodiscard]] std::string str() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

std::string losses_json(const formats::LossCounts& losses) {
  JsonObject out;
  for (std::uint32_t reason = 0; reason < losses.size(); ++reason) {
    if (losses[reason] == 0) continue;
    const auto name = formats::loss_reason_name(reason);
    out.number(name.empty() ? std::to_string(reason) : std::string(name), losses[reason]);
  }
  return out.str();
}

}  // namespace

std::string to_json(const StatusReport& report) {
  std::uint64_t dropped = 0;
  for (std::uint32_t reason = 0; reason < report.losses.size(); ++reason) {
    if (formats::is_drop(reason)) dropped += report.losses[reason];
  }
  JsonObject records;
  records.number("stored", report.stored)
      .number("dropped", dropped)
      .number("sampled_out", report.losses[static_cast<std::size_t>(formats::LossReason::sampled_out)])
      .number("overwritten", report.losses[static_cast<std::size_t>(formats::LossReason::overwritten)]);
  JsonObject hot;
  hot.number("bytes", report.hot_bytes)
      .number("segments", report.hot_segments)
      .number("records", report.hot_records)
      .raw("cost_per_month", decimal(report.hot_cost_per_month));
  JsonObject services;
  for (const auto& [name, service] : report.services) {
    JsonObject one;
    one.number("sessions", service.sessions)
        .number("stored", service.stored)
        .number("segments", service.segments)
        .number("bytes", service.bytes);
    services.raw(name, one.str());
  }
  std::string quarantined;
  for (const auto& [path, reason] : report.quarantined) {
    JsonObject one;
    one.text("path", path).text("reason", reason);
    quarantined += (quarantined.empty() ? "" : ",") + one.str();
  }
  JsonObject quarantines;
  for (const auto& [reason, count] : report.quarantines) quarantines.number(reason, count);
  JsonObject out;
  out.number("pid", static_cast<std::uint64_t>(report.pid))
      .raw("since", utc(report.since_ns))
      .raw("written", utc(report.written_ns))
      .number("sessions", report.sessions)
      .number("rings", report.rings)
      .raw("records", records.str())
      .raw("losses", losses_json(report.losses))
      .raw("lag_seconds", decimal(report.lag_seconds))
      .raw("tiers", JsonObject().raw("hot", hot.str()).str())
      .raw("journal",
           JsonObject().number("files", report.journal_files).number("records", report.pending_records).str())
      .number("slow_writes", report.slow_writes)
      .raw("services", services.str())
      .raw("quarantined", "[" + quarantined + "]")
      .raw("quarantines", quarantines.str())
      .text("last_error", report.last_error);
  return out.str() + "\n";
}

Status write_status(FileSystem& files, const std::string& path, const StatusReport& report) {
  const std::string temporary = path + ".tmp";
  (void)files.remove(temporary);  // of a collector that died here
  auto file = files.open(temporary, OpenFor::creating);
  if (!file) return file.error();
  const std::string text = to_json(report);
  if (auto status = (*file)->write_at(0, std::as_bytes(std::span(text.data(), text.size()))); !status) return status;
  return files.rename(temporary, path);
}

}  // namespace lmlog::collector
