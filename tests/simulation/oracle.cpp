// SPDX-License-Identifier: Apache-2.0
// What was promised depends on what happened: without a loss of power all is exact; a ring that vanished with the power
// is held to its released tail, where durability is fsync; and nothing is ever invented, doubled or out of order.
#include "tests/simulation/oracle.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "tests/collector/support/archived_records.hpp"

namespace lmlog::collector::simulation {

using formats::ClockKind;
using formats::LossReason;
using testing::Archived;
using testing::ArchivedRecord;

namespace {

/// Anchors reproduce the clocks to 100 ns; where there is but one, the rate is known to 200 millionths, for seconds.
constexpr std::int64_t kTimeErrorNs = 1'000'000;

constexpr std::uint64_t kAll = ~std::uint64_t{0};

class Judge {
 public:
  explicit Judge(World& world) : world_(world) {}

  void judge() {
    look_at_names();
    if (!read()) return;
    for (const Past& past : world_.sessions()) {
      for (std::size_t i = 0; i < past.session->rings.size(); ++i) judge_ring(past, i);
      judge_losses(past, past.session->descriptor().session_id, past.session->losses, false);
    }
    for (const auto& [ring, records] : by_ring_) {
      if (!known_rings_.contains(ring)) fail(fmt::format("records of ring {}, which nobody made", ring.hex()));
    }
  }

 private:
  void fail(const std::string& what) { world_.failures.push_back(what); }

  /// A loss of power may have damaged what was not synced, and with durability `write` that is everything.
  [[nodiscard]] bool may_be_damaged() const { return world_.counts.power_cuts != 0 && !world_.plan().is_fsync(); }

  void look_at_names() {
    for (const auto& [path, node] : world_.disk().names()) {
      if (node->is_folder) continue;
      if (parent_folder(path) == kRings && !path.ends_with(".tmp")) fail(path + " was left");
      // A damaged one is kept for people: a loss of power can have damaged it in what was not synced, and a failed sync
      // whose pages the kernel dropped, where the collector died before it could cut them off.
      const bool may_be_kept = world_.counts.power_cuts != 0 || world_.counts.uncut != 0;
      if (path.ends_with(".lmj") && !may_be_kept) fail(path + " was left");
    }
  }

  bool read() {
    for (const auto& [path, node] : world_.disk().names()) {
      if (!path.ends_with(".lms")) continue;
      try {
        read_segment(formats::MemorySource(text_of(*node)), path, archived_);
      } catch (const std::exception& error) {
        if (!may_be_damaged()) fail(error.what());
      }
    }
    if (!may_be_damaged()) {
      for (const auto& damage : archived_.damage) {
        // What was not synced can lose its middle, and what came behind it is worth keeping: then a gap is the truth.
        const bool is_gap = damage.ends_with("ring bytes are missing before a run");
        if (!is_gap || world_.counts.power_cuts == 0) fail("verification: " + damage);
      }
    }
    std::set<formats::Id128> ids;
    std::map<std::pair<std::string, std::uint32_t>, std::set<std::uint64_t>> sequences;
    for (const auto& segment : archived_.segments) {
      ids.insert(segment.id);
      if (!sequences[{segment.service, segment.uid}].insert(segment.sequence).second)
        fail(fmt::format("two segments of {} have the sequence number {}", segment.service, segment.sequence));
    }
    for (const auto& segment : archived_.segments) {
      for (const auto& replaced : segment.replaces) {
        if (ids.contains(replaced)) fail(fmt::format("segment {} is there beside what replaces it", replaced.hex()));
      }
    }
    for (const auto& record : archived_.records) by_ring_[record.ring].push_back(&record);
    for (auto& [ring, records] : by_ring_)
      std::stable_sort(records.begin(), records.end(), [](auto* a, auto* b) { return a->run < b->run; });
    return true;
  }

  void judge_ring(const Past& past, std::size_t index) {
    const ModelRing& ring = *past.session->rings[index];
    const auto id = ring.descriptor().ring_id;
    known_rings_.insert(id);
    const auto& archived = by_ring_[id];
    const std::string name = fmt::format("ring {} of service {}", id.hex(), past.session->shape().service);
    const std::uint64_t released = past.was_cut ? past.released[index] : kAll;
    // Without a loss of power everything was released; before one, what a tail or a removal said, if that was durable.
    const bool is_exact = !past.was_cut || (world_.plan().is_fsync() && released == kAll);
    const std::uint64_t promised = ring.is_overwriting()      ? 0
                                   : is_exact                 ? kAll
                                   : world_.plan().is_fsync() ? released
                                                              : 0;

    std::size_t at = 0;  // in what is archived
    std::uint64_t missing = 0;
    for (const Committed& committed : ring.committed) {
      if (at < archived.size() && is_same(*archived[at], committed)) {
        judge_time(past, *archived[at], committed, name);
        ++at;
        continue;
      }
      ++missing;
      if (committed.end <= promised) {
        fail(fmt::format("{}: the record at position {} (number {}) is not archived in its place; archived there: {}{}",
                         name, committed.position, committed.arguments.front(),
                         at < archived.size() ? archived[at]->arguments.front() : "nothing",
                         past.was_cut ? fmt::format("; before the power went, {} was released", released) : ""));
        return;
      }
    }
    if (at < archived.size()) {
      fail(
          fmt::format("{}: archived record number {} ({} of {}) was not written there: doubled, out of order or "
                      "invented",
                      name, archived[at]->arguments.front(), at + 1, archived.size()));
      return;
    }
    if (is_exact) judge_losses(past, id, ring.losses, ring.is_overwriting(), missing);
    if (is_exact && ring.attempts != archived.size() + sum_of_losses(id))
      fail(name + ": attempted is not stored + lost");
  }

  static bool is_same(const ArchivedRecord& archived, const Committed& committed) {
    return archived.id == committed.statement && archived.time == committed.time &&
           archived.arguments == committed.arguments;
  }

  void judge_time(const Past& past, const ArchivedRecord& archived, const Committed& committed,
                  const std::string& name) {
    if (committed.has_exact_time) {
      if (archived.time_ns != static_cast<std::int64_t>(committed.time))
        fail(name + ": number " + committed.arguments.front() + " was written with another time");
      return;
    }
    if (past.was_stepped) return;
    const std::int64_t error = archived.time_ns - committed.realtime_ns;
    if (error < -kTimeErrorNs || error > kTimeErrorNs)
      fail(fmt::format("{}: the time of number {} is wrong by {} ns", name, committed.arguments.front(), error));
  }

  std::uint64_t sum_of_losses(const formats::Id128& ring) {
    std::uint64_t sum = 0;
    for (const auto& [reason, count] : archived_.lost_of[ring]) sum += count;
    return sum;
  }

  void judge_losses(const Past& past, const formats::Id128& ring, const formats::LossCounts& counted, bool overwrites,
                    std::uint64_t missing = 0) {
    // Of a session that the power took, losses are exact when the collector had removed it.
    const bool was_removed = !past.released.empty() && std::all_of(past.released.begin(), past.released.end(),
                                                                   [](auto up_to) { return up_to == kAll; });
    if (past.was_cut && !(was_removed && world_.plan().is_fsync())) return;
    auto archived = archived_.lost_of[ring];
    for (std::size_t reason = 0; reason < counted.size(); ++reason) {
      const std::uint64_t told = archived[static_cast<std::uint32_t>(reason)];
      const bool is_overwritten = reason == static_cast<std::size_t>(LossReason::overwritten);
      const std::uint64_t lost = is_overwritten && overwrites ? missing : counted[reason];
      if (told == lost) continue;
      fail(fmt::format("ring {}, {}: the archive tells of {} calls, and {} were lost", ring.hex(),
                       formats::loss_reason_name(static_cast<std::uint32_t>(reason)), told, lost));
    }
  }

  World& world_;
  Archived archived_;
  std::map<formats::Id128, std::vector<const ArchivedRecord*>> by_ring_;
  std::set<formats::Id128> known_rings_;
};

}  // namespace

void judge(World& world) {
  if (world.failures.empty()) Judge(world).judge();
}

}  // namespace lmlog::collector::simulation
