// SPDX-License-Identifier: Apache-2.0
// A file of the archive or a ring, opened once and read with pread: safe however the other side writes, cuts or
// unlinks it meanwhile.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/result.hpp"

namespace lmlog::decoder {

class FileSource final : public formats::ByteSource {
 public:
  /// `-` is standard input. Errors: not_found, io (with the system's reason), not_ours (no regular file).
  [[nodiscard]] static formats::Result<std::shared_ptr<FileSource>> open(const std::string& path);
  /// Takes over a descriptor.
  FileSource(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  /// From now on the file ends there for who reads it, though it may grow. Not thread-safe beside reads.
  void end_at(std::uint64_t bytes) noexcept { end_ = bytes; }

  [[nodiscard]] formats::Result<std::uint64_t> size() const override;
  [[nodiscard]] formats::Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
  std::string path_;
  std::uint64_t end_ = std::numeric_limits<std::uint64_t>::max();
};

/// Fills `out` from `offset`; an error when the source is shorter (truncated) or cannot be read (io).
[[nodiscard]] formats::Status read_exactly(const formats::ByteSource& source, std::uint64_t offset,
                                           std::span<std::byte> out);

/// Large archives need a descriptor for each file: takes what the system allows without being asked.
void raise_descriptor_limit() noexcept;

/// The system's words for `number`.
[[nodiscard]] std::string system_reason(int number);

}  // namespace lmlog::decoder
