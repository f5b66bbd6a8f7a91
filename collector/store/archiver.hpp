// SPDX-License-Identifier: Apache-2.0
// Follows the journal and turns it into blocks and segments; removes journal files when all of them is in segments.
// The same code follows the files that an earlier collector left and then the living journal, while rings are drained:
// recovery is no special case.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <lmlog/formats/journal_reader.hpp>
#include <lmlog/formats/record_reader.hpp>

#include "collector/config/config.hpp"
#include "collector/host/notices.hpp"
#include "collector/store/anchor_history.hpp"
#include "collector/store/archived_ring.hpp"
#include "collector/store/journal.hpp"
#include "collector/store/old_journal.hpp"
#include "collector/store/service_archive.hpp"

namespace lmlog::collector {

/// Not thread-safe but for `counts`: before the archiver's thread starts, the starting thread; then that thread alone.
class Archiver {
 public:
  Archiver(FileSystem& files, const Clock& clock, const ArchiveLayout& layout, IdSource new_id, const ConfigBox& config,
           Notices& notices, RecoveredSegments recovered);
  ~Archiver();

  /// What to pump: the files of earlier collectors, and then those of this one. Rings of other sessions than `present`
  /// are gone: behind the old files checkpoints need not carry them.
  void follow(const OldJournal& journal, std::set<formats::Id128> present);

  /// Where the rings are by what was fed so far; behind the old files, where `take_over` said.
  [[nodiscard]] RingPlaces places() const;

  /// Feeds what the journal has up to `front`, cuts and writes the blocks that are due. False when a write failed and
  /// must be repeated.
  bool pump(const JournalFront& front);

  /// Cuts and writes everything, seals all segments, and removes the journal. Errors: io; may be repeated.
  [[nodiscard]] Status finish();

  /// Sums over the hot tier and journal; safe from any thread.
  struct Counts {
    TierCounts hot;
    std::map<std::string, TierCounts> services;
    std::uint64_t journal_files = 0;
    std::uint64_t pending_records = 0;
    std::uint64_t damaged_ranges = 0;  // found in the journal by this archiver
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Session {
    Session(const formats::SessionDescriptor& descriptor, std::uint32_t uid);
    formats::SessionCatalog catalog;
    AnchorHistory anchors;
    ServiceArchive* home = nullptr;
    std::uint64_t last_file = 0;  // newest journal file that names it
  };
  struct Ring {
    RingPlace fed;                              // what the block builders have been given
    std::optional<formats::RingPosition> held;  // what segments hold
    ServiceArchive* home = nullptr;
    bool ended = false;
  };
  /// A journal file while it is read.
  struct Following;

  /// Without a limit: all that the file has now.
  [[nodiscard]] Status open_following(std::uint64_t sequence, std::optional<std::uint64_t> limit);
  /// Feeds the files of earlier collectors. False when something failed and must be repeated.
  [[nodiscard]] bool pump_old_journal();
  /// Feeds all that can be read. False when a write failed: the entry at hand will be fed again.
  [[nodiscard]] bool read_following();
  /// Says so; false, as a function that could not go on because of it.
  bool cannot_read(std::uint64_t sequence, const Error& error);
  /// Says and counts what is new of it, behind all that its gaps gave rise to.
  void say_damage();
  [[nodiscard]] bool feed(const formats::JournalEntry& entry);
  void feed_session(const formats::JournalEntry& entry);
  void feed_catalog(Session& session, const formats::JournalEntry& entry);
  [[nodiscard]] bool feed_range(Session& session, const formats::JournalEntry& entry);
  void feed_losses(Session& session, const formats::JournalEntry& entry);
  static void add_anchor_of(Session& session, const formats::RecordView& record);
  [[nodiscard]] Ring& ring_of(Session& session, const formats::JournalEntry& entry);
  [[nodiscard]] ServiceArchive& home_of(const ServiceKey& key, const std::string& host);

  [[nodiscard]] bool cut(ServiceArchive& archive);
  [[nodiscard]] bool write_out(ServiceArchive& archive);
  [[nodiscard]] bool write_out_all();
  [[nodiscard]] bool cut_when_full(ServiceArchive& archive);
  [[nodiscard]] bool cut_what_is_due();
  [[nodiscard]] bool seal_beyond_bound();
  void remove_old_journal();
  /// Behind the old journal: rings whose sessions were not there at the start are ended.
  void forget_absent();
  void forget_idle_archives();
  void forget_ended();
  void update_counts();
  [[nodiscard]] std::vector<formats::RingPosition> checkpoint_of(const ServiceArchive& archive) const;
  [[nodiscard]] std::vector<formats::Anchor> anchors_of(const formats::SessionCatalog& catalog);

  FileSystem& files_;
  const Clock& clock_;
  ArchiveLayout layout_;
  const ConfigBox& config_box_;
  std::shared_ptr<const Config> config_;
  Notices& notices_;
  ArchiveTools tools_;

  std::map<ServiceKey, std::uint64_t> next_sequence_;
  std::map<ServiceKey, std::unique_ptr<ServiceArchive>> archives_;
  std::map<std::pair<std::uint32_t, formats::Id128>, std::unique_ptr<Session>> sessions_;
  std::unordered_map<RingKey, Ring, RingKeyHash> rings_;
  std::set<std::uint64_t> journal_files_;  // opened here, to be removed when all is archived
  std::unique_ptr<Following> following_;
  std::deque<std::uint64_t> old_files_;  // of earlier collectors, to follow first; the current one is still here
  std::set<formats::Id128> present_;     // sessions that were there at the start
  std::uint64_t next_file_ = 0;          // of the journal, to follow after the current one
  std::uint64_t damaged_ranges_ = 0;

  mutable std::mutex counts_mutex_;
  Counts counts_;
};

}  // namespace lmlog::collector
