// SPDX-License-Identifier: Apache-2.0
// Prints the table of sites.
#include "decoder/command/sites.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "decoder/output/output_sink.hpp"
#include "decoder/render/escape.hpp"
#include "decoder/sites/site_table.hpp"

namespace lmlog::decoder {
namespace {

void append_json(std::string& out, const std::vector<SiteRow>& rows) {
  out += "[";
  for (const SiteRow& row : rows) {
    fmt::format_to(
        std::back_inserter(out),
        "{}\n{{\"count\":{},\"severity\":\"{}\",\"template\":{},\"service\":{},\"site\":\"{:016x}\",\"arguments\":[",
        out.back() == '[' ? "" : ",", row.records, formats::severity_name(row.level), json_string(row.format),
        json_string(row.service), row.hash);
    for (const SiteArgument& argument : row.arguments) {
      fmt::format_to(std::back_inserter(out), "{}{{\"name\":{},\"type\":{}}}", out.back() == '[' ? "" : ",",
                     json_string(argument.name), json_string(argument.type));
    }
    out += "],\"places\":[";
    for (const SitePlace& place : row.places) {
      fmt::format_to(std::back_inserter(out), "{}{{\"file\":{},\"line\":{},\"function\":{}}}",
                     out.back() == '[' ? "" : ",", json_string(place.file), place.line, json_string(place.function));
    }
    out += "]}";
  }
  out += "\n]\n";
}

std::string one_line(std::string_view text) {
  std::string out;
  append_terminal_text(out, text);
  return out;
}

void append_table(std::string& out, const std::vector<SiteRow>& rows) {
  std::size_t width = 5;
  std::size_t service_width = 7;
  for (const SiteRow& row : rows) {
    width = std::max(width, fmt::formatted_size("{}", row.records));
    service_width = std::max(service_width, one_line(row.service).size());
  }
  const auto line = [&](auto count, std::string_view level, std::string_view service, const std::string& rest) {
    fmt::format_to(std::back_inserter(out), "{:>{}}  {:<6}  {:<{}}  {}\n", count, width, level, service, service_width,
                   rest);
  };
  line("COUNT", "LEVEL", "SERVICE", "TEMPLATE (FILE:LINE) FIELD: TYPE, …");
  for (const SiteRow& row : rows) {
    std::string rest = one_line(row.format) + " (";
    for (const SitePlace& place : row.places) {
      if (rest.back() != '(') rest += ", ";
      rest += one_line(place.file) + ":" + std::to_string(place.line);
    }
    rest += ")";
    for (const SiteArgument& argument : row.arguments)
      rest += (&argument == row.arguments.data() ? " " : ", ") + one_line(argument.name) + ": " + argument.type;
    line(row.records, formats::severity_name(row.level), one_line(row.service), rest);
  }
}

}  // namespace

ExitCode run_sites(const SitesArguments& arguments) {
  Report report(arguments.quiet);
  Archive archive(arguments.paths, report);
  const auto rows = count_sites(archive, arguments.filter, report);
  OutputSink sink(STDOUT_FILENO);
  if (arguments.json) {
    append_json(sink.buffer(), rows);
  } else if (!rows.empty()) {
    append_table(sink.buffer(), rows);
  }
  sink.flush();
  if (!sink.error().empty()) report.io("stdout", sink.error());
  return sink.is_closed() ? ExitCode::done : report.exit_code(!rows.empty());
}

}  // namespace lmlog::decoder
