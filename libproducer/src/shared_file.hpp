// SPDX-License-Identifier: Apache-2.0
// A file of the rings folder that this process makes and maps: created under its .tmp name, backed, filled, locked if
// it is a session, and renamed. A forked child does not inherit the mapping, and so keeps no page of its parent's
// files.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <lmlog/formats/result.hpp>

#include "libproducer/src/ring_folder.hpp"

namespace lmlog::detail {

class SharedFile {
 public:
  /// Makes FOLDER/NAME.tmp with `bytes` of length, of which the first `backed_bytes` are allocated now, and maps it.
  /// The bytes read as zero. No signal may arrive in between (one would make a large allocation start again).
  [[nodiscard]] static formats::Result<SharedFile> create(const RingFolder& folder, const std::string& name,
                                                          std::uint64_t bytes, std::uint64_t backed_bytes);
  SharedFile(SharedFile&&) noexcept;
  SharedFile& operator=(SharedFile&&) noexcept;
  ~SharedFile();  // unmapped and closed; the .tmp is removed if it was never published

  [[nodiscard]] std::byte* data() const noexcept;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// False when the service closed the descriptor (daemons close what they do not know): its lock went with it, and the
  /// number may be another file's by now.
  [[nodiscard]] bool has_descriptor() const noexcept;
  /// False when somebody removed the file: what is written into it, nobody reads. Needs the descriptor.
  [[nodiscard]] bool has_name() const noexcept;
  /// Gives the range pages of its own; false when the file system has none left, or without the descriptor.
  [[nodiscard]] bool back(std::uint64_t offset, std::uint64_t bytes) noexcept;
  /// Touches every page of a range that reads as zero, so that no log call takes a page fault.
  void prefault(std::uint64_t offset, std::uint64_t bytes) noexcept;
  /// Takes the write lock on the first byte that says "this process lives".
  [[nodiscard]] bool lock() noexcept;
  [[nodiscard]] int descriptor() const noexcept;
  /// Closes the descriptor; the mapping stays. Never for a locked file: the lock would go with it.
  void close_descriptor() noexcept;
  /// Unmaps what lies behind the first `bytes`.
  void keep_only(std::uint64_t bytes) noexcept;
  /// In a forked child, of a parent's file: what is mapped at its addresses now is not ours.
  void forget_mapping() noexcept;
  /// Gives the file its final name.
  [[nodiscard]] formats::Status publish();

 private:
  struct Mapping;  // Boost's file_mapping and mapped_region
  SharedFile(std::unique_ptr<Mapping> mapping, std::string path) noexcept;

  std::unique_ptr<Mapping> mapping_;
  std::string path_;
  bool published_ = false;
};

}  // namespace lmlog::detail
