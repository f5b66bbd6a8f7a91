// SPDX-License-Identifier: Apache-2.0
// The collector's only way to files: those of producers, of the journal and of segments. A seam (with Clock and
// Liveness), so that the whole daemon can run against a simulated disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <lmlog/formats/byte_source.hpp>
#include <lmlog/formats/result.hpp>

namespace lmlog::collector {

using formats::Done;
using formats::Error;
using formats::ErrorCode;
using formats::Result;
using formats::Status;

struct FileInfo {
  bool is_regular = false;
  bool is_folder = false;
  bool is_link = false;
  std::uint32_t mode = 0;  // permission bits, with sticky and set-id bits
  std::uint32_t uid = 0;
  std::uint64_t links = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // realtime
};

/// An open file. Calls with an offset are safe from several threads. Every error is `io` and names the path.
class File : public formats::ByteSource {
 public:
  /// Writes all of `bytes` at `offset`, or fails; after a failure any part of them may have been written.
  [[nodiscard]] virtual Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  /// What was written before survives a loss of power.
  [[nodiscard]] virtual Status sync() = 0;
  [[nodiscard]] virtual Status truncate(std::uint64_t bytes) = 0;
  [[nodiscard]] virtual Result<FileInfo> info() const = 0;
  /// For Liveness; -1 where there is none.
  [[nodiscard]] virtual int descriptor() const noexcept = 0;
};

/// Released with the object.
class FolderLock {
 public:
  virtual ~FolderLock() = default;
};

/// A hint that names appeared in folders. They are scanned every second all the same: a hint may be lost. Not
/// thread-safe.
class FolderWatch {
 public:
  virtual ~FolderWatch() = default;
  /// False when the folder cannot be watched: the scan alone finds what is new.
  virtual bool add(const std::string& folder) = 0;
  /// True when something happened since the last call. Never blocks.
  [[nodiscard]] virtual bool take_change() = 0;
};

enum class OpenFor : std::uint8_t {
  reading,
  writing,    // an existing file of our own, read and write
  creating,   // must not exist yet
  answering,  // somebody else's: read and write, follows no link, never blocks
};

/// Thread-safe. Errors: not_found where the name does not exist, else io; the text names the path.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenFor purpose) = 0;
  /// Names (not paths) in the folder, sorted, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  /// Of the name itself: a link is not followed.
  [[nodiscard]] virtual Result<FileInfo> info(const std::string& path) = 0;
  [[nodiscard]] virtual Status rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Status remove(const std::string& path) = 0;
  /// Makes the folder and those above it; fine when it exists. `mode` is that of the last one when it is made.
  [[nodiscard]] virtual Status make_folder(const std::string& path, std::uint32_t mode) = 0;
  /// Names made, renamed or removed in it survive a loss of power.
  [[nodiscard]] virtual Status sync_folder(const std::string& path) = 0;
  /// Bytes that this process may still write there.
  [[nodiscard]] virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
  [[nodiscard]] virtual Result<bool> is_tmpfs(const std::string& path) = 0;
  [[nodiscard]] virtual Result<bool> has_default_acl(const std::string& path) = 0;
  /// One holder at a time, system-wide; the error says which process holds it, where that can be known.
  [[nodiscard]] virtual Result<std::unique_ptr<FolderLock>> lock_folder(const std::string& path) = 0;
  [[nodiscard]] virtual std::unique_ptr<FolderWatch> make_watch() = 0;
};

/// The folder that holds the name `path`; "." for a name alone.
[[nodiscard]] inline std::string parent_folder(const std::string& path) {
  const std::size_t last = path.find_last_not_of('/');
  const std::size_t cut = path.rfind('/', last);
  if (cut == std::string::npos) return ".";
  return cut == 0 ? "/" : path.substr(0, cut);
}

}  // namespace lmlog::collector
