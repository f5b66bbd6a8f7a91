// SPDX-License-Identifier: Apache-2.0
// Where copies of rings are kept while they are read: in memory up to a bound, then in a temporary file without a name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "decoder/read/file_source.hpp"
#include "lmlog/formats/byte_source.hpp"

namespace lmlog::decoder {

/// Append-only. Not thread-safe.
class SnapshotStore final : public formats::ByteSource {
 public:
  explicit SnapshotStore(std::size_t memory_bound) : memory_bound_(memory_bound) {}

  /// Errors: io (no temporary file can be had, or its disk is full).
  [[nodiscard]] formats::Status append(std::span<const std::byte> bytes);

  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
  [[nodiscard]] bool spilled() const noexcept { return file_ != nullptr; }

  [[nodiscard]] formats::Result<std::uint64_t> size() const override { return end_; }
  [[nodiscard]] formats::Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  [[nodiscard]] formats::Status spill();

  std::size_t memory_bound_;
  std::uint64_t end_ = 0;
  std::string memory_;  // empty once there is a file
  std::unique_ptr<FileSource> file_;
};

/// A new file without a name in $TMPDIR, or /var/tmp or /tmp. Errors: io.
[[nodiscard]] formats::Result<std::unique_ptr<FileSource>> open_temporary();

/// Writes everything at `offset`. Errors: io.
[[nodiscard]] formats::Status write_exactly(const FileSource& file, std::uint64_t offset,
                                            std::span<const std::byte> bytes);

}  // namespace lmlog::decoder
