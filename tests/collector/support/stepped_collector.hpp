// SPDX-License-Identifier: Apache-2.0
// The real collector on real files, in one thread, with a clock that the test moves and lives that the test gives.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "collector/collector.hpp"
#include "collector/config/config_keys.hpp"
#include "collector/host/posix_file_system.hpp"

namespace lmlog::collector::testing {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t realtime_ns() const override { return 4'000'000'000'000'000'000 + now_; }
  [[nodiscard]] std::int64_t monotonic_ns() const override { return now_; }
  [[nodiscard]] formats::Anchor anchor() const override {
    return {static_cast<std::uint64_t>(3 * now_), realtime_ns(), now_};
  }
  [[nodiscard]] formats::Id128 boot_id() const override { return {}; }
  void sleep_ns(std::int64_t duration) const override { now_ += duration; }
  void advance(std::int64_t duration) { now_ += duration; }

 private:
  mutable std::atomic<std::int64_t> now_{1'000 * kNsPerSecond};
};

/// All live until they are said to be dead.
class GivenLives final : public Liveness {
 public:
  void kill_all() { all_dead_ = true; }
  void unlock_all() { locked_ = false; }
  [[nodiscard]] int lock_holder(const File&) const override { return all_dead_ || !locked_ ? 0 : 4711; }
  [[nodiscard]] bool may_run(std::uint32_t) const override { return !all_dead_; }

 private:
  bool all_dead_ = false;
  bool locked_ = true;
};

/// The files of the machine, until the test says that writing to the archive fails.
class FailingFiles final : public FileSystem {
 public:
  /// Writes to files whose path contains `part` fail from now on; empty: none do.
  void fail_writes_to(std::string part) { *failing_ = std::move(part); }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenFor purpose) override;
  Result<std::vector<std::string>> list(const std::string& folder) override { return files_.list(folder); }
  Result<FileInfo> info(const std::string& path) override { return files_.info(path); }
  Status rename(const std::string& from, const std::string& to) override { return files_.rename(from, to); }
  Status remove(const std::string& path) override {
    removed.push_back(path);
    return files_.remove(path);
  }
  Status make_folder(const std::string& path, std::uint32_t mode) override { return files_.make_folder(path, mode); }
  Status sync_folder(const std::string& path) override { return files_.sync_folder(path); }
  Result<std::uint64_t> free_bytes(const std::string& path) override {
    return free ? Result<std::uint64_t>(*free) : files_.free_bytes(path);
  }
  Result<bool> is_tmpfs(const std::string& path) override { return files_.is_tmpfs(path); }
  Result<bool> has_default_acl(const std::string& path) override { return files_.has_default_acl(path); }
  Result<std::unique_ptr<FolderLock>> lock_folder(const std::string& path) override { return files_.lock_folder(path); }

  std::vector<std::string> removed;  // in order
  std::optional<std::uint64_t> free;

 private:
  PosixFileSystem files_;
  std::shared_ptr<std::string> failing_ = std::make_shared<std::string>();
};

/// A collector that can be stepped, killed (its object goes, without a word to the files) and started again on the same
/// folders.
class SteppedCollector {
 public:
  SteppedCollector(std::string archive, std::string rings);

  /// Opens it; a failure throws.
  void start();
  /// As SIGKILL: nothing is flushed or sealed.
  void kill();
  /// As SIGTERM.
  [[nodiscard]] Status end();

  void step(int rounds = 1);
  /// Steps and moves the clock, so that everything that waits for time happens.
  void step_for(std::int64_t duration);

  [[nodiscard]] bool said(const std::string& part) const;

  ManualClock clock;
  GivenLives lives;
  FailingFiles files;
  Config config = default_config();
  std::vector<std::string> sentences;
  std::unique_ptr<Notices> notices;
  std::unique_ptr<ConfigBox> box;
  std::unique_ptr<Collector> collector;

 private:
  std::string archive_;
  std::string rings_;
};

}  // namespace lmlog::collector::testing
