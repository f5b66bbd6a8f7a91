// SPDX-License-Identifier: Apache-2.0
// Each subcommand is a parser of its own; `cat` is the one that needs no name.
#include "decoder/command/arguments.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "decoder/query/level_range.hpp"
#include "decoder/query/time_expression.hpp"
#include "lmlog/formats/session_layout.hpp"
#include "lmlog_version.hpp"

namespace lmlog::decoder {
namespace {

constexpr const char* kCatHelp =
    R"(Reads the records of archives, journals, segments and rings, merged in order of time.

PATH is an archive folder, a segment (.lms) or journal (.lmj) file, a session or ring file of a process that lives or
died, a folder of rings, or - for a segment or journal from standard input. Give archive and rings folder together to
see every record once, wherever it is now.

Other subcommands (lmlog-decode NAME --help):
  verify  checks archives, journals and rings, and says which bytes are damaged
  sites   lists the log statements with how often each was hit)";

constexpr const char* kCatExamples =
    R"(Times: 2026-11-22T21:44:15Z, '2026-11-22 21:44', 21:44, -10m, yesterday, today, now (UTC).
Levels: trace debug info notice warn error fatal.
Loss records obey only --service, --since and --until.
Exit codes: 0 done, 1 nothing matched, 2 usage, 3 damaged input (the rest was given), 4 I/O, 130 interrupted.

Examples:
  lmlog-decode /var/lib/lmlog                                 everything, as text on a terminal, else JSON lines
  lmlog-decode -p warn -S -10m /var/lib/lmlog /run/lmlog/rings   warnings of the last ten minutes, living rings too
  lmlog-decode -g 'order [0-9]+ rejected' -n 20 /var/lib/lmlog   the last 20 such messages
  lmlog-decode -o json --service matching-engine /var/lib/lmlog | jq .fields.px)";

constexpr const char* kVerifyHelp =
    R"(Checks every checksum and structure of segments, journals, sessions and rings, and that positions and counts of
each ring add up across all files. Damage is listed with its byte range; the last line is the verdict.)";

constexpr const char* kVerifyExamples =
    R"(Exit codes: 0 all is well, 3 damaged, 4 I/O, 130 interrupted.

Examples:
  lmlog-decode verify /var/lib/lmlog
  lmlog-decode verify /var/lib/lmlog/hot/orders/*.lms)";

constexpr const char* kSitesHelp = "Lists the log statements: how many records, level, template, file and line.";

constexpr const char* kSitesExamples =
    R"(Examples:
  lmlog-decode sites /var/lib/lmlog
  lmlog-decode sites --json --service orders -S yesterday /var/lib/lmlog)";

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

/// What people typed, before it means anything.
struct Typed {
  std::vector<std::string> paths;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::string> level;
  std::string pattern;
  std::vector<std::string> services;
  std::string output;
  std::string color = "auto";
  std::string int64 = "number";
  std::optional<std::string> lines;
  bool json = false;
  bool quiet = false;
};

void add_shared(CLI::App& app, Typed& typed) {
  app.set_version_flag("--version", std::string("lmlog-decode ") + LMLOG_VERSION);
  app.add_option("PATH", typed.paths, "what to read")->required()->type_name("");
  app.add_flag("--quiet", typed.quiet, "no notes and no progress on stderr");
  app.get_formatter()->column_width(34);
}

/// Keeps an empty word apart from an option that was not given: `-p "$LEVEL"` must not mean everything.
CLI::Option* add_text(CLI::App& app, const std::string& names, std::optional<std::string>& out, std::string help) {
  return app.add_option_function<std::string>(
      names, [&out](const std::string& text) { out = text; }, std::move(help));
}

void add_filter(CLI::App& app, Typed& typed) {
  add_text(app, "-S,--since", typed.since, "from this time on")->type_name("TIME");
  add_text(app, "-U,--until", typed.until, "up to this time, included")->type_name("TIME");
  add_text(app, "-p,--level", typed.level, "this level and worse; info..warn for a range")->type_name("LEVEL");
  app.add_option("--service", typed.services, "only this service; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->take_all();
}

/// The service's name as the producer stores it: cut before the character that does not fit.
std::string stored_name(const std::string& service) {
  if (service.size() <= formats::kNameBytes) return service;
  std::size_t bytes = formats::kNameBytes;
  while (bytes > 0 && (static_cast<unsigned char>(service[bytes]) & 0xC0) == 0x80) --bytes;
  return service.substr(0, bytes);
}

struct UsageError {
  std::string text;
};

template <class T> T value_or_usage_error(const char* option, formats::Result<T> result) {
  if (!result) throw UsageError{std::string(option) + ": " + result.error().text};
  return *std::move(result);
}

RecordFilter filter_of(const Typed& typed) {
  RecordFilter filter;
  const std::uint64_t now = now_ns();
  if (typed.since) filter.since_ns = value_or_usage_error("--since", parse_time(*typed.since, now));
  if (typed.until) filter.until_ns = value_or_usage_error("--until", parse_time(*typed.until, now));
  if (typed.level) filter.levels = value_or_usage_error("--level", parse_levels(*typed.level));
  for (const auto& service : typed.services) {
    if (service.empty()) throw UsageError{"--service: '' is no name of a service"};
    filter.services.push_back(stored_name(service));
  }
  return filter;
}

std::uint64_t lines_of(const std::string& text) {
  std::uint64_t lines = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lines);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw UsageError{"--lines: '" + text + "' is no number of records; write one from 0 to " +
                     std::to_string(~std::uint64_t{0})};
  }
  return lines;
}

bool wants_color(const std::string& when) {
  if (when != "auto") return when == "always";
  const char* const terminal = std::getenv("TERM");      // NOLINT(concurrency-mt-unsafe): one thread at start
  const char* const no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  return ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

/// Runs the parser; nullopt when its arguments are good.
std::optional<Stop> parse(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return Stop{ExitCode::done};
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << '\n';
    return Stop{ExitCode::done};
  } catch (const CLI::ParseError& error) {
    std::cerr << "lmlog-decode: " << error.what() << "\nTry 'lmlog-decode --help'.\n";
    return Stop{ExitCode::usage};
  }
}

Arguments parse_cat(int argc, const char* const* argv) {
  Typed typed;
  CLI::App app(kCatHelp, "lmlog-decode [cat]");
  app.footer(kCatExamples);
  add_shared(app, typed);
  add_filter(app, typed);
  app.add_option("-o,--output", typed.output, "json, json-pretty or text; default: text on a terminal, else json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"json", "json-pretty", "text"}));
  app.add_option("-g,--grep", typed.pattern, "only messages in which this regular expression (RE2) occurs")
      ->type_name("RE");
  add_text(app, "-n,--lines", typed.lines, "only the last N records")->type_name("N");
  app.add_option("--color", typed.color, "auto, always or never (text only)")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_option("--int64", typed.int64, "string: 64-bit integers of fields as JSON strings")
      ->type_name("FORM")
      ->check(CLI::IsMember({"number", "string"}));
  if (const auto stop = parse(app, argc, argv)) return *stop;
  CatArguments out;
  out.paths = typed.paths;
  out.quiet = typed.quiet;
  out.filter = filter_of(typed);
  if (typed.lines) out.lines = lines_of(*typed.lines);
  if (!typed.pattern.empty())
    out.printer.pattern = value_or_usage_error("--grep", MessagePattern::compile(typed.pattern));
  if (typed.output.empty()) typed.output = ::isatty(STDOUT_FILENO) == 1 ? "text" : "json";
  out.printer.format = typed.output == "text"   ? OutputFormat::text
                       : typed.output == "json" ? OutputFormat::json
                                                : OutputFormat::json_pretty;
  out.printer.color = wants_color(typed.color);
  out.printer.int64_as_string = typed.int64 == "string";
  return out;
}

Arguments parse_verify(int argc, const char* const* argv) {
  Typed typed;
  CLI::App app(kVerifyHelp, "lmlog-decode verify");
  app.footer(kVerifyExamples);
  add_shared(app, typed);
  if (const auto stop = parse(app, argc, argv)) return *stop;
  return VerifyArguments{typed.paths, typed.quiet};
}

Arguments parse_sites(int argc, const char* const* argv) {
  Typed typed;
  CLI::App app(kSitesHelp, "lmlog-decode sites");
  app.footer(kSitesExamples);
  add_shared(app, typed);
  add_filter(app, typed);
  app.add_flag("--json", typed.json, "an array of objects");
  if (const auto stop = parse(app, argc, argv)) return *stop;
  return SitesArguments{typed.paths, filter_of(typed), typed.json, typed.quiet};
}

/// `--level=` with nothing behind it would take the next word, a path, for its value.
void refuse_empty_values(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") return;
    if (word.starts_with("--") && word.find('=') == word.size() - 1)
      throw UsageError{std::string(word.substr(0, word.size() - 1)) + ": its value is empty"};
  }
}

/// `lmlog-decode frobnicate`: a word that is neither a subcommand nor a file is a mistake in the words.
bool is_unknown_subcommand(std::string_view word) {
  if (word.empty() || word.front() == '-' || word.find_first_of("/.") != std::string_view::npos) return false;
  return ::access(std::string(word).c_str(), F_OK) != 0;
}

}  // namespace

Arguments parse_arguments(int argc, const char* const* argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  try {
    refuse_empty_values(argc, argv);
    if (first == "cat") return parse_cat(argc - 1, argv + 1);
    if (first == "verify") return parse_verify(argc - 1, argv + 1);
    if (first == "sites") return parse_sites(argc - 1, argv + 1);
    if (is_unknown_subcommand(first)) {
      throw UsageError{"'" + std::string(first) +
                       "' is neither a subcommand (cat, verify, sites) nor a path that exists"};
    }
    return parse_cat(argc, argv);
  } catch (const UsageError& error) {
    std::cerr << "lmlog-decode: " << error.text << "\nTry 'lmlog-decode --help'.\n";
    return Stop{ExitCode::usage};
  }
}

}  // namespace lmlog::decoder
