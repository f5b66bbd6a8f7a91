// SPDX-License-Identifier: Apache-2.0
// Small numbers everywhere: blocks of a few records, segments of a few blocks, so that a short run meets every edge.
#include "tests/simulation/plan.hpp"

#include "collector/config/config_keys.hpp"
#include "collector/host/clock.hpp"

namespace lmlog::collector::simulation {

namespace {

template <class T, std::size_t n> T pick(Random& random, const T (&from)[n]) { return from[random.below(n)]; }

Config draw_config(Random& random) {
  Config config = default_config();
  config.durability = random.one_in(3) ? Durability::write : Durability::fsync;
  config.flush_interval_ms = pick<std::uint64_t>(random, {1, 20, 200, 1000});
  config.block_seconds = pick<std::uint64_t>(random, {1, 1, 3, 60});
  config.hot_block_records = pick<std::uint64_t>(random, {7, 20, 50, 65536});
  config.segment_bytes = pick<std::uint64_t>(random, {1, 6'000, 40'000, 256 << 20});
  config.segment_age_ns = pick<std::int64_t>(random, {kNsPerSecond, 3'600 * kNsPerSecond});
  if (random.one_in(10)) config.bytes_per_second = 20'000;
  if (random.one_in(10)) config.min_free = 20'000;
  return config;
}

Life draw_life(Random& random, const Plan& plan) {
  Life life;
  life.rounds = 3 + random.below(15);
  Faults& faults = life.faults;
  faults.move_one_in = pick<std::uint64_t>(random, {0, 10, 40, 150});
  if (random.one_in(3)) faults.fail_one_in = pick<std::uint64_t>(random, {10, 40, 200});
  if (random.one_in(4)) faults.stall_one_in = 100;
  if (random.one_in(6) || plan.config.min_free != 0) faults.capacity = 2'000 + random.below(120'000);
  if (random.one_in(4)) {
    life.end = Life::End::stopped;
  } else {
    life.end = plan.has_power_cuts && random.one_in(2) ? Life::End::power_cut : Life::End::killed;
    // Most die in the middle of a call, and some of them early: while they recover what the last one left.
    faults.counted =
        pick<Faults::Of>(random, {Faults::Of::all, Faults::Of::all, Faults::Of::changes, Faults::Of::syncs});
    std::uint64_t most = random.one_in(2) ? 100 : 1'000;
    if (faults.counted == Faults::Of::changes) most /= 5;
    if (faults.counted == Faults::Of::syncs) most /= 20;
    if (!random.one_in(5)) faults.end_at = 1 + random.below(most);
  }
  return life;
}

}  // namespace

Plan draw_plan(Random& random) {
  Plan plan;
  plan.config = draw_config(random);
  plan.has_power_cuts = random.one_in(2);
  plan.clock_moves = random.one_in(3);
  plan.rewrites = random.one_in(4);
  for (std::uint64_t n = 2 + random.below(5); n != 0; --n) plan.lives.push_back(draw_life(random, plan));
  return plan;
}

std::string Plan::text() const {
  std::string out = is_fsync() ? "durability fsync" : "durability write";
  if (has_power_cuts) out += ", power cuts";
  if (clock_moves) out += ", clocks that move";
  if (rewrites) out += ", rewrites";
  out += ", " + std::to_string(lives.size()) + " lives, block_records " + std::to_string(config.hot_block_records) +
         ", segment_bytes " + std::to_string(config.segment_bytes);
  return out;
}

}  // namespace lmlog::collector::simulation
