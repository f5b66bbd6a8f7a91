// SPDX-License-Identifier: Apache-2.0
// How often each kind of process occurs.
#include "tests/torture/random.hpp"
#include "tests/torture/service.hpp"

namespace lmlog::torture {

namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kSmallRing = 64 * kKiB;   // the smallest: it wraps many times in a life
constexpr std::uint64_t kLargeRing = 256 * kKiB;  // a quarter of it is an extended record
constexpr std::uint64_t kHugeRing = 4096 * kKiB;

Sizes sizes_of(std::uint64_t dice) {
  if (dice < 10) return Sizes::small;
  if (dice < 13) return Sizes::none;
  return dice < 15 ? Sizes::large : Sizes::huge;
}

}  // namespace

Promises ServicePlan::promises() const noexcept {
  return {number, policy != Policy::block || block_timeout.count() != 0 || renames_fail, is_hostile,
          clock == Clock::user_ns};
}

ServicePlan plan_service(std::uint64_t seed) {
  Random random(seed);
  ServicePlan plan;
  plan.seed = seed;
  plan.service = random.one_in(2) ? "torture-a" : "torture-b";
  if (random.one_in(16)) {
    plan.service = "hostile";
    plan.is_hostile = true;
    return plan;
  }
  const std::uint64_t policy = random.below(10);
  plan.policy = policy < 5 ? Policy::block : policy < 8 ? Policy::drop : Policy::overwrite;
  if (plan.policy == Policy::block && random.one_in(6)) plan.block_timeout = std::chrono::milliseconds(3);
  plan.threads = static_cast<std::uint32_t>(random.between(1, 3));
  plan.sizes = sizes_of(random.below(16));
  plan.ring_bytes = plan.sizes == Sizes::large ? kLargeRing : plan.sizes == Sizes::huge ? kHugeRing : kSmallRing;
  plan.clock = plan.sizes == Sizes::none ? Clock::user_ns : random.one_in(5) ? Clock::coarse : Clock::tsc;
  plan.pace = static_cast<Pace>(random.below(3));
  plan.forks = random.one_in(8);
  plan.renames_fail = random.one_in(12);
  return plan;
}

}  // namespace lmlog::torture
