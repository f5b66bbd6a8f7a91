// SPDX-License-Identifier: Apache-2.0
// A service whose rings folder fails it: it logs on, with ever more threads and statements, until stdin is closed, and
// says then how often it logged, what it counted as lost, and how long its longest call took.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <lmlog/lmlog.hpp>

#include "tests/libproducer/runtime_statement.hpp"
#include "tests/lives/life.hpp"

namespace lmlog::lives {

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

/// The longest of the calls that it is given.
class Stopwatch {
 public:
  template <class Call> auto operator()(Call call) {
    const auto start = std::chrono::steady_clock::now();
    const auto result = call();
    longest_ = std::max<Milliseconds>(longest_, std::chrono::steady_clock::now() - start);
    return result;
  }
  [[nodiscard]] double longest_ms() const { return longest_.count(); }

 private:
  Milliseconds longest_{};
};

/// `most` threads at the end, one more every few milliseconds: each wants a ring for as long as it lasts. Those that
/// have been there for a while go again, and their rings to others.
int under_faults(std::uint32_t most) {
  const Session session({.service = "under-faults", .ring_bytes = 64 << 10});
  Stopwatch time;
  while (session.id().empty()) {  // what is logged now is counted nowhere
    time([] {
      LMLOG_NOTICE("nobody hears this");
      return 0;
    });
    ::usleep(1000);
  }
  std::puts("open");
  std::fflush(stdout);
  std::atomic<bool> stop{false};
  std::thread([&] {
    while (std::getchar() != EOF) {
    }
    stop = true;
  }).detach();
  std::uint64_t refused = 0;
  std::vector<std::unique_ptr<testing::RuntimeStatement>> statements;
  std::vector<std::thread> threads;
  for (std::uint32_t turn = 0; !stop; ++turn) {
    time([] { return log(0, 2), 0; });
    if (turn % 5 == 0 && threads.size() < most) {
      threads.emplace_back([&, who = static_cast<Slot>(threads.size() + 1)] {
        while (!stop) {
          log(who);
          ::usleep(2000);
        }
      });
    }
    if (turn % 3 == 0 && statements.size() < 10 * most) {
      const std::string text(3000, 'x');
      statements.push_back(std::make_unique<testing::RuntimeStatement>(std::to_string(statements.size()) + text));
    }
    // A statement without a record: the call that is refused is counted, the one that is not wrote nothing.
    if (!statements.empty() && !time([&] { return statements[turn % statements.size()]->Admit(); })) ++refused;
    ::usleep(1000);
  }
  for (auto& thread : threads) thread.join();
  const LossCounts losses = session.losses();
  std::printf(R"({"at":"done","refused":%llu,"lost":%llu,"no_ring":%llu,"no_catalog":%llu,"longest_ms":%.1f})"
              "\n",
              static_cast<unsigned long long>(refused),
              static_cast<unsigned long long>(std::accumulate(losses.begin(), losses.end(), std::uint64_t{0})),
              static_cast<unsigned long long>(losses[static_cast<std::size_t>(formats::LossReason::no_ring)]),
              static_cast<unsigned long long>(losses[static_cast<std::size_t>(formats::LossReason::no_catalog)]),
              time.longest_ms());
  return 0;
}

/// One of many processes with the same pid, every other one killed: it is known by its slot.
int same_pid(std::uint32_t who) {
  const Session session(options("same-pid"));
  log(who, 50);
  if (who % 2 == 1) ::raise(SIGKILL);
  return 0;
}

}  // namespace

Lives lives_under_faults() { return {{"under-faults", under_faults}, {"same-pid", same_pid}}; }

}  // namespace lmlog::lives
