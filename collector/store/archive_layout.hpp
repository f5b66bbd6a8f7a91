// SPDX-License-Identifier: Apache-2.0
// Where things lie in an archive folder, and how journal files and segments are named (journal-format.md,
// segment-format.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <lmlog/formats/id128.hpp>
#include <lmlog/formats/segment_layout.hpp>

namespace lmlog::collector {

class ArchiveLayout {
 public:
  explicit ArchiveLayout(std::string folder) : folder_(std::move(folder)) {}

  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
  [[nodiscard]] std::string journal_folder() const { return folder_ + "/journal"; }
  [[nodiscard]] std::string journal_file(std::uint64_t sequence) const;
  [[nodiscard]] std::string tier_folder(formats::Tier tier) const;
  /// `service` as the session gives it; the folder's name is its encoded form.
  [[nodiscard]] std::string service_folder(formats::Tier tier, std::string_view service) const;
  [[nodiscard]] std::string status_file() const { return folder_ + "/status.json"; }

 private:
  std::string folder_;
};

/// The sequence number of a journal file's name; nullopt when it is no such name.
[[nodiscard]] std::optional<std::uint64_t> journal_sequence_of(std::string_view name);

/// What a segment is called until its first block is written: without it the file says nothing that the journal does
/// not.
[[nodiscard]] inline std::string unfinished_name(const std::string& segment) { return segment + ".tmp"; }
/// The name is one of those.
[[nodiscard]] inline bool is_unfinished_segment(std::string_view name) { return name.ends_with(".lms.tmp"); }

/// "20261122T214415.123Z-0000000042-8f3a01c7.lms": sorts by time.
[[nodiscard]] std::string segment_file_name(std::int64_t created_ns, std::uint64_t sequence, const formats::Id128& id);

}  // namespace lmlog::collector
