// SPDX-License-Identifier: Apache-2.0
// Runs seeds, and says of each that fails what was wrong and how it is played again.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/simulation/decoding.hpp"
#include "tests/simulation/oracle.hpp"
#include "tests/simulation/world.hpp"

namespace {

using namespace lmlog::collector::simulation;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t last = 100;
  bool aloud = false;
  bool twice = false;
  std::int64_t seconds = 0;    // 0: no limit
  std::uint64_t failures = 5;  // so many are enough
};

bool parse_number(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<Options> parse(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    std::uint64_t seconds = 0;
    if (option == "--verbose") {
      out.aloud = true;
    } else if (option == "--twice") {
      out.twice = true;
    } else if (option == "--seed" && parse_number(value, out.first)) {
      out.last = out.first;
      ++i;
    } else if (option == "--seeds" && value.find("..") != std::string_view::npos &&
               parse_number(value.substr(0, value.find("..")), out.first) &&
               parse_number(value.substr(value.find("..") + 2), out.last)) {
      ++i;
    } else if (option == "--seconds" && parse_number(value, seconds)) {
      out.seconds = static_cast<std::int64_t>(seconds);
      ++i;
    } else if (option == "--failures" && parse_number(value, out.failures)) {
      ++i;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

/// What a run leaves: equal for equal seeds.
std::pair<std::uint64_t, std::uint64_t> fingerprint(const World& world) {
  return {world.trace().hash(), world.disk().hash()};
}

constexpr std::uint64_t kDecodedOneIn = 20;

bool run_seed(std::uint64_t seed, const Options& options, RunCounts& sum) {
  World world(seed, options.aloud);
  world.run();
  judge(world);
  // Real files take their time: some of the runs.
  if (seed % kDecodedOneIn == 0 && world.failures.empty() && world.counts.power_cuts == 0 && world.counts.uncut == 0)
    decode(world);
  if (options.twice) {
    World again(seed, false);
    again.run();
    if (fingerprint(again) != fingerprint(world)) world.failures.emplace_back("run again, it went another way");
  }
  sum.collectors += world.counts.collectors;
  sum.kills += world.counts.kills;
  sum.power_cuts += world.counts.power_cuts;
  sum.calls += world.counts.calls;
  sum.failed_calls += world.counts.failed_calls;
  sum.records += world.counts.records;
  if (world.failures.empty()) return true;
  std::printf("seed %llu failed (%s):\n", static_cast<unsigned long long>(seed), world.plan().text().c_str());
  for (const auto& failure : world.failures) std::printf("  %s\n", failure.c_str());
  if (!options.aloud) std::printf("its end was:\n%s", world.trace().end().c_str());
  std::printf("again, with every call: simulation --seed %llu --verbose\n", static_cast<unsigned long long>(seed));
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) {
    std::fprintf(stderr,
                 "usage: simulation [--seeds A..B | --seed N] [--seconds S] [--failures N] [--twice] [--verbose]\n");
    return 2;
  }
  RunCounts sum;
  std::uint64_t seeds = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  std::uint64_t failed = 0;
  for (std::uint64_t seed = options->first; seed <= options->last && failed < options->failures; ++seed, ++seeds) {
    if (options->seconds != 0 && elapsed() >= static_cast<double>(options->seconds)) break;
    if (!run_seed(seed, *options, sum)) ++failed;
  }
  std::printf(
      "%llu seeds, %llu failed: %llu collectors, %llu killed, %llu power cuts, %llu calls to the disk, %llu of "
      "them failed, %llu records; %.1f s\n",
      static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(failed),
      static_cast<unsigned long long>(sum.collectors), static_cast<unsigned long long>(sum.kills),
      static_cast<unsigned long long>(sum.power_cuts), static_cast<unsigned long long>(sum.calls),
      static_cast<unsigned long long>(sum.failed_calls), static_cast<unsigned long long>(sum.records), elapsed());
  return failed == 0 ? 0 : 1;
}
