// SPDX-License-Identifier: Apache-2.0
// See collector_process.hpp.
#include "tests/torture/collector_process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace lmlog::torture {

namespace {

/// A plan beyond the calls that one collector makes is one that does not come about.
std::uint64_t last_call(Phase phase, Moment moment) {
  if (moment == Moment::middle) return phase == Phase::journal ? 40 : 6;
  switch (phase) {
    case Phase::restart:
      return 150;
    case Phase::read:
      return 300;
    case Phase::journal:
    case Phase::tail:
      return 60;
    case Phase::block:
      return 100;
    case Phase::rotate:
    case Phase::count:
      break;
  }
  return 12;
}

}  // namespace

pid_t start_program(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                    const std::string& errors, int output) {
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const int error_file = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (error_file < 0) throw std::system_error(errno, std::generic_category(), errors);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const auto& variable : environment) ::putenv(const_cast<char*>(variable.c_str()));
    ::dup2(error_file, STDERR_FILENO);
    if (output >= 0) ::dup2(output, STDOUT_FILENO);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }
  ::close(error_file);
  return pid;
}

void* map_shared(const std::string& path, std::size_t bytes) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ::ftruncate(file, static_cast<off_t>(bytes)) != 0)
    throw std::system_error(errno, std::generic_category(), path);
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  const int error = errno;
  ::close(file);
  if (memory == MAP_FAILED) throw std::system_error(error, std::generic_category(), path);
  return memory;
}

CollectorProcess::CollectorProcess(std::vector<std::string> command, std::string shim, const std::string& words,
                                   std::string errors)
    : command_(std::move(command)),
      shim_(std::move(shim)),
      words_path_(words),
      errors_(std::move(errors)),
      words_(static_cast<ShimWords*>(map_shared(words, sizeof(ShimWords)))) {}

CollectorProcess::~CollectorProcess() {
  Histogram ignored{};
  if (is_running()) {
    kill();
    while (look(ignored) == End::none) ::usleep(1000);
  }
  ::munmap(words_, sizeof(ShimWords));
}

pid_t CollectorProcess::spawn(const std::vector<std::string>& command, bool with_shim) const {
  std::vector<std::string> environment;
  if (with_shim) environment = {"LD_PRELOAD=" + shim_, std::string(kShimVariable) + "=" + words_path_};
  return start_program(command, environment, errors_);
}

void CollectorProcess::start(Random& random, bool with_plan) {
  words_->has_drained = 0;
  words_->died_by_plan = 0;
  words_->phase = static_cast<std::uint32_t>(Phase::restart);
  // Blocks are written seldom, and a torn one is what recovery has most work with.
  const auto phase = random.one_in(4) ? Phase::block : static_cast<Phase>(random.below(kPhases));
  words_->plan_phase = static_cast<std::uint32_t>(with_plan ? phase : Phase::count);
  const bool is_written_to = phase == Phase::restart || phase == Phase::journal || phase == Phase::block;
  const auto moment = is_written_to && !random.one_in(3) ? Moment::middle
                      : random.one_in(2)                 ? Moment::before
                                                         : Moment::behind;
  words_->plan_moment = static_cast<std::uint32_t>(moment);
  words_->plan_part = random.below(1024);
  words_->plan_countdown = static_cast<std::int64_t>(random.between(1, last_call(phase, moment)));
  pid_ = spawn(command_, true);
}

void CollectorProcess::kill() { ::kill(pid_, SIGKILL); }

CollectorProcess::End CollectorProcess::look(Histogram& deaths) {
  if (!is_running() || ::waitpid(pid_, &status_, WNOHANG) != pid_) return End::none;
  pid_ = 0;
  if (!WIFSIGNALED(status_) || WTERMSIG(status_) != SIGKILL) return End::by_itself;
  ++deaths[(words_->died_by_plan != 0 ? words_->died_in : words_->phase) % kPhases];
  return End::killed;
}

bool CollectorProcess::run_with(const std::string& argument) {
  auto command = command_;
  command.push_back(argument);
  const pid_t pid = spawn(command, false);
  return ::waitpid(pid, &status_, 0) == pid && WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
}

}  // namespace lmlog::torture
