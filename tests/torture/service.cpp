// SPDX-License-Identifier: Apache-2.0
// The process: session, threads that come and go, a fork, log calls of all sizes and paces.
#include "tests/torture/service.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>
#include <vector>

#include <lmlog/formats/record.hpp>
#include <lmlog/lmlog.hpp>

#include "tests/torture/failing_rename.hpp"
#include "tests/torture/random.hpp"
#include "tests/torture/spoiled_ring.hpp"

namespace lmlog::torture {

using namespace lmlog::literals;

namespace {

/// With it a record is as long as it may be: a quarter of the ring. (In a flight recorder that is too long, and
/// counted.)
std::size_t longest_text(const ServicePlan& plan) {
  return static_cast<std::size_t>(plan.ring_bytes) / 4 - formats::kExtendedHeaderBytes - (2 * 4 + 2 * 8) - 4;
}

constexpr std::size_t kOffsets = 100;  // texts begin at so many places
constexpr unsigned kLongestLifeSeconds = 120;

struct Life {
  const ServicePlan& plan;
  Witness* witness;  // another one in a forked child
  Witness* child;
  std::string text;

  [[nodiscard]] bool time_is_given() const { return plan.clock == Clock::user_ns; }
};

void name_thread(WitnessSlot& slot, std::uint32_t number) {
  ::pthread_setname_np(::pthread_self(), thread_name(number).c_str());
  slot.tid.store(static_cast<std::uint32_t>(::syscall(SYS_gettid)), std::memory_order_release);
}

void log_one(const Life& life, std::uint32_t slot, std::uint64_t sequence, std::string_view text, std::uint64_t check) {
  const std::uint32_t producer = life.witness->promises.producer;
  const std::uint64_t time = time_of(slot, sequence);
  if (text.size() > 256) {
    if (life.time_is_given()) {
      LMLOG_INFO_AT(time, "large", "producer"_k = producer, "slot"_k = slot, "sequence"_k = sequence, "check"_k = check,
                    "text"_k = text);
    } else {
      LMLOG_INFO("large", "producer"_k = producer, "slot"_k = slot, "sequence"_k = sequence, "check"_k = check,
                 "text"_k = text);
    }
  } else if (life.time_is_given()) {
    LMLOG_INFO_AT(time, "record {producer} {slot} {sequence} {check} {text}", producer, slot, sequence, check, text);
  } else {
    LMLOG_INFO("record {producer} {slot} {sequence} {check} {text}", producer, slot, sequence, check, text);
  }
}

std::size_t length_of_text(Random& random, const ServicePlan& plan) {
  const std::size_t longest = longest_text(plan);
  switch (plan.sizes) {
    case Sizes::huge:
      return random.one_in(3) ? longest : random.between(longest / 4, longest);
    case Sizes::large:
      if (random.one_in(50)) return random.below(300);
      if (random.one_in(20)) return longest;
      return random.one_in(4) ? random.between(longest / 3, longest) : random.between(257, 6000);
    case Sizes::small:
    case Sizes::none:
      break;
  }
  return random.one_in(40) ? random.below(250) : random.below(12);
}

void pause_by(const ServicePlan& plan, Random& random, std::uint64_t sequence, std::uint64_t calls) {
  const auto sleep = [&](std::uint64_t most_us) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.between(20, most_us)));
  };
  if (plan.sizes == Sizes::huge) return sleep(5000);
  const std::uint64_t burst = plan.sizes == Sizes::large ? 40 : 150;
  // At full speed for so many calls of a life; then the check would take longer than the torture.
  const bool is_tired = calls > (plan.sizes == Sizes::large ? 200u : 4000u);
  if (plan.pace == Pace::steady || (is_tired && plan.sizes == Sizes::large)) return sleep(800);
  if ((plan.pace == Pace::bursts || is_tired) && sequence % burst == 0) sleep(is_tired ? 6000 : 3000);
}

[[noreturn]] void live_on_in_child(Life& life, std::uint64_t seed);

/// One thread from its first record to its last.
void log_some(Life& life, std::uint32_t number, std::uint64_t seed) {
  Random random(seed);
  WitnessSlot& slot = life.witness->slots[number];
  name_thread(slot, number);
  const std::uint64_t records = random.one_in(3) ? random.between(1, 50) : random.between(50, 6000);
  const std::uint64_t fork_at = life.child != nullptr ? random.between(1, 300) : 0;
  for (std::uint64_t sequence = 1; sequence <= records; ++sequence) {
    const bool is_bare = life.plan.sizes == Sizes::none && !random.one_in(5);
    const std::size_t bytes = length_of_text(random, life.plan);
    const std::string_view text(life.text.data() + random.below(kOffsets), bytes);
    const std::uint64_t check = record_check(life.witness->promises.producer, number, sequence, text);
    slot.begun.store(sequence, std::memory_order_release);
    if (is_bare) {
      LMLOG_INFO_AT(time_of(number, sequence), "bare");  // 16 bytes: a record that is all header
    } else {
      log_one(life, number, sequence, text, check);
    }
    slot.done.store(sequence, std::memory_order_release);
    if (sequence == fork_at && number == 0 && ::fork() == 0) live_on_in_child(life, seed + 1);
    pause_by(life.plan, random, sequence, sequence);
  }
}

/// Threads one after the other: each takes over a ring that another one left.
void log_in_turns(Life& life, std::uint64_t seed) {
  for (std::uint32_t slot = life.witness->next_slot++; slot < kSlots; slot = life.witness->next_slot++)
    std::thread([&life, slot, seed] { log_some(life, slot, seed * 4096 + slot); }).join();
}

/// As a fork does it: the forking thread goes on alone, in a session that the library makes for it.
void live_on_in_child(Life& life, std::uint64_t seed) {
  ::alarm(kLongestLifeSeconds);
  life.witness = life.child;
  life.child = nullptr;
  life.witness->pid.store(static_cast<std::uint32_t>(::getpid()), std::memory_order_release);
  log_some(life, life.witness->next_slot++, seed);
  log_in_turns(life, seed);
  life.witness->has_ended = 1;
  ::_exit(0);
}

/// Records of 64 bytes fill the ring more than once; then the head claims what the lap before left there.
[[noreturn]] void spoil_in_the_end(Life& life, const Session& session) {
  name_thread(life.witness->slots[0], 0);
  constexpr std::size_t kText = 20;
  Random random(life.plan.seed);
  const std::uint64_t records = random.between(2500, 4000);
  WitnessSlot& slot = life.witness->slots[0];
  for (std::uint64_t sequence = 1; sequence <= records; ++sequence) {
    const std::string_view text = std::string_view(life.text).substr(random.below(kOffsets), kText);
    const std::uint64_t check = record_check(life.witness->promises.producer, 0, sequence, text);
    slot.begun.store(sequence, std::memory_order_release);
    log_one(life, 0, sequence, text, check);
    slot.done.store(sequence, std::memory_order_release);
  }
  claim_stale_records(session.path(), session.id());
  for (;;) ::pause();
}

}  // namespace

void serve(const ServicePlan& plan, Witness& witness, Witness* child) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::alarm(kLongestLifeSeconds);
  if (const int errors = ::open(plan.errors.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600); errors >= 0) {
    ::dup2(errors, STDERR_FILENO);
    ::close(errors);
  }
  ::setenv("LMLOG_RING_DIR", plan.rings.c_str(), 1);
  if (plan.renames_fail) fail_ring_renames(3);
  Life life{plan, &witness, child, std::string(longest_text(plan) + kOffsets, ' ')};
  Random random(plan.seed);
  for (char& c : life.text) c = static_cast<char>('a' + random.below(26));
  witness.pid.store(static_cast<std::uint32_t>(::getpid()), std::memory_order_release);

  SessionOptions options;
  options.service = plan.service;
  options.ring_bytes = plan.ring_bytes;
  options.clock = plan.clock;
  options.policy = plan.policy;
  options.block_timeout = plan.block_timeout;
  options.max_string = longest_text(plan);
  {
    std::optional<Session> session(options);
    if (plan.is_hostile) spoil_in_the_end(life, *session);
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < plan.threads; ++i)
      threads.emplace_back([&life, &plan] { log_in_turns(life, plan.seed); });
    for (auto& thread : threads) thread.join();
  }
  ::_exit(0);
}

}  // namespace lmlog::torture
