// SPDX-License-Identifier: Apache-2.0
// What a whole process leaves behind, run as sample_service: static initialisation, environment, SIGKILL, fork, folders
// that are missing, read-only or full, and a log call that makes no system call.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <lmlog/formats/session_layout.hpp>

#include "tests/libproducer/recorded_session.hpp"
#include "tests/libproducer/sanitized.hpp"

namespace lmlog::testing {
namespace {

struct Outcome {
  int status = 0;
  std::string out;
  std::string error;
  [[nodiscard]] bool ended_with(int code) const { return WIFEXITED(status) && WEXITSTATUS(status) == code; }
};

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  ssize_t got;
  while ((got = ::read(fd, buffer, sizeof(buffer))) > 0) text.append(buffer, static_cast<std::size_t>(got));
  ::close(fd);
  return text;
}

class ProcessTest : public ::testing::Test {
 protected:
  using Environment = std::map<std::string, std::string>;

  /// Runs the service to its end. Its few lines of output fit in the pipes. `on_first_line` is done when it has said
  /// its first one.
  static Outcome Run(const std::string& mode, const Environment& environment = {}, rlim_t file_bytes = RLIM_INFINITY,
                     bool unprivileged = false, const std::function<bool(const std::string&)>& on_first_line = {}) {
    const char* const program = std::getenv("LMLOG_SAMPLE_SERVICE");
    if (program == nullptr) {
      ADD_FAILURE() << "LMLOG_SAMPLE_SERVICE names no program";
      return {};
    }
    int out[2];
    int error[2];
    if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(error, O_CLOEXEC) != 0) return {};
    const pid_t child = ::fork();
    if (child == 0) {
      const rlimit limit{file_bytes, file_bytes};
      if (file_bytes != RLIM_INFINITY && ::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
      if (unprivileged && ::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(126);
      for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
      ::dup2(out[1], 1);
      ::dup2(error[1], 2);
      ::execl(program, program, mode.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(out[1]);
    ::close(error[1]);
    Outcome outcome;
    if (on_first_line) {
      char c = 0;
      while (c != '\n' && ::read(out[0], &c, 1) == 1) outcome.out.push_back(c);
      EXPECT_TRUE(on_first_line(outcome.out));
    }
    outcome.out += read_all(out[0]);
    outcome.error = read_all(error[0]);
    ::waitpid(child, &outcome.status, 0);
    return outcome;
  }

  RingsFolder folder_;
};

TEST_F(ProcessTest, OpensAnImplicitSessionWithItsFirstRecord) {
  EXPECT_TRUE(Run("plain").ended_with(0));
  const RecordedSession recorded = read_session(folder_);
  EXPECT_EQ(std::string(recorded.descriptor.service, recorded.descriptor.service_length), "sample_service");
  EXPECT_EQ(std::string(recorded.descriptor.program, recorded.descriptor.program_length), "sample_service");
  EXPECT_EQ(recorded.records("plain {}").size(), 1u);
}

TEST_F(ProcessTest, TakesItsServiceFromTheEnvironment) {
  EXPECT_TRUE(Run("plain", {{"LMLOG_SERVICE", "orders"}}).ended_with(0));
  const RecordedSession recorded = read_session(folder_);
  EXPECT_EQ(std::string(recorded.descriptor.service, recorded.descriptor.service_length), "orders");
}

TEST_F(ProcessTest, LogsInStaticConstructorsAndDestructors) {
  EXPECT_TRUE(Run("plain").ended_with(0));
  const RecordedSession recorded = read_session(folder_);
  EXPECT_EQ(recorded.records("static constructor {}").size(), 2u);
  EXPECT_EQ(recorded.records("static destructor {}").size(), 2u);
  EXPECT_EQ(recorded.records("static constructor's logger {}").size(), 2u);
  EXPECT_EQ(recorded.records("static destructor's logger {}").size(), 2u);
}

TEST_F(ProcessTest, KnowsStatementsThatNeverRun) {
  EXPECT_TRUE(Run("plain").ended_with(0));
  const RecordedSession recorded = read_session(folder_);
  const formats::Statement& statement = recorded.statement("never called {}");
  EXPECT_EQ(statement.function, "never_called");
  EXPECT_TRUE(statement.file.ends_with("sample_service.cpp"));
  EXPECT_GT(statement.line, 1u);
  EXPECT_TRUE(recorded.records("never called {}").empty());
}

TEST_F(ProcessTest, HasStatementsInTemplatesLambdasAndInlineFunctions) {
  EXPECT_TRUE(Run("statements").ended_with(0));
  const RecordedSession recorded = read_session(folder_);
  const auto values = [&](const std::string& format) {
    std::vector<std::string> out;
    for (const auto& record : recorded.records(format)) {
      for (auto& value : recorded.values(record)) out.push_back(std::move(value));
    }
    return out;
  };
  using Values = std::vector<std::string>;
  EXPECT_EQ(values("inline").size(), 0u);
  EXPECT_EQ(recorded.records("inline").size(), 1u);
  EXPECT_EQ(values("member {}"), Values{"0x0p+0"});
  EXPECT_EQ(values("generic lambda {}"), Values{"0x1.4p+1"});
  EXPECT_EQ(recorded.records("inner").size(), 1u);
  EXPECT_EQ(values("outer {}"), Values{"7"});
  EXPECT_EQ(values("loop {}"), (Values{"0", "1", "2"}));
  EXPECT_EQ(values("bindings {} {}"), (Values{"1", "2"}));
  std::multiset<std::string> of_template;
  for (const auto& [id, statement] : recorded.statements) {
    if (statement.format != "template {}") continue;
    EXPECT_EQ(statement.function, "in_a_template");
    for (const auto& ring : recorded.rings) {
      for (const auto& record : ring.records) {
        if (record.id == id) of_template.insert(recorded.values(record).at(0));
      }
    }
  }
  EXPECT_EQ(of_template, (std::multiset<std::string>{"1", "\"text\""})) << "two instances, two statements";
}

TEST_F(ProcessTest, ObeysLmlogLevel) {
  EXPECT_EQ(Run("levels").out, "2\n") << "info without a word";
  EXPECT_EQ(Run("levels", {{"LMLOG_LEVEL", "trace"}}).out, "4\n");
  EXPECT_EQ(Run("levels", {{"LMLOG_LEVEL", "WARN"}}).out, "1\n");
  EXPECT_EQ(Run("levels", {{"LMLOG_LEVEL", "orders=trace,*=debug"}}).out, "3\n");
  EXPECT_EQ(Run("levels", {{"LMLOG_LEVEL", "orders=trace"}}).out, "2\n");
  EXPECT_EQ(Run("levels", {{"LMLOG_LEVEL", "fatal"}}).out, "0\n");
}

TEST_F(ProcessTest, ObeysLmlogLevelForLoggersAndAllBelowThem) {
  EXPECT_TRUE(Run("loggers", {{"LMLOG_LEVEL", "orders=debug,md.itch=error,*=warn"}}).ended_with(0));
  const RecordedSession recorded = read_session(folder_);
  const auto names = [&](const std::string& format) {
    std::string out;
    for (const auto& record : recorded.records(format)) out += recorded.logger(record) + ' ';
    return out;
  };
  EXPECT_EQ(names("debug of {name}"), "orders.us orders ");
  EXPECT_EQ(names("warn of {name}"), "orders.us orders md  ") << "md.itch hears errors alone, md and no name warnings";
}

TEST_F(ProcessTest, SaysOnceWhatIsWrongWithLmlogLevel) {
  const Outcome outcome = Run("levels", {{"LMLOG_LEVEL", "verbose,*=debug,=info"}});
  EXPECT_EQ(outcome.out, "3\n") << "what is right of it holds";
  EXPECT_EQ(outcome.error,
            "lmlog: LMLOG_LEVEL: 'verbose' is neither a level nor LOGGER=LEVEL; levels are trace, debug, info, notice, "
            "warn, error, fatal; this part is ignored\n");
}

TEST_F(ProcessTest, LosesNothingToASigkillAfterTheCall) {
  const Outcome outcome = Run("killed");
  ASSERT_TRUE(WIFSIGNALED(outcome.status));
  EXPECT_EQ(WTERMSIG(outcome.status), SIGKILL);
  const RecordedSession recorded = read_session(folder_);
  const auto records = recorded.records("count {}");
  std::uint64_t dropped = 0;
  for (const auto& ring : recorded.rings) dropped += ring.losses[0];
  EXPECT_EQ(records.size() + dropped, 100'000u);
  EXPECT_GT(records.size(), 40'000u);
  int next = 0;
  for (const auto& record : records) EXPECT_EQ(recorded.values(record).at(0), std::to_string(next++));
}

TEST_F(ProcessTest, MakesNoSystemCallAfterAThreadsFirstRecord) {
#ifdef LMLOG_TEST_SANITIZED
  GTEST_SKIP() << "sanitizers make system calls of their own";
#endif
  const Outcome outcome = Run("confined");
  if (outcome.ended_with(77)) GTEST_SKIP() << outcome.out;
  EXPECT_TRUE(outcome.ended_with(0)) << outcome.status;
  EXPECT_EQ(outcome.out, "done\n");
  // The filter does kill.
  const Outcome caught = Run("confined-and-not-obeying");
  EXPECT_TRUE(WIFSIGNALED(caught.status));
  EXPECT_EQ(WTERMSIG(caught.status), SIGSYS);
}

TEST_F(ProcessTest, GivesAForkedChildASessionOfItsOwn) {
  // ThreadSanitizer would rather not see the child start a thread.
  const Outcome outcome = Run("forked", {{"TSAN_OPTIONS", "die_after_fork=0"}});
  ASSERT_TRUE(outcome.ended_with(0)) << outcome.error;
  const std::string child = outcome.out.substr(0, outcome.out.size() - 1);
  std::size_t sessions = 0;
  for (const auto& name : folder_.files(".session")) {
    ++sessions;
    const RecordedSession recorded = read_session(folder_, name.substr(name.size() - 40, 32));
    const bool is_child = name.find('.' + child + '.') != std::string::npos;
    EXPECT_EQ(recorded.records("child {}").size(), is_child ? 1u : 0u);
    EXPECT_EQ(recorded.records("child thread {}").size(), is_child ? 1u : 0u);
    EXPECT_EQ(recorded.records("parent before {}").size(), is_child ? 0u : 1u);
    EXPECT_EQ(recorded.records("parent after {}").size(), is_child ? 0u : 1u);
  }
  EXPECT_EQ(sessions, 2u);
}

TEST_F(ProcessTest, MayBeForkedWhileAnotherThreadRegistersStatements) {
  const Outcome outcome = Run("forked-while-registering", {{"TSAN_OPTIONS", "die_after_fork=0"}});
  ASSERT_TRUE(outcome.ended_with(0)) << outcome.error;
  const RecordedSession parent = read_session(folder_, outcome.out.substr(0, 32));
  EXPECT_EQ(parent.records("forking {}").size(), 60u);
  EXPECT_EQ(parent.losses, formats::LossCounts{});
  std::size_t children = 0;
  for (const auto& name : folder_.files(".session")) {
    const RecordedSession recorded = read_session(folder_, name.substr(name.size() - 40, 32));
    const bool is_parent = recorded.descriptor.pid == parent.descriptor.pid;  // or one of its implicit ones
    EXPECT_EQ(recorded.records("forked child {}").size(), is_parent ? 0u : 1u);
    if (!is_parent) ++children;
  }
  EXPECT_EQ(children, 60u) << "fork waits for whoever registers: " << outcome.error;
}

TEST_F(ProcessTest, GoesOnWithoutAFolder) {
  const std::string missing = folder_.path() + "/missing/below";
  const Outcome outcome = Run("without-folder", {{"LMLOG_RING_DIR", missing}});
  EXPECT_TRUE(outcome.ended_with(0));
  EXPECT_EQ(outcome.out, "0\n") << "arguments are not evaluated for nobody";
  EXPECT_EQ(outcome.error,
            "lmlog: LMLOG_RING_DIR: " + missing +
                ": cannot be made: No such file or directory. Nothing is logged until that is put right; the service "
                "goes on\n");
}

TEST_F(ProcessTest, TriesAgainUntilThereIsAFolder) {
  const std::string parent = folder_.path() + "/later";
  std::thread maker([&] {
    ::usleep(100'000);  // long enough for the first try; if not, the test still holds
    ::mkdir(parent.c_str(), 0700);
  });
  const Outcome outcome = Run("until-there-is-a-folder", {{"LMLOG_RING_DIR", parent + "/rings"}});
  maker.join();
  EXPECT_TRUE(outcome.ended_with(0));
  EXPECT_EQ(outcome.out.size(), 33u) << "a session id: " << outcome.out;
  EXPECT_EQ(std::system(("ls " + parent + "/rings/patient.*.session >/dev/null && rm -r " + parent).c_str()), 0);
}

TEST_F(ProcessTest, GoesOnInAFolderThatItMayNotWrite) {
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0555), 0);
  const Outcome outcome = Run("without-folder", {}, RLIM_INFINITY, true);
  ::chmod(folder_.path().c_str(), 0700);
  if (outcome.ended_with(127)) GTEST_SKIP() << "an unprivileged user may not run the programs of this build";
  EXPECT_TRUE(outcome.ended_with(0));
  EXPECT_NE(outcome.error.find(folder_.path() + ": Permission denied"), std::string::npos) << outcome.error;
}

TEST_F(ProcessTest, GoesOnUnderALimitOfFileSizes) {
  const Outcome outcome = Run("without-folder", {}, 1 << 20);
  EXPECT_TRUE(outcome.ended_with(0)) << "no SIGXFSZ";
  EXPECT_NE(outcome.error.find("File too large"), std::string::npos) << outcome.error;
  EXPECT_TRUE(folder_.files("").empty());
}

TEST_F(ProcessTest, MakesAFolderThatWasNamed) {
  const std::string made = folder_.path() + "/made";
  EXPECT_TRUE(Run("plain", {{"LMLOG_RING_DIR", made}}).ended_with(0));
  struct stat status {};
  ASSERT_EQ(::stat(made.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  EXPECT_EQ(std::system(("rm -r " + made).c_str()), 0);
}

TEST_F(ProcessTest, WarnsOfAFolderThatIsOnNoTmpfs) {
  char name[] = "/var/tmp/lmlog-test-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  const Outcome outcome = Run("plain", {{"LMLOG_RING_DIR", name}});
  EXPECT_TRUE(outcome.ended_with(0));
  if (outcome.error.empty()) {
    EXPECT_EQ(std::system((std::string("rm -r ") + name).c_str()), 0);
    GTEST_SKIP() << "/var/tmp is a tmpfs here";
  }
  EXPECT_EQ(outcome.error, std::string("lmlog: LMLOG_RING_DIR: ") + name +
                               " is on no tmpfs: records survive the service there, but may wait for a disk\n");
  EXPECT_EQ(std::system((std::string("ls ") + name + "/*.session >/dev/null && rm -r " + name).c_str()), 0)
      << "it is served all the same";
}

/// A tmpfs of the test's own, mounted in this process alone.
class SmallTmpfs {
 public:
  SmallTmpfs(const std::string& path, const char* options) : path_(path) {
    ::mkdir(path.c_str(), 0700);
    mounted_ = ::mount("lmlog-test", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
  }
  ~SmallTmpfs() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    ::rmdir(path_.c_str());
  }
  SmallTmpfs(const SmallTmpfs&) = delete;
  SmallTmpfs& operator=(const SmallTmpfs&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] bool make_read_only() const {
    return ::mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  std::string path_;
  bool mounted_ = false;
};

TEST_F(ProcessTest, GoesOnWhenTheTmpfsIsFull) {
  const std::string small = folder_.path() + "/small";
  const SmallTmpfs tmpfs(small, "size=64k,mode=0700");
  if (!tmpfs.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted here";
  EXPECT_TRUE(Run("killed", {{"LMLOG_RING_DIR", small}}).status == SIGKILL) << "no SIGBUS, no abort";
  const Outcome outcome = Run("no-room-for-rings", {{"LMLOG_RING_DIR", small}});
  EXPECT_TRUE(outcome.ended_with(0)) << outcome.status;
  EXPECT_EQ(outcome.out, "0 no ring, 1000 no catalog\n");
  EXPECT_NE(outcome.error.find(small + "/"), std::string::npos) << outcome.error;
}

TEST_F(ProcessTest, CountsInTheSessionWhatHasNoRing) {
  const std::string small = folder_.path() + "/small";
  const SmallTmpfs tmpfs(small, "size=4m,mode=0700");
  if (!tmpfs.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted here";
  const Outcome outcome = Run("no-room-for-rings", {{"LMLOG_RING_DIR", small}});
  EXPECT_TRUE(outcome.ended_with(0)) << outcome.status;
  EXPECT_EQ(outcome.out, "1000 no ring, 0 no catalog\n");
  EXPECT_NE(outcome.error.find(".0.ring.tmp: cannot be made: No space left on device"), std::string::npos)
      << outcome.error;
  EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << "said once: " << outcome.error;
}

TEST_F(ProcessTest, TakesARingAsSoonAsThereIsRoomAgain) {
  const std::string small = folder_.path() + "/small";
  const SmallTmpfs tmpfs(small, "size=3m,mode=0700");
  if (!tmpfs.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted here";
  const std::string filler = small + "/filler";
  const int fd = ::open(filler.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::posix_fallocate(fd, 0, 2 << 20), 0);
  ::close(fd);
  const Outcome outcome =
      Run("until-there-is-room", {{"LMLOG_RING_DIR", small}}, RLIM_INFINITY, false,
          [&](const std::string& line) { return line == "full\n" && ::unlink(filler.c_str()) == 0; });
  ASSERT_TRUE(outcome.ended_with(0)) << outcome.status << outcome.error;
  unsigned long long attempted = 0;
  unsigned long long lost = 0;
  ASSERT_EQ(std::sscanf(outcome.out.c_str(), "full\n%llu %llu", &attempted, &lost), 2) << outcome.out;
  EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
  EXPECT_EQ(attempted - lost, 1u) << "the first one that was stored ended the wait";
  EXPECT_EQ(std::system(("ls " + small + "/*.0.ring >/dev/null").c_str()), 0);
}

TEST_F(ProcessTest, GoesOnOnAReadOnlyFileSystem) {
  const std::string small = folder_.path() + "/small";
  const SmallTmpfs tmpfs(small, "size=4m,mode=0700");
  if (!tmpfs.mounted() || !tmpfs.make_read_only()) GTEST_SKIP() << "a tmpfs cannot be mounted here";
  const Outcome outcome = Run("without-folder", {{"LMLOG_RING_DIR", small}});
  EXPECT_TRUE(outcome.ended_with(0));
  EXPECT_EQ(outcome.out, "0\n");
  EXPECT_NE(outcome.error.find("Read-only file system"), std::string::npos) << outcome.error;
}

TEST_F(ProcessTest, UsesADropBoxOfItsCollector) {
  const std::string box = folder_.path() + "/box";
  ASSERT_EQ(::mkdir(box.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(box.c_str(), 01733), 0);
  EXPECT_TRUE(Run("plain", {{"LMLOG_RING_DIR", box}}).ended_with(0));
  EXPECT_EQ(std::system(("test $(stat -c %a " + box + "/*.session) = 640 -o $(stat -c %a " + box +
                         "/*.session) = 660; code=$?; rm -r " + box + "; exit $code")
                            .c_str()),
            0);
}

TEST_F(ProcessTest, LogsOnWhenTheServiceClosesAllItsDescriptors) {
  EXPECT_TRUE(Run("closed-descriptors").ended_with(0));
  EXPECT_EQ(read_session(folder_).records("after {}").size(), 100u);
}

}  // namespace
}  // namespace lmlog::testing
