// SPDX-License-Identifier: Apache-2.0
// The order of things: collectors live and end, producers move between and during their calls, and in the end all are
// gone.
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "collector/metrics/status_report.hpp"
#include "collector/store/archive_layout.hpp"
#include "tests/simulation/rewrite.hpp"

namespace lmlog::collector::simulation {

namespace {

constexpr std::size_t kMaxWriting = 3;   // sessions at a time
constexpr std::size_t kMaxSessions = 8;  // in a run
// Tries to open a collector in one life; in between a second passes.
constexpr int kOpenTries = 3;

}  // namespace

/// Who holds which lock.
class World::Lives final : public Liveness {
 public:
  explicit Lives(const std::vector<Past>& sessions) : sessions_(sessions) {}

  [[nodiscard]] int lock_holder(const File& file) const override {
    for (const auto& [session, was_cut, released, was_stepped] : sessions_) {
      if (static_cast<int>(session->node().number) == file.descriptor())
        return session->holds_lock() ? static_cast<int>(session->pid()) : 0;
    }
    return 0;
  }
  [[nodiscard]] bool may_run(std::uint32_t pid) const override {
    return std::any_of(sessions_.begin(), sessions_.end(),
                       [pid](const Past& past) { return past.session->pid() == pid && past.session->is_alive(); });
  }

 private:
  const std::vector<Past>& sessions_;
};

World::World(std::uint64_t seed, bool aloud)
    : random_(seed),
      plan_(draw_plan(random_)),
      trace_(aloud),
      clock_(random_),
      files_(disk_, random_, clock_, trace_, kRings),
      lives_(std::make_unique<Lives>(sessions_)) {
  files_.producers_move = [this] { producers_move(); };
  clock_.while_sleeping = [this] {
    if (random_.one_in(6)) producers_move();  // a collector that waits for its disk sleeps very often
  };
  disk_.make("/disk", true, false);
  disk_.sync_folder("/");
  begin_rings();
}

World::~World() = default;

void World::begin_rings() { disk_.make(kRings, true, true); }

void World::run() {
  trace_.add(clock_.true_ns(), "plan", plan_.text());
  for (const Life& life : plan_.lives) {
    live(life);
    if (plan_.rewrites && random_.one_in(2)) rewrite_a_segment(!random_.one_in(3));
    for (std::uint64_t n = random_.below(6); n != 0; --n) producers_move();
    clock_.advance(random_.between(0, 2 * kNsPerSecond));
  }
  last_life();
  for (const Past& past : sessions_) {
    for (const auto& ring : past.session->rings) counts.records += ring->committed.size();
  }
}

void World::live(const Life& life) {
  files_.begin_process(life.faults);
  trace_.add(clock_.true_ns(), "collector", "starts", ++counts.collectors);
  bool was_stopped = false;
  try {
    if (open_collector(life)) {
      for (std::uint64_t i = 0; i < life.rounds; ++i) round(life);
      if (life.end == Life::End::stopped) {
        collector_->stop();
        const bool good = bool(collector_->finish());
        trace_.add(clock_.true_ns(), "collector", "ends", 0, 0, good ? "well" : "with an error");
        publish_status();
        was_stopped = true;
      }
    }
  } catch (const EndOfProcess&) {
    was_stopped = false;
  }
  counts.kills += was_stopped ? 0 : 1;
  end_process(life.end == Life::End::power_cut);
}

bool World::open_collector(const Life& life) {
  notices_ = std::make_unique<Notices>([this](const std::string& line) {
    trace_.add(clock_.true_ns(), "it says", line);
    sentences_.push_back(line);
  });
  box_ = std::make_unique<ConfigBox>(plan_.config);
  for (int i = 0; i < kOpenTries; ++i) {
    auto opened = Collector::open({files_, clock_, *lives_, *notices_, [this] { return random_.id(); }}, *box_,
                                  kArchive, {kRings});
    if (opened) {
      collector_ = std::move(opened).value();
      return true;
    }
    trace_.add(clock_.true_ns(), "cannot open", opened.error().text);
    if (life.faults.fail_one_in == 0 && !life.faults.capacity)
      fail("a collector cannot be started though nothing fails: " + opened.error().text);
    forget_failed_syncs();  // the next try is another process
    clock_.sleep_ns(kNsPerSecond);
  }
  return false;
}

void World::round(const Life&) {
  change_producers();
  if (plan_.clock_moves) change_clock();
  for (std::uint64_t n = random_.below(6); n != 0; --n) producers_move();
  // From a poll's pause to seconds.
  const std::int64_t pauses[] = {100'000, kNsPerMs, 20 * kNsPerMs, 150 * kNsPerMs, kNsPerSecond, 2 * kNsPerSecond};
  clock_.advance(random_.between(0, pauses[random_.below(6)]));
  collector_->step();
  if (random_.one_in(8)) publish_status();
}

void World::publish_status() {
  StatusReport report = collector_->status();
  report.pid = 1;  // not this process's: runs are the same wherever they run
  const std::string path = ArchiveLayout(kArchive).status_file();
  if (!write_status(files_, path, report)) return;
  // It said that the file is there.
  const auto node = disk_.find(path);
  if (node == nullptr || text_of(*node) != to_json(report)) fail("the status was written, and is not there");
}

void World::end_process(bool with_power_cut) {
  counts.calls += files_.calls();
  counts.failed_calls += files_.failed();
  files_.begin_process({});
  collector_.reset();  // nothing of it may touch a file
  forget_failed_syncs();
  trace_.add(clock_.true_ns(), "collector", "is gone");
  if (with_power_cut) lose_power();
}

void World::forget_failed_syncs() {
  // Of a sync that failed no later process can know; that is a limit (docs/reliability.md), and not crossed here.
  for (const auto& [path, node] : disk_.names()) {
    if (path.ends_with(".lmj") && node->has_lost()) ++counts.uncut;
    node->redirty();
  }
}

void World::lose_power() {
  ++counts.power_cuts;
  trace_.add(clock_.true_ns(), "power", "is lost");
  for (Past& past : sessions_) {
    if (past.was_cut) continue;
    ModelSession& session = *past.session;
    const auto present = [&](const Node& node) {
      return std::any_of(disk_.names().begin(), disk_.names().end(),
                         [&](const auto& entry) { return entry.second.get() == &node; });
    };
    past.was_cut = true;
    for (const auto& ring : session.rings)
      past.released.push_back(present(ring->node()) ? ring->tail().tail : ~std::uint64_t{0});
    if (session.is_alive()) session.die();
  }
  disk_.lose_power(random_);
  clock_.boot(random_);
  begin_rings();
}

void World::producers_move() {
  if (producers_are_over_) return;
  std::vector<ModelSession*> writing;
  for (const Past& past : sessions_) {
    if (past.session->is_writing()) writing.push_back(past.session.get());
  }
  if (writing.empty()) return;
  if (writing[random_.below(writing.size())]->move()) ++files_.ring_names_changed;
}

void World::begin_session() {
  if (sessions_.size() >= kMaxSessions) return;
  constexpr formats::ClockKind clocks[] = {formats::ClockKind::tsc, formats::ClockKind::tsc, formats::ClockKind::coarse,
                                           formats::ClockKind::user_ns};
  constexpr formats::RingPolicy policies[] = {formats::RingPolicy::drop, formats::RingPolicy::drop,
                                              formats::RingPolicy::block, formats::RingPolicy::overwrite};
  ProcessShape shape;
  shape.service = random_.one_in(2) ? "orders" : "quotes";
  shape.uid = random_.one_in(4) ? 1001 : 1000;
  shape.pid = next_pid_++;
  shape.clock = clocks[random_.below(4)];
  shape.policy = policies[random_.below(4)];
  const bool is_large = random_.one_in(20);
  shape.ring_bytes = formats::kMinRingBytes * (is_large ? 4 : 1);
  shape.payload_bytes = is_large ? 60'000 : random_.one_in(3) ? 12'000 : 300;
  shape.block_timeout_ns = random_.between(kNsPerMs, 3 * kNsPerSecond);
  Past past;
  past.session = std::make_unique<ModelSession>(disk_, random_, clock_, kRings, shape);
  past.was_stepped = clock_.stepped_ns() != 0;
  sessions_.push_back(std::move(past));
  ++files_.ring_names_changed;
}

void World::change_producers() {
  const auto writing = static_cast<std::size_t>(
      std::count_if(sessions_.begin(), sessions_.end(), [](const Past& past) { return past.session->is_writing(); }));
  if (writing == 0 || (writing < kMaxWriting && random_.one_in(12))) begin_session();
  for (const Past& past : sessions_) {
    ModelSession& session = *past.session;
    if (!session.is_writing()) continue;
    if (random_.one_in(40)) {
      trace_.add(clock_.true_ns(), "producer dies", session.descriptor().session_id.hex());
      session.die();
    } else if (session.has_appeared() && random_.one_in(50)) {
      trace_.add(clock_.true_ns(), "producer closes", session.descriptor().session_id.hex());
      session.close();
    }
  }
}

void World::change_clock() {
  if (!random_.one_in(15)) return;
  constexpr std::int64_t kYearNs = 365 * 86'400 * kNsPerSecond;
  if (random_.one_in(3)) {
    trace_.add(clock_.true_ns(), "clock", "the counter jumps back");
    clock_.jump_back(1'000 + random_.below(20'000'000'000));
  } else {
    const std::int64_t most = random_.one_in(3) ? 3 * kYearNs : 10 * kNsPerSecond;
    const std::int64_t by = random_.between(-most, most);
    trace_.add(clock_.true_ns(), "clock", "the calendar is set", static_cast<std::uint64_t>(by));
    clock_.step(by);
  }
  for (Past& past : sessions_) past.was_stepped = past.was_stepped || !past.was_cut;
}

void World::rewrite_a_segment(bool to_the_end) {
  const std::string hot = ArchiveLayout(kArchive).tier_folder(formats::Tier::hot);
  std::vector<std::string> paths;
  for (const auto& [path, node] : disk_.names()) {
    if (path.ends_with(".lms") && path.starts_with(hot) && !rewritten_.contains(path)) paths.push_back(path);
  }
  if (paths.empty()) return;
  const std::string& path = paths[random_.below(paths.size())];
  trace_.add(clock_.true_ns(), "rewrite", path, to_the_end ? 1 : 0);
  if (rewrite_for_warm(disk_, random_, path, to_the_end)) rewritten_.insert(path);
}

void World::last_life() {
  for (const Past& past : sessions_) {
    if (past.session->is_alive() && random_.one_in(3) && past.session->has_appeared() && past.session->is_writing())
      past.session->close();
    past.session->die();
  }
  producers_are_over_ = true;
  trace_.add(clock_.true_ns(), "last life", "all producers are gone");
  const Life good{};
  files_.begin_process({});
  if (!open_collector(good)) return;
  ++counts.collectors;
  for (int i = 0; i < 40; ++i) {
    clock_.advance(300 * kNsPerMs);
    collector_->step();
  }
  collector_->stop();
  if (const auto status = collector_->finish(); !status) fail("the last collector failed: " + status.error().text);
  const auto quarantined = collector_->status().quarantined;
  for (const auto& [path, reason] : quarantined) fail("quarantined: " + path + ": " + reason);
  collector_.reset();
  counts.calls += files_.calls();
}

}  // namespace lmlog::collector::simulation
