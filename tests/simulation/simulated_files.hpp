// SPDX-License-Identifier: Apache-2.0
// The collector's FileSystem on the simulated disk: each call takes time, may fail, stall, or be the last one of the
// process; producers move between the calls.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "collector/host/file_system.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/simulated_clock.hpp"
#include "tests/simulation/trace.hpp"

namespace lmlog::collector::simulation {

/// Thrown out of a call: the process is gone (SIGKILL, or the power). Nobody catches it but the world.
struct EndOfProcess {};

/// What befalls the calls of one process. A chance of 0: never.
struct Faults {
  std::uint64_t fail_one_in = 0;                                           // calls to the archive and to names
  std::uint64_t stall_one_in = 0;                                          // any call: up to three seconds
  std::uint64_t move_one_in = 0;                                           // producers move before any call
  std::optional<std::uint64_t> end_at;                                     // the process ends in its n-th call …
  enum class Of : std::uint8_t { all, changes, syncs } counted = Of::all;  // … of these; the last two: of the archive
  std::optional<std::uint64_t> capacity;                                   // of the archive's disk
};

class SimulatedFiles final : public FileSystem {
 public:
  SimulatedFiles(Disk& disk, Random& random, SimulatedClock& clock, Trace& trace, std::string rings)
      : disk_(disk), random_(random), clock_(clock), trace_(trace), rings_(std::move(rings)) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenFor purpose) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<FileInfo> info(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status make_folder(const std::string& path, std::uint32_t mode) override;
  Status sync_folder(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;
  Result<bool> is_tmpfs(const std::string& path) override { return is_ring_path(path); }
  Result<bool> has_default_acl(const std::string&) override { return false; }
  Result<std::unique_ptr<FolderLock>> lock_folder(const std::string& path) override;
  std::unique_ptr<FolderWatch> make_watch() override;

  /// A new process: nothing is locked, no call was made.
  void begin_process(const Faults& faults);

  /// Before each call. The error of a call that is to fail; throws where the process ends.
  [[nodiscard]] Status call(const char* what, const std::string& path, std::uint64_t a = 0, std::uint64_t b = 0,
                            bool may_fail = true);
  /// False when the disk is too full for so many more bytes.
  [[nodiscard]] bool has_room(const Node& node, std::uint64_t end) const;
  [[nodiscard]] bool is_ring_path(const std::string& path) const { return path.starts_with(rings_); }
  [[nodiscard]] Random& random() noexcept { return random_; }
  /// The process ends within the write that is about to be made.
  [[nodiscard]] bool ends_now() const noexcept {
    return faults_.end_at && faults_.counted != Faults::Of::syncs && counted_ + 1 >= *faults_.end_at;
  }
  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }
  [[nodiscard]] std::uint64_t failed() const noexcept { return failed_; }

  std::function<void()> producers_move;
  std::uint64_t ring_names_changed = 0;  // counted by producers: what a watch sees

 private:
  Disk& disk_;
  Random& random_;
  SimulatedClock& clock_;
  Trace& trace_;
  std::string rings_;
  Faults faults_;
  std::uint64_t calls_ = 0;
  std::uint64_t counted_ = 0;  // of those that the faults count
  std::uint64_t failed_ = 0;
  std::uint64_t fail_further_ = 0;  // a fault that lasts: so many calls
  bool ended_ = false;
  std::set<std::string> locked_;
};

}  // namespace lmlog::collector::simulation
