// SPDX-License-Identifier: Apache-2.0
// torture: producers and collectors are killed at random, in lanes beside each other and in bounded rounds; then what
// lmlog-decode gives is compared with the producers' witnesses. Prints one JSON object, and PASS or FAIL.
// The seed repeats the decisions, not the machine's.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/torture/round.hpp"

namespace {

using namespace lmlog::torture;

constexpr std::size_t kMostLanes = 16;

struct Options {
  Programs programs;
  std::string work = "/dev/shm";
  std::uint64_t kills = 3000;
  std::uint64_t round_kills = 300;
  std::uint64_t lanes = 2;
  std::uint64_t seed = 1;
  bool keep = false;
  bool any_histogram = false;
};

double seconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// All lanes look at the sum: the torture ends for all when there are kills enough, or something is wrong.
[[noreturn]] void run_lane(const Options& options, const std::string& folder, std::uint64_t lane, Tally* tallies) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  Tally& tally = tallies[lane];
  try {
    const std::uint64_t share = (options.kills + options.lanes - 1) / options.lanes;
    for (std::uint64_t round = 0; tally.kills() < share; ++round) {
      if (!std::all_of(tallies, tallies + options.lanes, [](const Tally& one) { return one.is_good(); })) break;
      const std::string name = folder + "/lane-" + std::to_string(lane) + "-round-" + std::to_string(round);
      run_round(options.programs, name, options.seed * 1'000'003 + round * kMostLanes + lane,
                std::min(options.round_kills, share - tally.kills()), options.keep, tally);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "torture: %s\n", error.what());
    ::_exit(4);
  }
  ::_exit(0);
}

template <std::size_t N>
std::string object(const std::array<std::string_view, N>& names, const std::array<std::uint64_t, N>& values) {
  std::string out = "{";
  for (std::size_t i = 0; i < N; ++i)
    out += (i == 0 ? "\"" : ",\"") + std::string(names[i]) + "\":" + std::to_string(values[i]);
  return out + "}";
}

/// What the run itself must have been, for its result to mean something.
std::vector<std::string> shortcomings(const Options& options, const Tally& sum) {
  std::vector<std::string> out;
  if (sum.kills() < options.kills) out.emplace_back("too few kills");
  if (sum.collector_kills() * 10 < sum.kills()) out.emplace_back("too few kills of collectors");
  if (sum.records == 0) out.emplace_back("no records");
  for (std::size_t i = 0; i < kPhases && !options.any_histogram; ++i) {
    if (sum.deaths[i] == 0) out.push_back("no collector died in phase " + std::string(kPhaseNames[i]));
  }
  return out;
}

bool report(const Options& options, const Tally& sum, double seconds, bool lanes_failed) {
  auto problems = shortcomings(options, sum);
  if (lanes_failed) problems.emplace_back("a lane failed");
  const bool good = sum.is_good() && problems.empty();
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf(
      "{\"seed\":%llu,\"kills\":%llu,\"producer_kills\":%llu,\"of_forked\":%llu,\"collector_kills\":%llu,"
      "\"not_counted\":%llu,\"rewriter_kills\":%llu,\"rounds\":%llu,\"records\":%llu,\"calls\":%llu,\"rings\":%llu,"
      "\"counted_lost\":%llu,\"seconds\":%.1f,\"kills_per_second\":%.1f,\"kills_per_second_of_chaos\":%.1f,"
      "\"collector_died_in\":%s,\"faults\":%s,\"checks\":%s}\n",
      number(options.seed), number(sum.kills()), number(sum.producer_kills), number(sum.forked_kills),
      number(sum.collector_kills()), number(sum.early_kills), number(sum.rewriter_kills), number(sum.rounds),
      number(sum.records), number(sum.committed), number(sum.rings), number(sum.counted_lost), seconds,
      static_cast<double>(sum.kills()) / seconds,
      static_cast<double>(sum.kills() * options.lanes) / (static_cast<double>(sum.chaos_ns) * 1e-9 + 1e-9),
      object(kPhaseNames, sum.deaths).c_str(), object(kFaultNames, sum.faults).c_str(),
      object(kCheckNames, sum.checks).c_str());
  for (const auto& problem : problems) std::printf("%s\n", problem.c_str());
  if (good) {
    std::printf("PASS\n");
  } else {
    std::printf("FAIL: again with --seed %llu%s\n", number(options.seed), options.keep ? "" : " --keep");
  }
  return good;
}

int run(const Options& options) {
  std::string folder = options.work + "/lmlog-torture-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    std::perror(folder.c_str());
    return 4;
  }
  auto* const tallies = static_cast<Tally*>(
      ::mmap(nullptr, sizeof(Tally) * kMostLanes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  if (tallies == MAP_FAILED) return 4;
  const double begin = seconds_now();
  for (std::uint64_t lane = 0; lane < options.lanes; ++lane) {
    const pid_t pid = ::fork();
    if (pid < 0) return 4;
    if (pid == 0) run_lane(options, folder, lane, tallies);
  }
  bool lanes_failed = false;
  for (std::uint64_t lane = 0; lane < options.lanes; ++lane) {
    int status = 0;
    lanes_failed = ::wait(&status) < 0 || status != 0 || lanes_failed;
  }
  Tally sum;
  for (std::uint64_t lane = 0; lane < options.lanes; ++lane) sum.add(tallies[lane]);
  const bool good = report(options, sum, seconds_now() - begin, lanes_failed);
  if (good || !options.keep) {
    std::filesystem::remove_all(folder);
  } else {
    std::printf("see %s\n", folder.c_str());
  }
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Kills producers and collectors at random, and looks whether every record is there once.");
  app.add_option("--collector", options.programs.collector)->required();
  app.add_option("--decode", options.programs.decode)->required();
  app.add_option("--shim", options.programs.shim, "loaded into the collector")->required();
  app.add_option("--rewriter", options.programs.rewriter, "rewrites segments between two collectors")->required();
  app.add_option("--kills", options.kills, "that count")->capture_default_str();
  app.add_option("--round-kills", options.round_kills, "then everything is examined")->capture_default_str();
  app.add_option("--lanes", options.lanes, "side by side")->check(CLI::Range(std::size_t{1}, kMostLanes));
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_option("--work", options.work, "folder for rings, archives and witnesses")->capture_default_str();
  app.add_flag("--keep", options.keep, "leave a round in which something was wrong");
  app.add_flag("--any-histogram", options.any_histogram, "also when no collector died in some phase");
  CLI11_PARSE(app, argc, argv);
  return run(options);
}
