// SPDX-License-Identifier: Apache-2.0
// reader-passes [--passes N] [--seed S] [--threads N]: threads of readers over files that another process spoils
// meanwhile. Ends with 0 when all passes are done without a signal, an exception, or a record in the journal that is
// not whole. One JSON object on stdout.
#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/hostile/mutator.hpp"
#include "tests/hostile/reader.hpp"

namespace {

struct Options {
  std::uint64_t passes = 20'000;
  std::uint64_t seed = std::random_device{}();
  std::uint64_t threads = 2;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--passes") {
      options.passes = value;
    } else if (name == "--seed") {
      options.seed = value;
    } else if (name == "--threads") {
      options.threads = value;
    } else {
      std::fprintf(stderr, "usage: %s [--passes N] [--seed S] [--threads N]\n", argv[0]);
      std::exit(2);
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  std::fprintf(stderr, "reader-passes: seed %llu\n", static_cast<unsigned long long>(options.seed));
  const lmlog::collector::testing::ScratchFolder folder;
  lmlog::hostile::Victims victims(folder.path(), 4);
  const int mutator = lmlog::hostile::start_mutator(victims, options.seed);
  if (mutator < 0) {
    std::perror("fork");
    return 4;
  }

  const auto begin = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> done{0};
  std::atomic<bool> failed{false};
  std::mutex sum_mutex;
  lmlog::hostile::PassCounts sum;
  const auto read = [&] {
    lmlog::hostile::Reader reader(victims);
    try {
      while (done.load(std::memory_order_relaxed) < options.passes && !failed) {
        const std::uint64_t before = reader.counts().passes;
        for (int i = 0; i < 16; ++i) reader.round();
        done.fetch_add(reader.counts().passes - before, std::memory_order_relaxed);
      }
    } catch (const std::exception& exception) {
      std::fprintf(stderr, "reader-passes: %s (seed %llu)\n", exception.what(),
                   static_cast<unsigned long long>(options.seed));
      failed = true;
    }
    const std::lock_guard lock(sum_mutex);
    sum += reader.counts();
  };
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < options.threads; ++i) threads.emplace_back(read);
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;

  int status = 0;
  const bool ended = ::waitpid(mutator, &status, WNOHANG) != 0;
  if (!ended) {
    ::kill(mutator, SIGKILL);
    ::waitpid(mutator, &status, 0);
  }
  std::printf("%s\n", sum.json(options.seed, seconds.count()).c_str());
  if (failed) return 1;
  if (ended) {
    std::fprintf(stderr, "reader-passes: the mutator died (status %d): nothing was spoiled behind that\n", status);
    return 1;
  }
  if (const std::string missing = sum.missing(); !missing.empty()) {
    std::fprintf(stderr, "reader-passes: no pass was \"%s\": the readers do not get that far\n", missing.c_str());
    return 1;
  }
  return 0;
}
