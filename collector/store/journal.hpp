// SPDX-License-Identifier: Apache-2.0
// The living end of the journal: the drain appends entries and flushes them, the archiver follows what is flushed.
// Implements the writing side of formats/spec/journal-format.md.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include <lmlog/formats/journal_writer.hpp>

#include "collector/config/config.hpp"
#include "collector/host/clock.hpp"
#include "collector/host/file_system.hpp"
#include "collector/store/archive_layout.hpp"

namespace lmlog::collector {

/// How far the journal can be read: all files below `sequence` to their ends, and `bytes` of that one. With durability
/// fsync it is what was synced: what a failed sync dropped is written anew, and may be read as anything before.
struct JournalFront {
  std::uint64_t sequence = 0;
  std::uint64_t bytes = 0;
  bool finished = false;  // nothing more will come
};

/// What a journal file already holds of a session. Kept by the session's owner; the journal sees by the file's number
/// when it is stale.
struct JournalMark {
  std::uint64_t file = ~std::uint64_t{0};
  std::uint32_t number = 0;
  std::uint64_t catalog_bytes = 0;
  std::int64_t anchored_ns = 0;  // monotonic
};

/// Appending and flushing belong to one thread; `front` and `wait_beyond` may be called by any.
class Journal {
 public:
  /// A file is followed by the next when it is so long: old files can only go as a whole, so they must not be large.
  static constexpr std::uint64_t kFileBytes = std::uint64_t{32} << 20;

  Journal(FileSystem& files, const Clock& clock, ArchiveLayout layout, std::uint64_t first_sequence,
          Durability durability);

  /// Puts session and catalog into the current file, as far as they are not there. `catalog` are whole padded entries
  /// from the first on.
  void declare(JournalMark& mark, std::uint32_t uid, const formats::SessionDescriptor& descriptor,
               std::span<const std::byte> catalog);

  /// Entries go here; sessions must be declared before.
  [[nodiscard]] formats::JournalWriter& writer() noexcept { return writer_; }
  [[nodiscard]] std::uint64_t buffered_bytes() const noexcept { return writer_.bytes().size() - flushed_; }

  /// Writes what was appended. After an error nothing is forgotten: call it again.
  [[nodiscard]] Status flush();

  /// Goes on in a new file when the current one is long, or older than `max_age_ns` with something in it. For the
  /// moment when nothing is buffered, nor waits for `sync`.
  void turn_over(std::int64_t max_age_ns);

  /// With durability fsync: what was flushed survives a loss of power. After an error the file is never written or
  /// synced again: the kernel may have dropped what was not safe, and would call a second sync good. The next flush
  /// writes that anew, into the next file, as soon as this one could be cut to what is safe.
  [[nodiscard]] Status sync();
  /// Nothing waits for `sync`.
  [[nodiscard]] bool is_synced() const noexcept { return writer_.bytes().empty(); }

  /// Flushes, and tells the follower that nothing more will come.
  [[nodiscard]] Status finish();

  [[nodiscard]] JournalFront front() const;
  /// Returns when the front is `bytes` beyond `seen`, or in another file, or finished; or after `timeout_ns`.
  void wait_beyond(const JournalFront& seen, std::uint64_t bytes, std::int64_t timeout_ns) const;

 private:
  [[nodiscard]] Status open_file();
  void abandon_file();
  /// Cuts the abandoned file, and goes on to the next. After an error it is tried again.
  [[nodiscard]] Status leave_abandoned();
  /// Reads what the writer's bytes refer to in the file that was abandoned.
  [[nodiscard]] Status carry_declarations();
  void forget_flushed();
  void publish(bool finished);

  FileSystem& files_;
  const Clock& clock_;
  ArchiveLayout layout_;
  const bool keeps_until_synced_;
  formats::JournalWriter writer_;
  std::size_t flushed_ = 0;  // of the writer's bytes: they are kept until they are synced
  std::unique_ptr<File> file_;
  std::uint64_t sequence_;
  std::uint64_t bytes_ = 0;   // flushed into the current file
  std::uint64_t synced_ = 0;  // of these, with durability fsync
  std::uint32_t sessions_ = 0;
  std::int64_t begun_ns_ = 0;  // monotonic
  bool folder_synced_ = false;

  // After a failed sync. Session numbers are those of the abandoned file: its sessions and catalogs come along.
  std::unique_ptr<File> abandoned_;    // until they are read
  bool is_cut_ = false;                // to what is safe
  std::uint64_t abandoned_bytes_ = 0;  // that are safe there
  std::string carried_;                // until they are safe in the current file
  bool carried_is_flushed_ = false;

  mutable std::mutex mutex_;
  mutable std::condition_variable moved_;
  JournalFront front_;
};

}  // namespace lmlog::collector
