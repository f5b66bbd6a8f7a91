// SPDX-License-Identifier: Apache-2.0
// See tally.hpp.
#include "tests/torture/tally.hpp"

namespace lmlog::torture {

namespace {

template <std::size_t N>
void add_to(std::array<std::uint64_t, N>& sum, const std::array<std::uint64_t, N>& part) noexcept {
  for (std::size_t i = 0; i < N; ++i) sum[i] += part[i];
}

}  // namespace

void Tally::add(const Tally& other) noexcept {
  rounds += other.rounds;
  producer_kills += other.producer_kills;
  early_kills += other.early_kills;
  forked_kills += other.forked_kills;
  ended += other.ended;
  rewrites += other.rewrites;
  rewriter_kills += other.rewriter_kills;
  records += other.records;
  committed += other.committed;
  rings += other.rings;
  counted_lost += other.counted_lost;
  chaos_ns += other.chaos_ns;
  add_to(deaths, other.deaths);
  add_to(faults, other.faults);
  add_to(checks, other.checks);
}

}  // namespace lmlog::torture
