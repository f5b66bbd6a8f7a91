// SPDX-License-Identifier: Apache-2.0
// Runs the scenarios: random schedules, all schedules with few preemptions, or each mistake in its turn, which must be
// found with the schedules that find nothing without it. Random schedule N has the seed N; a failure tells it, and
// shows what every thread did.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "tests/model/scenario.hpp"
#include "tests/model/step_names.hpp"

namespace lmlog::model {

namespace {

constexpr const Scenario* kScenarios[] = {
    &kPublish,         &kWrap,      &kFull,       &kBlock,        &kTornTail,          &kSnapshot,
    &kHandOver,        &kOverwrite, &kRevocation, &kSessionInUse, &kTornTailUnchecked, &kTornTailInWritingOrder,
    &kHandOverUnlocked};
constexpr std::uint64_t kShares = 1'000'000;

struct Options {
  std::uint64_t schedules = kShares;
  std::uint64_t first = 1;
  bool exhaustive = false;
  bool mistakes = false;
  unsigned more = 0;          // preemptions than a scenario says
  std::string_view scenario;  // empty: all
  Step weakened = Step::count;
};

[[noreturn]] void usage(std::string_view wrong) {
  std::fprintf(stderr,
               "ring-model: %.*s\n"
               "usage: ring-model [--schedules N | --exhaustive [--more PREEMPTIONS] | --mistakes [--schedules N]]\n"
               "                  [--scenario NAME] [--first SEED] [--weaken STEP]\n",
               static_cast<int>(wrong.size()), wrong.data());
  std::exit(2);
}

std::uint64_t number(std::string_view text) {
  char* end = nullptr;
  const std::string copy(text);
  const std::uint64_t value = std::strtoull(copy.c_str(), &end, 10);
  if (copy.empty() || *end != '\0') usage("'" + copy + "' is no number");
  return value;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const auto value = [&]() -> std::string_view {
      if (++i == argc) usage("a value is missing at the end");
      return argv[i];
    };
    if (name == "--schedules") {
      options.schedules = number(value());
    } else if (name == "--first") {
      options.first = number(value());
    } else if (name == "--exhaustive") {
      options.exhaustive = true;
    } else if (name == "--more") {
      options.more = static_cast<unsigned>(number(value()));
    } else if (name == "--mistakes") {
      options.mistakes = true;
    } else if (name == "--scenario") {
      options.scenario = value();
    } else if (name == "--weaken") {
      const auto step = step_of(value());
      if (!step) usage("there is no such step");
      options.weakened = *step;
    } else {
      usage("what is '" + std::string(name) + "'?");
    }
  }
  return options;
}

Search search_of(const Scenario& scenario, const Options& options) {
  if (options.exhaustive) return {0, 1, scenario.preemptions + options.more, options.mistakes};
  // One scenario alone has all of them.
  const std::uint64_t share = options.scenario.empty() ? scenario.share : kShares;
  return {options.schedules * share / kShares, options.first, 0, options.mistakes};
}

struct Run {
  Outcome outcome;
  double seconds = 0;
};

Run run(const Scenario& scenario, const Options& options, Step step) {
  weaken(step);
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = scenario.run(search_of(scenario, options));
  return {outcome, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
}

void print(std::string_view what, const Run& run, bool good) {
  std::printf("%s %-44.*s %10llu schedules %7.2f s\n", good ? "ok    " : "NOT OK", static_cast<int>(what.size()),
              what.data(), static_cast<unsigned long long>(run.outcome.schedules), run.seconds);
  std::fflush(stdout);
}

/// Everything holds.
bool search(const Options& options) {
  bool good = true;
  std::uint64_t total = 0;
  for (const Scenario* const scenario : kScenarios) {
    if (options.scenario.empty() ? scenario->has_to_fail : options.scenario != scenario->name) continue;
    const Run result = run(*scenario, options, options.weakened);
    total += result.outcome.schedules;
    print(scenario->name, result, result.outcome.holds);
    if (result.outcome.holds) continue;
    good = false;
    if (!options.exhaustive)
      std::fprintf(stderr, "replay: ring-model --scenario %s --first %llu --schedules 1\n",
                   std::string(scenario->name).c_str(), static_cast<unsigned long long>(result.outcome.schedules));
  }
  if (total == 0) usage("there is no such scenario");
  std::printf("%llu schedules\n", static_cast<unsigned long long>(total));
  return good;
}

/// With each mistake, every scenario that needs what is missing fails.
bool find_mistakes(const Options& options) {
  bool good = true;
  std::uint64_t found = 0;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(Step::count); ++i) {
    const auto step = static_cast<Step>(i);
    bool is_needed = false;
    for (const Scenario* const scenario : kScenarios) {
      for (const Step needed : scenario->steps) {
        if (needed != step) continue;
        is_needed = true;
        const Run result = run(*scenario, options, step);
        print(std::string(name_of(step)) + " relaxed, in " + std::string(scenario->name), result,
              !result.outcome.holds);
        good = good && !result.outcome.holds;
        found += result.outcome.holds ? 0 : 1;
      }
    }
    if (!is_needed) std::fprintf(stderr, "no scenario needs %s\n", std::string(name_of(step)).c_str());
    good = good && is_needed;
  }
  for (const Scenario* const scenario : kScenarios) {
    if (!scenario->has_to_fail) continue;
    const Run result = run(*scenario, options, Step::count);
    print(scenario->name, result, !result.outcome.holds);
    good = good && !result.outcome.holds;
    found += result.outcome.holds ? 0 : 1;
  }
  std::printf("%llu mistakes found\n", static_cast<unsigned long long>(found));
  return good;
}

}  // namespace

}  // namespace lmlog::model

int main(int argc, char** argv) {
  const auto options = lmlog::model::parse(argc, argv);
  const bool good = options.mistakes ? lmlog::model::find_mistakes(options) : lmlog::model::search(options);
  return good ? 0 : 1;
}
