// SPDX-License-Identifier: Apache-2.0
// Hints of real processes' ends, also of those that nobody has waited for.
#include "collector/host/process_watch.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "collector/host/lock_liveness.hpp"

namespace lmlog::collector {
namespace {

/// Sleeps until it is killed.
class Child {
 public:
  Child() : pid_(::fork()) {
    if (pid_ != 0) return;
    for (;;) ::pause();
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Dead, but not waited for.
  void kill() const {
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  [[nodiscard]] std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }

 private:
  pid_t pid_;
};

class ProcessEnds : public ::testing::Test {
 protected:
  void SetUp() override {
    const int descriptor = open_process(static_cast<std::uint32_t>(::getpid()));
    if (descriptor < 0) GTEST_SKIP() << "no pidfd_open here";
    ::close(descriptor);
  }
};

TEST_F(ProcessEnds, AreToldOnceAlsoOfAProcessThatNobodyWaitedFor) {
  const Child dead;
  const Child living;
  ProcessWatch watch;
  ASSERT_TRUE(watch.add(7, dead.pid()));
  ASSERT_TRUE(watch.add(8, living.pid()));
  EXPECT_TRUE(watch.take_ends().empty());
  dead.kill();
  EXPECT_EQ(watch.take_ends(), std::vector<std::uint64_t>{7});
  EXPECT_TRUE(watch.take_ends().empty());
}

TEST_F(ProcessEnds, AreNotToldOfOnesThatAreNoLongerWatched) {
  const Child dead;
  ProcessWatch watch;
  ASSERT_TRUE(watch.add(7, dead.pid()));
  watch.remove(7);
  dead.kill();
  EXPECT_TRUE(watch.take_ends().empty());
}

TEST_F(ProcessEnds, AreAllToldWhenManyEndAtOnce) {
  std::vector<std::unique_ptr<Child>> children;
  ProcessWatch watch;
  for (std::uint64_t token = 1; token <= 200; ++token) {
    children.push_back(std::make_unique<Child>());
    ASSERT_TRUE(watch.add(token, children.back()->pid()));
  }
  for (const auto& child : children) child->kill();
  EXPECT_EQ(watch.take_ends().size(), 200u);
}

TEST_F(ProcessEnds, CannotBeToldOfAProcessThatIsNotThere) {
  ProcessWatch watch;
  EXPECT_FALSE(watch.add(7, 0x7FFFFFFFu));
}

TEST(LockLiveness, SaysOfAKilledProcessThatItNoLongerRunsAlsoWhenNobodyWaitedForIt) {
  const Child child;
  const LockLiveness liveness;
  EXPECT_TRUE(liveness.may_run(child.pid()));
  child.kill();
  EXPECT_FALSE(liveness.may_run(child.pid()));
  EXPECT_FALSE(liveness.may_run(0x7FFFFFFFu));
}

}  // namespace
}  // namespace lmlog::collector
