// SPDX-License-Identifier: Apache-2.0
// Who starts whom: recovery first, all of it in the calling thread; then drain ─journal─▶ archiver, drain ─▶ answers.
#include "collector/collector.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "collector/attach/folder_scan.hpp"
#include "collector/attach/ring_remains.hpp"
#include "collector/drain/answers.hpp"
#include "collector/drain/drain.hpp"
#include "collector/store/archiver.hpp"
#include "collector/store/journal.hpp"
#include "collector/store/old_journal.hpp"
#include "collector/store/segment_recovery.hpp"

namespace lmlog::collector {

namespace {

// The archiver wakes when there is a stretch worth encoding, or when a block may have grown old.
constexpr std::uint64_t kArchiverBytes = std::uint64_t{256} << 10;
constexpr std::int64_t kArchiverNs = 50 * kNsPerMs;
// At the end: how often a failing disk is tried again.
constexpr int kEndTries = 20;

Result<std::set<formats::Id128>> sessions_in(FileSystem& files, const std::vector<std::string>& folders) {
  std::set<formats::Id128> out;
  for (const auto& folder : folders) {
    auto scan = scan_folder(files, folder);
    if (!scan) return scan.error();
    for (const auto& [id, name] : scan->sessions) out.insert(id);
    for (const auto& [id, name] : scan->rings) out.insert(id);
  }
  return out;
}

}  // namespace

struct Collector::Parts {
  Parts(Host given, const ConfigBox& box, ArchiveLayout where, RecoveredSegments recovered, std::uint64_t next_journal)
      : host(std::move(given)),
        config(box),
        layout(std::move(where)),
        archiver(host.files, host.clock, layout, host.new_id, box, host.notices, std::move(recovered)),
        journal(host.files, host.clock, layout, next_journal, box.get()->durability),
        answers(host.clock),
        context{host.files, host.clock, host.liveness, host.notices, journal, answers},
        since_ns(host.clock.realtime_ns()) {}

  void archive();

  Host host;
  const ConfigBox& config;
  ArchiveLayout layout;
  std::vector<std::unique_ptr<FolderLock>> locks;
  Archiver archiver;
  Journal journal;
  Answers answers;
  DrainContext context;
  std::unique_ptr<Drain> drain;
  std::int64_t since_ns;

  std::thread answers_thread;
  std::thread archiver_thread;
  std::thread drain_thread;
  std::atomic<bool> abandoned{false};  // the journal will never be finished
  bool drained = false;                // written by the drain's thread before it ends
  std::optional<Error> not_archived;   // written by the archiver's thread before it ends
};

Result<std::unique_ptr<Collector>> Collector::open(Host host, const ConfigBox& config, const std::string& archive,
                                                   const std::vector<std::string>& folders) {
  const ArchiveLayout layout(archive);
  FileSystem& files = host.files;
  std::vector<std::unique_ptr<FolderLock>> locks;
  const auto unusable = [&](const Error& error) {
    return Error{ErrorCode::io, "the archive " + archive + " cannot be used: " + error.text +
                                    "; let this user write there, or name another one with --archive"};
  };
  if (auto status = files.make_folder(archive, 0750); !status) return unusable(status.error());
  for (const auto& folder : folders) {
    auto lock = files.lock_folder(folder);
    if (!lock) return lock.error();
    locks.push_back(std::move(lock).value());
  }
  if (auto names = files.list(archive); !names) return unusable(names.error());
  auto lock = files.lock_folder(archive);
  if (!lock) return lock.error();
  locks.push_back(std::move(lock).value());
  for (const auto& folder : {layout.journal_folder(), layout.tier_folder(formats::Tier::hot)}) {
    if (auto status = files.make_folder(folder, 0750); !status) return unusable(status.error());
  }
  const Durability durability = config.get()->durability;
  if (durability == Durability::fsync) {
    // Files in folders that were just made are as safe as the folders' own names.
    for (const auto& folder : {parent_folder(archive), archive}) {
      if (auto status = files.sync_folder(folder); !status) return status.error();
    }
  }

  auto present = sessions_in(files, folders);
  if (!present) return present.error();
  auto old_journal = read_old_journal(files, layout, durability);
  if (!old_journal) return old_journal.error();
  auto wanted = *present;
  wanted.insert(old_journal->sessions.begin(), old_journal->sessions.end());
  auto recovered = recover_segments(files, layout, wanted, durability, host.notices);
  if (!recovered) return recovered.error();

  RingRemains remains(files, folders);
  const auto first_in_ring = [&remains](const formats::Id128& session, const RingKey& ring) {
    return remains.first_of(session, ring);
  };
  auto places = take_over(*old_journal, files, layout, durability, recovered->places, first_in_ring, host.notices);
  if (!places) return places.error();

  auto parts = std::make_unique<Parts>(std::move(host), config, layout, std::move(recovered).value(),
                                       old_journal->next_sequence);
  parts->locks = std::move(locks);
  parts->archiver.follow(*old_journal, std::move(*present));
  parts->drain = std::make_unique<Drain>(parts->context, config, archive, folders, std::move(*places));
  return std::unique_ptr<Collector>(new Collector(std::move(parts)));
}

Collector::Collector(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Collector::~Collector() {
  if (parts_->drain_thread.joinable()) {
    stop();
    (void)finish();
  }
}

void Collector::Parts::archive() {
  for (;;) {
    const JournalFront front = journal.front();
    if (!archiver.pump(front)) {
      if (front.finished || abandoned) break;
      host.clock.sleep_ns(kRetryNs);
      continue;
    }
    if (front.finished || abandoned) break;
    journal.wait_beyond(front, kArchiverBytes, kArchiverNs);
  }
  for (int i = 0; i < kEndTries; ++i) {
    if (i != 0) host.clock.sleep_ns(kRetryNs);
    not_archived.reset();
    if (!archiver.pump(journal.front())) {
      not_archived.emplace(Error{ErrorCode::io, host.notices.last_error()});
      continue;
    }
    const Status status = archiver.finish();
    if (status) return;
    not_archived.emplace(status.error());
  }
}

void Collector::start() {
  Parts& parts = *parts_;
  parts.answers_thread = std::thread([&parts] { parts.answers.run(); });
  parts.archiver_thread = std::thread([&parts] { parts.archive(); });
  parts.drain_thread = std::thread([&parts] { parts.drained = parts.drain->run(); });
}

void Collector::step() {
  Parts& parts = *parts_;
  parts.answers.set_immediate();
  parts.drain->pass();
  parts.answers.step();
  (void)parts.archiver.pump(parts.journal.front());  // what failed is said, and tried again
}

void Collector::stop() { parts_->drain->stop(); }

Status Collector::finish() {
  Parts& parts = *parts_;
  const bool has_threads = parts.drain_thread.joinable();
  if (has_threads) {
    parts.drain_thread.join();
  } else {
    parts.answers.set_immediate();
    parts.drain->stop();
    parts.drained = parts.drain->run();
  }
  Status journal_status = parts.journal.finish();
  for (int i = 1; !journal_status && parts.drained && i < kEndTries; ++i) {
    parts.host.clock.sleep_ns(kRetryNs);
    journal_status = parts.journal.finish();
  }
  if (!journal_status) parts.abandoned = true;
  parts.answers.stop();
  if (has_threads) {
    parts.answers_thread.join();
    parts.archiver_thread.join();
  } else {
    parts.archive();
  }
  if (!journal_status) return journal_status;
  if (parts.not_archived) return *parts.not_archived;
  if (!parts.drained) return Error{ErrorCode::io, parts.host.notices.last_error()};
  return Done{};
}

StatusReport Collector::status() const {
  const Parts& parts = *parts_;
  const DrainCounts drain = parts.drain->counts();
  const Archiver::Counts archive = parts.archiver.counts();
  StatusReport report;
  report.pid = ::getpid();
  report.since_ns = parts.since_ns;
  report.written_ns = parts.host.clock.realtime_ns();
  report.sessions = drain.sessions;
  report.rings = drain.rings;
  report.stored = drain.totals.stored;
  report.losses = drain.totals.losses;
  report.losses[static_cast<std::size_t>(formats::LossReason::corrupt)] += archive.damaged_ranges;
  report.lag_seconds = drain.lag_seconds;
  report.hot_bytes = archive.hot.bytes;
  report.hot_segments = archive.hot.segments;
  report.hot_records = archive.hot.records;
  report.hot_cost_per_month = parts.config.get()->hot_price_per_gib_month * static_cast<double>(archive.hot.bytes) /
                              static_cast<double>(1 << 30);
  report.journal_files = archive.journal_files;
  report.pending_records = archive.pending_records;
  report.slow_writes = parts.answers.slow_writes();
  for (const auto& [name, stored] : drain.totals.stored_by_service) report.services[name].stored = stored;
  for (const auto& [name, sessions] : drain.sessions_by_service) report.services[name].sessions = sessions;
  for (const auto& [name, counts] : archive.services) {
    report.services[name].segments = counts.segments;
    report.services[name].bytes = counts.bytes;
  }
  for (const auto& one : drain.quarantined) report.quarantined.emplace_back(one.path, one.reason);
  report.quarantines = drain.totals.quarantines;
  report.last_error = parts.host.notices.last_error();
  return report;
}

}  // namespace lmlog::collector
