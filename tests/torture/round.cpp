// SPDX-License-Identifier: Apache-2.0
// See round.hpp.
#include "tests/torture/round.hpp"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/torture/examination.hpp"
#include "tests/torture/herd.hpp"

namespace lmlog::torture {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMillisecondNs = 1'000'000;

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class Round {
 public:
  Round(const Programs& programs, const std::string& folder, std::uint64_t seed, Tally& tally)
      : programs_(programs),
        places_(make_places(folder)),
        random_(seed),
        tally_(tally),
        collector_(
            {programs.collector, "--config", write_config(), "--rings", places_.rings, "--archive", places_.archive},
            programs.shim, folder + "/words", places_.errors),
        herd_(places_.rings, folder, random_, tally) {}

  void run(std::uint64_t kills) {
    const std::uint64_t before = tally_.kills();
    const std::uint64_t collectors_before = tally_.collector_kills();
    const std::int64_t begin = now_ns();
    start_collector();
    while (tally_.kills() - before < kills && tally_.is_good()) {
      const std::int64_t now = now_ns();
      // A tenth of the kills must be collectors': they get a sixth, and producers live longer until it is their turn.
      const std::uint64_t collectors = tally_.collector_kills() - collectors_before;
      herd_.tend(now, (collectors + 1) * 6 >= tally_.kills() - before);
      tend_collector(now);
      ::usleep(500);
    }
    stop_collector();
    herd_.end();
    // What is read now is what a rewrite left, mostly with a segment and the one that replaces it.
    constexpr std::uint64_t kWhole = 3;  // steps until the new segment is there, and one more until the old one is not
    rewrite(random_.one_in(4) ? random_.below(12) : kWhole + (kWhole + 1) * random_.below(3));
    tally_.chaos_ns += static_cast<std::uint64_t>(now_ns() - begin);
    ++tally_.rounds;
    examine(programs_, places_, herd_.witnesses(), collector_, tally_);
  }

 private:
  static Places make_places(const std::string& folder) {
    Places places{folder + "/rings", folder + "/archive", folder + "/stderr.txt"};
    fs::create_directories(places.rings);
    fs::permissions(places.rings, fs::perms::owner_all);
    return places;
  }

  /// Blocks and segments are small, so that a short life sees the ends of many. Every other round syncs.
  std::string write_config() {
    const std::string path = fs::path(places_.errors).parent_path() / "lmlog.toml";
    std::ofstream out(path);
    out << "[collector]\nblock_seconds = 1\nmemory = \"4MiB\"\npoll_interval_us = " << random_.between(50, 1000)
        << "\nflush_interval_ms = " << random_.between(1, 30) << "\ndurability = \""
        << (random_.one_in(2) ? "fsync" : "write")
        << "\"\n[rotation]\nsegment_bytes = \"64KiB\"\nsegment_age = \"1s\"\n[tier.hot]\nblock_records = "
        << random_.between(100, 3000) << "\n[quota]\nrings_per_uid = 100000\n";
    return path;
  }

  void start_collector() {
    collector_.start(random_, random_.below(10) < 7);
    const bool is_long = random_.one_in(30);  // long enough for what happens once a second
    life_ns_ =
        static_cast<std::int64_t>(is_long ? random_.between(1100, 1800) : random_.between(1, 60)) * kMillisecondNs;
    dies_early_ = random_.one_in(12);
    is_killed_ = false;
    due_ns_ = 0;
  }

  void tend_collector(std::int64_t now) {
    if (!collector_.is_running()) {
      if (now >= due_ns_) start_collector();
      return;
    }
    switch (collector_.look(tally_.deaths)) {
      case CollectorProcess::End::none:
        break;
      case CollectorProcess::End::by_itself:
        std::fprintf(stderr, "the collector ended by itself with status %d\n", collector_.status());
        tally_.fail(Check::ended_by_itself);
        return;
      case CollectorProcess::End::killed:
        if (random_.one_in(6)) rewrite(random_.one_in(4) ? 0 : random_.between(1, 12));
        due_ns_ = random_.one_in(5) ? now + static_cast<std::int64_t>(random_.below(15)) * kMillisecondNs : now;
        return;
    }
    // Its life begins with the first drain, or few would come to it while the machine is busy.
    if (due_ns_ == 0 && (dies_early_ || collector_.has_drained())) due_ns_ = now + life_ns_;
    if (due_ns_ == 0 || now < due_ns_ || is_killed_) return;
    collector_.kill();
    is_killed_ = true;
  }

  void stop_collector() {
    if (collector_.is_running()) collector_.kill();
    Histogram not_counted{};
    while (collector_.is_running() && collector_.look(not_counted) == CollectorProcess::End::none) ::usleep(500);
  }

  /// What a tier manager will do, while no collector holds the archive; it dies in one of its steps, mostly.
  void rewrite(std::uint64_t last_step) {
    const pid_t pid = start_program({programs_.rewriter, "rewrite", places_.archive, std::to_string(last_step),
                                     std::to_string(random_.next() >> 1)},
                                    {}, places_.errors);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ++tally_.rewrites;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
      ++tally_.rewriter_kills;
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      std::fprintf(stderr, "the rewriter ended with status %d\n", status);
      tally_.fail(Check::ended_by_itself);
    }
  }

  const Programs& programs_;
  Places places_;
  Random random_;
  Tally& tally_;
  CollectorProcess collector_;
  Herd herd_;
  std::int64_t due_ns_ = 0;  // when the collector is killed, or started; 0: its life has not begun
  std::int64_t life_ns_ = 0;
  bool dies_early_ = false;
  bool is_killed_ = false;
};

}  // namespace

void run_round(const Programs& programs, const std::string& folder, std::uint64_t seed, std::uint64_t kills, bool keep,
               Tally& tally) {
  { Round(programs, folder, seed, tally).run(kills); }
  if (!keep || tally.is_good()) fs::remove_all(folder);
}

}  // namespace lmlog::torture
