// SPDX-License-Identifier: Apache-2.0
// Nothing is read while the journal cannot be written: rings are the buffer then, and their producers' policies decide.
#include "collector/drain/drain.hpp"

#include <algorithm>

#include <lmlog/formats/mutant.hpp>
#include <lmlog/formats/ring_layout.hpp>

#include "collector/attach/shared_word.hpp"
#include "collector/drain/loss_reports.hpp"

namespace lmlog::collector {

namespace {

// So much is collected from the rings before it is written: few system calls, little memory.
constexpr std::uint64_t kFlushBytes = std::uint64_t{1} << 20;
// While thousands of services start, names come all the time: scans take a tenth of it.
constexpr std::int64_t kScanShare = 10;
// Idle losses and counts are looked at so often; less often when there are so many sessions that it takes long.
constexpr std::int64_t kLookNs = 100 * kNsPerMs;
constexpr std::int64_t kLookPerSessionNs = 100 * kNsPerUs;
constexpr std::int64_t kIdleLossNs = kNsPerSecond;
// A pause grows to this many poll intervals while nothing comes.
constexpr std::int64_t kMaxBackOff = 8;
// At the end: how long a failing disk, a ring that cannot be read, or a session that cannot be removed is waited for.
constexpr std::int64_t kEndPatienceNs = 5 * kNsPerSecond;
// At the end: how long for files that cannot be opened. Some can never be.
constexpr std::int64_t kOpeningPatienceNs = kNsPerSecond;

}  // namespace

Drain::Drain(DrainContext& context, const ConfigBox& config, const std::string& archive_folder,
             const std::vector<std::string>& folders, RingPlaces archived)
    : context_(context),
      config_box_(config),
      archive_folder_(archive_folder),
      table_(context, folders, std::move(archived)),
      rings_(
          context, [this](const AttachedSession& session) { return table_.catalog_limits(session); },
          [this](AttachedSession& session) { table_.note_catalog(session); }),
      retirement_(
          context, table_, [this] { return make_safe(true); },
          [this](const Retirement::Gone& gone) {
            rounds_.forget([&](const AttachedSession& session) { return gone.contains(&session); });
          }),
      folders_(folders) {
  context_.config = config.get();
  watch_folders();
  table_.set_on_attach(
      [this](AttachedSession& session) {
        (void)rings_.read_catalog(session);
        const bool same_boot = session.descriptor.boot_id == context_.clock.boot_id();
        context_.answers.attach(session.descriptor.session_id, session.file, session.uid,
                                same_boot ? session.descriptor.clock : 0);
      },
      [this](AttachedSession& session, AttachedRing& ring) { rounds_.add(session, ring); });
}

void Drain::watch_folders() {
  // Without a watch the scans find what is new, later; the next one may get it.
  if (is_watching_) return;
  watch_ = context_.files.make_watch();
  is_watching_ = true;
  for (const auto& folder : folders_) is_watching_ = watch_->add(folder) && is_watching_;
}

bool Drain::pass() {
  context_.config = config_box_.get();
  context_.quotas.set_limit(ending_ ? 0 : context_.config->bytes_per_second);
  const std::int64_t now = context_.clock.monotonic_ns();
  moved_ = false;
  if (journal_fails_ && now < retry_ns_) return false;
  if (!has_space(now) || !flush()) {
    update_counts();
    return false;
  }
  scan_if_due(now);
  const bool more = drain_rings(now);
  if (!flush() || !make_safe(false)) return false;
  retirement_.look(ending_);
  if (now - looked_ns_ >= look_interval()) {
    looked_ns_ = now;
    see_to_losses(now);
    update_counts();
  }
  return more;
}

void Drain::scan_if_due(std::int64_t now) {
  has_new_names_ = watch_->take_change() || has_new_names_;
  const bool is_costly = now - table_.scanned_ns() < kScanShare * scan_cost_ns_;
  if (now < table_.next_scan_ns() && (!has_new_names_ || is_costly)) return;
  has_new_names_ = false;
  watch_folders();
  (void)table_.scan();
  scan_cost_ns_ = context_.clock.monotonic_ns() - table_.scanned_ns();
}

std::int64_t Drain::look_interval() const {
  return std::max(kLookNs, static_cast<std::int64_t>(table_.sessions().size()) * kLookPerSessionNs);
}

bool Drain::drain_rings(std::int64_t now) {
  bool more = false;
  rounds_.pass(now, ending_, [&](AttachedSession& session, AttachedRing& ring) {
    const Turn turn = rings_.turn(session, ring);
    moved_ = moved_ || turn != Turn::nothing;
    more = more || turn == Turn::more;
    if (context_.journal.buffered_bytes() >= kFlushBytes && !flush()) {
      more = false;
      return RingRounds::Read::stop;
    }
    return turn == Turn::nothing ? RingRounds::Read::nothing : RingRounds::Read::moved;
  });
  return more;
}

void Drain::see_to_losses(std::int64_t now) {
  for (const auto& session : table_.sessions()) {
    if (session->life != Life::living) continue;
    if (now - session->losses_read_ns >= kIdleLossNs) {
      session->losses_read_ns = now;
      report_session_losses(context_, *session);
    }
    for (const auto& ring : session->rings) {
      const bool is_idle = ring->head == ring->position && now - ring->moved_ns >= kIdleLossNs;
      if (!is_idle || now - ring->losses_read_ns < kIdleLossNs) continue;
      ring->losses_read_ns = now;
      report_ring_losses(context_, *session, *ring, false);
    }
  }
}

bool Drain::flush() {
  const std::string subject = "journal";
  const auto status = context_.journal.flush();
  journal_fails_ = !status;
  if (!status) {
    retry_ns_ = context_.clock.monotonic_ns() + kRetryNs;
    context_.notices.warn_once(subject,
                               "the journal cannot be written: " + status.error().text +
                                   ". Nothing is drained until it can; producers keep what fits into their rings");
    return false;
  }
  context_.notices.settle(subject, "the journal can be written again");
  if (formats::mutant(formats::Mutant::tail_before_sync)) context_.answers.release(context_.tails);
  if (context_.config->durability == Durability::write) {
    context_.answers.release(context_.tails);
    context_.journal.turn_over(2 * static_cast<std::int64_t>(context_.config->block_seconds) * kNsPerSecond);
  }
  return true;
}

bool Drain::make_safe(bool now) {
  if (!flush()) return false;
  if (context_.config->durability == Durability::write) return true;
  const std::int64_t time = context_.clock.monotonic_ns();
  const auto interval = static_cast<std::int64_t>(context_.config->flush_interval_ms) * kNsPerMs;
  const bool is_safe = context_.journal.is_synced() && context_.tails.empty();
  if (is_safe || (!now && time - synced_ns_ < interval)) return true;
  const auto status = context_.journal.sync();
  synced_ns_ = time;
  if (!status) {
    journal_fails_ = true;
    retry_ns_ = time + kRetryNs;
    context_.notices.warn_once(
        "journal sync", "the journal cannot be synced: " + status.error().text + ". Tails are released when it can");
    return false;
  }
  context_.notices.settle("journal sync", "the journal can be synced again");
  context_.answers.release(context_.tails);
  context_.journal.turn_over(2 * static_cast<std::int64_t>(context_.config->block_seconds) * kNsPerSecond);
  return true;
}

bool Drain::has_space(std::int64_t now) {
  if (context_.config->min_free == 0) return true;
  if (now - space_seen_ns_ < kRetryNs) return has_space_;
  space_seen_ns_ = now;
  const auto free = context_.files.free_bytes(archive_folder_);
  has_space_ = !free || *free >= context_.config->min_free;
  if (has_space_) {
    context_.notices.settle("min_free", "the archive has room again");
  } else {
    context_.notices.warn_once("min_free", archive_folder_ + " has less than collector.min_free left (" +
                                               std::to_string(*free) +
                                               " bytes): nothing is drained until there is room");
  }
  return has_space_;
}

bool Drain::run() {
  std::int64_t back_off = 1;
  while (!stopping_.load(std::memory_order_relaxed)) {
    if (pass()) continue;
    back_off = moved_ || retirement_.is_busy() ? 1 : std::min(back_off * 2, kMaxBackOff);
    context_.clock.sleep_ns(back_off * static_cast<std::int64_t>(context_.config->poll_interval_us) * kNsPerUs);
  }
  return drain_to_heads();
}

bool Drain::drain_to_heads() {
  ending_ = true;
  looked_ns_ = 0;  // ends are looked for at once
  (void)table_.scan();
  const std::int64_t begun = context_.clock.monotonic_ns();
  std::int64_t moved_at = begun;
  bool drained = is_drained_to_end();
  for (;;) {
    pass();
    const std::int64_t now = context_.clock.monotonic_ns();
    if (moved_) moved_at = now;
    if (journal_fails_ || !has_space_) {
      if (now - begun >= kEndPatienceNs) return false;
    } else if (drained = is_drained_to_end(); drained) {
      const bool waits_for_files = table_.is_incomplete() && now - begun < kOpeningPatienceNs;
      if (!waits_for_files && (!retirement_.is_busy() || now - begun >= kEndPatienceNs)) break;
    } else if (now - moved_at >= kEndPatienceNs) {
      break;
    }
    if (!moved_) context_.clock.sleep_ns(kNsPerMs);
  }
  bool safe = make_safe(true);
  while (!safe && context_.clock.monotonic_ns() - begun < kEndPatienceNs) {
    context_.clock.sleep_ns(kRetryNs);
    safe = make_safe(true);
  }
  update_counts();
  return safe && drained && table_.listed_ns() == table_.scanned_ns();
}

bool Drain::is_drained_to_end() const {
  bool is_drained = true;
  // A ring that is gone was drained, or it could not have gone.
  for (const auto& session : table_.sessions()) {
    if (session->is_quarantined()) continue;
    for (const auto& ring : session->rings) {
      // A living producer goes on for ever: what it had published when it was first seen here is taken.
      std::uint64_t head = 0;
      if (!ring->end && read_word(*ring->file, formats::kHeadOffset, head)) ring->end = head;
      is_drained = is_drained && ring->end && ring->position >= *ring->end;
    }
  }
  return is_drained;
}

void Drain::update_counts() {
  DrainCounts counts;
  counts.totals = context_.totals;
  const std::int64_t now = context_.clock.monotonic_ns();
  for (const auto& session : table_.sessions()) {
    counts.sessions += 1;
    counts.rings += session->rings.size();
    counts.sessions_by_service[std::string(session->service())] += 1;
    if (session->is_quarantined()) continue;
    for (const auto& ring : session->rings)
      counts.lag_seconds = std::max(counts.lag_seconds, static_cast<double>(now - ring->caught_up_ns) * 1e-9);
  }
  counts.quarantined = table_.quarantined();
  const std::lock_guard lock(counts_mutex_);
  counts_ = std::move(counts);
}

DrainCounts Drain::counts() const {
  const std::lock_guard lock(counts_mutex_);
  return counts_;
}

}  // namespace lmlog::collector
