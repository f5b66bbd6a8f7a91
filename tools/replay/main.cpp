// SPDX-License-Identifier: Apache-2.0
// lmlog-replay: the load generator. Turns tick data or a synthetic workload into records of a real producer process.
#include <cstdint>
#include <cstdio>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "lmlog/formats/ring_layout.hpp"
#include "lmlog_version.hpp"

#include "tools/program_exit.hpp"
#include "tools/replay/replay_run.hpp"
#include "tools/replay/synth_replay.hpp"
#include "tools/replay/tick_replay.hpp"

namespace {

using namespace lmlog;
using tools::ReplayOptions;

constexpr unsigned kMaxThreads = 1024;  // each has a ring of its own

/// "64KiB", "1MiB" or plain bytes.
bool parse_size(const std::string& text, std::uint64_t& out) {
  std::size_t digits = 0;
  try {
    out = std::stoull(text, &digits);
  } catch (const std::exception&) {
    return false;
  }
  const std::map<std::string, unsigned> shifts{{"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
  const auto unit = shifts.find(text.substr(digits));
  if (text[0] == '-' || unit == shifts.end() || out > std::numeric_limits<std::uint64_t>::max() >> unit->second)
    return false;
  out <<= unit->second;
  return true;
}

std::string read_ring_bytes(const std::string& text, ReplayOptions& options) {
  if (!parse_size(text, options.ring_bytes)) return "is no size: write bytes, or 64KiB, 1MiB, 1GiB";
  if (!formats::is_valid_ring_size(options.ring_bytes)) return "is no ring size: a power of two from 64KiB to 1GiB";
  return "";
}

std::string read_rate(const std::string& text, ReplayOptions& options) {
  if (text == "max") return "";
  if (!CLI::detail::lexical_cast(text, options.rate) || !(options.rate > 0) || options.rate > 1e12)
    return "is no rate: records per second, or 'max'";
  return "";
}

/// An option with names for values; CLI11's own transformers let the values' numbers through as well.
template <class Value>
void add_choice(CLI::App& command, const char* name, std::map<std::string, Value> choices, Value& out,
                const char* help) {
  command.add_option_function<std::string>(
      name,
      [name, choices = std::move(choices), &out](const std::string& text) {
        const auto found = choices.find(text);
        if (found == choices.end()) {
          std::string known;
          for (const auto& choice : choices) known += (known.empty() ? "" : ", ") + choice.first;
          throw CLI::ValidationError(name, '\'' + text + "' is none of: " + known);
        }
        out = found->second;
      },
      help);
}

void add_common_options(CLI::App& command, ReplayOptions& options) {
  command.add_option("--service", options.service, "name of the service")->capture_default_str();
  command.add_option_function<std::string>(
      "--rate",
      [&options](const std::string& text) {
        if (const auto wrong = read_rate(text, options); !wrong.empty())
          throw CLI::ValidationError("--rate", '\'' + text + "' " + wrong);
      },
      "records per second in total, or 'max' (default)");
  command.add_option("--limit", options.limit, "at most so many records in total")->check(CLI::PositiveNumber);
  add_choice(command, "--clock", {{"tsc", Clock::tsc}, {"coarse", Clock::coarse}, {"user_ns", Clock::user_ns}},
             options.clock, "tsc (default), coarse: a collector's millisecond, or user_ns: the times of the data");
  add_choice(command, "--policy", {{"drop", Policy::drop}, {"block", Policy::block}, {"overwrite", Policy::overwrite}},
             options.policy, "when a ring is full: drop (default), block, or overwrite the oldest records");
  command.add_option_function<std::string>(
      "--ring-bytes",
      [&options](const std::string& text) {
        if (const auto wrong = read_ring_bytes(text, options); !wrong.empty())
          throw CLI::ValidationError("--ring-bytes", '\'' + text + "' " + wrong);
      },
      "size of each thread's ring: a power of two from 64KiB to 1GiB (default 1MiB)");
}

int exit_code_of(const formats::Error& error) {
  switch (error.code) {
    case formats::ErrorCode::invalid:
      return tools::kUsage;
    case formats::ErrorCode::not_found:
      return tools::kNothingMatched;
    case formats::ErrorCode::io:
      return tools::kIoFailed;
    default:
      return tools::kDamaged;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load generator: turns data into records of a real producer process, and counts what became of them.",
               "lmlog-replay");
  app.set_version_flag("--version", std::string("lmlog-replay ") + LMLOG_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  lmlog-replay synth --workload W3 --threads 4 --records 1000000 --policy block\n"
      "  lmlog-replay ticks shared/data/ticks/ibm --clock user_ns --rate 100000 --limit 500000\n\n"
      "Prints one JSON object at the end, also on SIGINT: attempted, stored and lost records, and what a call cost.\n"
      "Exit codes: 0 done, 1 no data or calls not accounted for, 2 usage, 3 damaged data, 4 I/O, 130 interrupted.");

  ReplayOptions tick_options;
  tick_options.service = "ticks";
  std::vector<std::string> paths;
  CLI::App* ticks = app.add_subcommand("ticks", "US equity ticks: SYMBOL/DATE_{quote,trade}.zip; a thread per symbol");
  ticks->add_option("PATH", paths, "files, or folders that are searched for them")->required();
  add_common_options(*ticks, tick_options);

  ReplayOptions synth_options;
  synth_options.service = "synth";
  std::string workload_name;
  unsigned threads = 1;
  std::uint64_t records = 0;
  CLI::App* synth = app.add_subcommand("synth", "a synthetic workload");
  synth->add_option("--workload", workload_name, "W1 to W5, or mix: all in turn, 1 in 1,000 at WARN")
      ->required()
      ->check(CLI::IsMember({"W1", "W2", "W3", "W4", "W5", "mix"}));
  synth->add_option("--threads", threads, "producer threads")
      ->check(CLI::Range(1u, kMaxThreads))
      ->capture_default_str();
  synth->add_option("--records", records, "records of EACH thread; --limit is for all together")
      ->required()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 48));
  add_common_options(*synth, synth_options);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // help or version
      app.exit(error);
      return tools::kDone;
    }
    fmt::print(stderr, "lmlog-replay: {}\nTry 'lmlog-replay --help'.\n",
               app.get_subcommands().empty() ? "say what to replay: ticks or synth" : error.what());
    return tools::kUsage;
  }
  if (synth->parsed()) {
    const auto workload = tools::workload_of(workload_name);
    if (!workload) return tools::kUsage;
    return tools::run_replay(synth_options, tools::synth_threads(*workload, threads, records, synth_options));
  }
  auto replay = tools::tick_threads(paths, tick_options);
  if (!replay) {
    fmt::print(stderr, "lmlog-replay: {}\n", replay.error().text);
    return exit_code_of(replay.error());
  }
  return tools::run_replay(tick_options, *std::move(replay));
}
