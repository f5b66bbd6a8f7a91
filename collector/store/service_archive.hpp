// SPDX-License-Identifier: Apache-2.0
// The hot end of one service of one user: the block that grows, and the segment that it will be appended to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <lmlog/formats/block_builder.hpp>
#include <lmlog/formats/segment_writer.hpp>

#include "collector/config/config.hpp"
#include "collector/host/clock.hpp"
#include "collector/host/file_system.hpp"
#include "collector/host/random_id.hpp"
#include "collector/store/archive_layout.hpp"
#include "collector/store/segment_recovery.hpp"

namespace lmlog::collector {

/// What an archive of a service needs from its surroundings. References live as long as the archiver.
struct ArchiveTools {
  FileSystem& files;
  const Clock& clock;
  const ArchiveLayout& layout;
  IdSource new_id;
  std::function<std::vector<formats::Anchor>(const formats::SessionCatalog&)> anchors_of;
};

/// Not thread-safe: the archiver's thread alone.
class ServiceArchive {
 public:
  ServiceArchive(ArchiveTools& tools, ServiceKey key, std::string host, std::uint64_t next_sequence);

  [[nodiscard]] const ServiceKey& key() const noexcept { return key_; }
  [[nodiscard]] formats::BlockBuilder& builder() noexcept { return builder_; }
  [[nodiscard]] const formats::BlockBuilder& builder() const noexcept { return builder_; }

  /// To be called before something is added to the builder: the block's age and its oldest journal file.
  void note_pending(std::uint64_t journal_sequence, const Config& config);
  /// Oldest journal file with something that is in no segment yet; nullopt: none.
  [[nodiscard]] std::optional<std::uint64_t> oldest_journal() const noexcept { return oldest_journal_; }
  [[nodiscard]] std::int64_t pending_since_ns() const noexcept { return pending_since_ns_; }  // monotonic

  /// Counts records of statements that were added to the builder.
  void note_statements(std::uint64_t records) noexcept { pending_statements_ += records; }
  /// In the block that grows.
  [[nodiscard]] std::uint64_t pending_statements() const noexcept { return pending_statements_; }

  /// Turns the pending records into a block of the segment; begins one with `checkpoint` if none is open. The bytes are
  /// not written yet. Only when `is_written()`. Gives the places that the block reached.
  [[nodiscard]] std::vector<formats::RingSummary> cut(
      const std::function<std::vector<formats::RingPosition>()>& checkpoint);
  /// Ends the open segment. The bytes are not written yet. Only when `is_written()`.
  void seal();

  /// Writes what `cut` and `seal` left, and syncs if asked to. Can be repeated after an error; after one of a sync it
  /// goes on in a copy of the file.
  [[nodiscard]] Status write_out(bool sync);
  [[nodiscard]] bool is_written() const noexcept { return unwritten_.empty(); }

  [[nodiscard]] bool has_open_segment() const noexcept { return writer_.has_value(); }
  [[nodiscard]] std::int64_t begun_ns() const noexcept { return begun_ns_; }  // monotonic, of the open segment
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_sequence_; }
  /// By size or age (receive time), and only with a block in it.
  [[nodiscard]] bool is_due_for_rotation(const Config& config) const;

  /// Written since the last call, for the tier's sums.
  [[nodiscard]] TierCounts take_written();

 private:
  [[nodiscard]] Status open_file();
  /// Gives the file its name, when its first block is as safe as it will be.
  [[nodiscard]] Status name_file(bool sync);
  [[nodiscard]] Status write_and_sync(std::span<const std::byte> bytes);

  ArchiveTools& tools_;
  ServiceKey key_;
  std::string host_;
  std::uint64_t next_sequence_;

  formats::BlockBuilder builder_;
  std::optional<std::uint64_t> oldest_journal_;
  std::int64_t pending_since_ns_ = 0;
  std::uint64_t pending_statements_ = 0;

  std::optional<formats::SegmentWriter> writer_;
  std::string path_;
  std::unique_ptr<File> file_;
  bool has_name_ = false;      // else it is `unfinished_name(path_)`
  std::int64_t begun_ns_ = 0;  // monotonic
  std::uint64_t file_bytes_ = 0;
  bool is_given_up_ = false;  // a sync failed: nothing behind `file_bytes_` is there
  std::string unwritten_;
  std::uint64_t unwritten_records_ = 0;
  bool sealed_ = false;  // what is unwritten ends with the footer
  TierCounts written_;
};

}  // namespace lmlog::collector
