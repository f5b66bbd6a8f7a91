// SPDX-License-Identifier: Apache-2.0
// See herd.hpp.
#include "tests/torture/herd.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

namespace lmlog::torture {

namespace {

constexpr std::size_t kAlive = 5;  // more would wait for two processors, and be killed before they have done much
constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kStuckNs = 20'000 * kMs;
constexpr std::int64_t kPatienceNs = 10 * kMs;

/// Looks for some ten microseconds: the calls of an idle processor are short.
bool is_caught_logging(const Witness& witness) noexcept {
  for (int i = 0; i < 500; ++i) {
    if (is_logging(witness)) return true;
  }
  return false;
}

}  // namespace

Herd::Herd(std::string rings, std::string work, Random& random, Tally& tally)
    : rings_(std::move(rings)), work_(std::move(work)), random_(random), tally_(tally) {}

Herd::~Herd() {
  for (const Member& member : members_) ::kill(member.pid, SIGKILL);  // only if the round failed
  for (Witness* const witness : witnesses_) ::munmap(witness, sizeof(Witness));
}

std::vector<const Witness*> Herd::witnesses() const { return {witnesses_.begin(), witnesses_.end()}; }

Witness* Herd::make_witness(const Promises& promises) {
  auto* const witness =
      static_cast<Witness*>(map_shared(work_ + "/witness." + std::to_string(promises.producer), sizeof(Witness)));
  witness->promises = promises;
  witnesses_.push_back(witness);
  return witness;
}

void Herd::start(std::int64_t now_ns) {
  ServicePlan plan = plan_service(random_.next());
  plan.rings = rings_;
  plan.errors = work_ + "/producers.txt";
  plan.number = next_number_++;
  Member member;
  member.witness = make_witness(plan.promises());
  Witness* child = nullptr;
  if (plan.forks) {
    Promises promises = plan.promises();
    promises.producer = next_number_++;
    child = make_witness(promises);
    unborn_.push_back(child);
  }
  member.started_ns = now_ns;
  member.pid = ::fork();
  if (member.pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (member.pid == 0) serve(plan, *member.witness, child);
  members_.push_back(member);
}

void Herd::adopt_forked(std::int64_t now_ns) {
  std::erase_if(unborn_, [&](Witness* child) {
    if (child->pid == 0) return false;
    Member forked;
    forked.pid = static_cast<pid_t>(child->pid.load());
    forked.is_forked = true;
    forked.witness = child;
    forked.started_ns = now_ns;
    members_.push_back(forked);
    return true;
  });
}

std::int64_t Herd::lifetime_ns() {
  const std::uint64_t kind = random_.below(30);
  if (kind == 0) return static_cast<std::int64_t>(random_.between(100, 300)) * kMs;
  if (kind < 8) return static_cast<std::int64_t>(random_.below(3000)) * 1000;
  return static_cast<std::int64_t>(random_.below(80'000)) * 1000;
}

void Herd::kill_due(Member& member, std::int64_t now_ns) {
  if (member.due_ns == 0) {
    if (member.witness->has_committed()) {
      member.due_ns = now_ns + lifetime_ns();
      member.dies_logging = random_.one_in(2);
    } else if (now_ns - member.started_ns > kStuckNs) {
      tally_.fail(Check::stuck);
      member.started_ns = now_ns;
    }
    return;
  }
  if (now_ns < member.due_ns || member.witness->has_ended != 0) return;
  if (member.dies_logging && !is_caught_logging(*member.witness) && now_ns < member.due_ns + kPatienceNs) return;
  ::kill(member.pid, SIGKILL);
  member.is_killed = true;
  if (!member.is_forked) return;  // counted when it is buried
  ++tally_.producer_kills;
  ++tally_.forked_kills;
}

/// A forked process whose parent lives is not ours yet: it is met again.
bool Herd::is_buried(Member& member) {
  int status = 0;
  if (::waitpid(member.pid, &status, WNOHANG) != member.pid) return false;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    if (!member.is_forked) ++(member.is_killed ? tally_.producer_kills : tally_.early_kills);
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    ++tally_.ended;
  } else {
    std::fprintf(stderr, "producer %u ended with status %d\n", member.witness->promises.producer, status);
    tally_.fail(Check::ended_by_itself);
  }
  return true;
}

void Herd::tend(std::int64_t now_ns, bool may_kill) {
  adopt_forked(now_ns);
  for (Member& member : members_) {
    if (!member.is_killed && may_kill) kill_due(member, now_ns);
  }
  std::erase_if(members_, [this](Member& member) { return is_buried(member); });
  const auto alive = static_cast<std::size_t>(
      std::count_if(members_.begin(), members_.end(), [](const Member& member) { return !member.is_killed; }));
  for (std::size_t i = alive; i < kAlive; ++i) start(now_ns);
}

void Herd::end() {
  const Tally before = tally_;
  // Who was forked by somebody who is dead is our child, and will say who it is.
  while (errno = 0, !members_.empty() || ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD) {
    adopt_forked(0);
    for (Member& member : members_) ::kill(member.pid, SIGKILL);
    std::erase_if(members_, [this](Member& member) { return is_buried(member); });
    if (!members_.empty()) ::usleep(500);
  }
  const Tally after = tally_;
  tally_ = before;
  tally_.checks = after.checks;
  tally_.ended = after.ended;
}

}  // namespace lmlog::torture
