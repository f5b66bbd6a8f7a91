// SPDX-License-Identifier: Apache-2.0
// The files of the machine, with a disk below the archive that fails when the test says so, and that knows what a loss
// of power would take.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/host/posix_file_system.hpp"
#include "tests/libproducer/sanitized.hpp"

namespace lmlog::collector::testing {

/// Tests that let each call fail in turn take every call, but for sanitizers, under which each life takes a tenth of a
/// second: every fifth.
#ifdef LMLOG_TEST_SANITIZED
inline constexpr std::uint64_t kCallStride = 5;
#else
inline constexpr std::uint64_t kCallStride = 1;
#endif

/// One disk; shared by the file system and its open files. It outlives collectors, as the page cache does.
struct SimulatedDisk {
  // Which calls fail.
  std::string failing_writes;              // those to files whose path contains this; empty: none
  std::string scope;                       // calls below this folder are counted; empty: none
  std::uint64_t calls = 0;                 // so far
  std::optional<std::uint64_t> fail_at{};  // this call fails (the first is 1)
  bool fails_for_good = false;             // and all behind it
  // Told of each read before it is done: what another process does meanwhile.
  std::function<void(const std::string& path, std::uint64_t offset)> before_read{};

  // What was not synced. A name is that of a file or folder.
  struct Name {
    bool name_is_synced = false;
    std::optional<std::uint64_t> unsynced_from{};  // written behind the last sync
    std::optional<std::uint64_t> lost_from{};      // a sync failed: gone from the disk until it is written anew
  };
  std::map<std::string, Name> names;
  std::map<std::string, std::string> renamed;  // open files keep the name that they were opened by
  std::vector<std::string> promises_broken;    // what a loss of power at that moment would have lost

  /// An error when this call is to fail.
  [[nodiscard]] Status call(const std::string& what, const std::string& path);
  [[nodiscard]] std::string name_of(const std::string& path) const;
  [[nodiscard]] bool is_safe(const std::string& path) const;
  /// All known files with this suffix must be safe now.
  void expect_safe(const std::string& suffix, const std::string& why);
};

class FailingFiles final : public FileSystem {
 public:
  /// Writes to files whose path contains `part` fail from now on; empty: none do.
  void fail_writes_to(std::string part) { disk->failing_writes = std::move(part); }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenFor purpose) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<FileInfo> info(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status make_folder(const std::string& path, std::uint32_t mode) override;
  Status sync_folder(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override {
    return free ? Result<std::uint64_t>(*free) : files_.free_bytes(path);
  }
  Result<bool> is_tmpfs(const std::string& path) override { return files_.is_tmpfs(path); }
  Result<bool> has_default_acl(const std::string& path) override { return files_.has_default_acl(path); }
  Result<std::unique_ptr<FolderLock>> lock_folder(const std::string& path) override { return files_.lock_folder(path); }
  std::unique_ptr<FolderWatch> make_watch() override;

  std::shared_ptr<SimulatedDisk> disk = std::make_shared<SimulatedDisk>();
  bool has_watch = true;             // closing one takes the kernel milliseconds
  std::string unremovable;           // names that contain this cannot be removed; empty: none
  std::string unreachable;           // paths that end so cannot be opened, listed or looked at; empty: none
  std::vector<std::string> removed;  // in order
  std::optional<std::uint64_t> free;

 private:
  [[nodiscard]] Status call(const std::string& what, const std::string& path);

  PosixFileSystem files_;
};

}  // namespace lmlog::collector::testing
