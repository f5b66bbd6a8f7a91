// SPDX-License-Identifier: Apache-2.0
// What is written reaches the files at once; that it was not synced is only noted.
#include "tests/collector/support/failing_files.hpp"

#include <algorithm>

#include <lmlog/formats/ring_layout.hpp>

namespace lmlog::collector::testing {

namespace {

class FailingFile final : public File {
 public:
  FailingFile(std::unique_ptr<File> file, std::string path, std::shared_ptr<SimulatedDisk> disk)
      : file_(std::move(file)), path_(std::move(path)), disk_(std::move(disk)) {}

  Result<std::uint64_t> size() const override {
    if (auto status = disk_->call("look at", path_); !status) return status.error();
    return file_->size();
  }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (disk_->before_read) disk_->before_read(path_, offset);
    if (auto status = disk_->call("read", path_); !status) return status.error();
    return file_->read_at(offset, out);
  }
  Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    const bool is_tail = path_.ends_with(".ring") && offset == formats::kTailOffset;
    if (is_tail) disk_->expect_safe(".lmj", "a tail was released");
    expect_trusted("written");
    if (const auto name = disk_->names.find(disk_->name_of(path_)); name != disk_->names.end()) {
      auto& [is_synced, unsynced, lost] = name->second;
      unsynced = std::min(unsynced.value_or(offset), offset);
      if (lost && offset <= *lost) lost.reset();
    }
    auto status = disk_->call("write", path_);
    if (status && !disk_->failing_writes.empty() && path_.find(disk_->failing_writes) != std::string::npos)
      status = Error{ErrorCode::io, "cannot write " + path_ + ": No space left on device"};
    if (status) return file_->write_at(offset, bytes);
    // As a full disk does: a part comes through.
    (void)file_->write_at(offset, bytes.first(bytes.size() / 2));
    return status;
  }
  Status sync() override {
    expect_trusted("synced");
    auto status = disk_->call("sync", path_);
    sync_failed_ = !status && !disk_->fails_for_good;
    if (const auto name = disk_->names.find(disk_->name_of(path_)); name != disk_->names.end()) {
      auto& [is_synced, unsynced, lost] = name->second;
      if (status) unsynced.reset();
      // The kernel reports a failed write once, and takes the pages for clean; a dead process has asked for nothing.
      if (!status && unsynced && !disk_->fails_for_good) {
        lost = std::min(lost.value_or(*unsynced), *unsynced);
        unsynced.reset();
      }
    }
    return status;
  }
  Status truncate(std::uint64_t bytes) override {
    if (auto status = disk_->call("truncate", path_); !status) return status;
    // What was lost of a journal file is in the next one; that is looked at by itself.
    if (const auto name = disk_->names.find(path_);
        sync_failed_ && path_.ends_with(".lmj") && name != disk_->names.end())
      name->second = {name->second.name_is_synced};
    return file_->truncate(bytes);
  }
  Result<FileInfo> info() const override { return file_->info(); }
  int descriptor() const noexcept override { return file_->descriptor(); }

 private:
  void expect_trusted(const std::string& what) {
    if (sync_failed_) disk_->promises_broken.push_back(path_ + " was " + what + " after a sync of it had failed");
  }

  std::unique_ptr<File> file_;
  bool sync_failed_ = false;
  std::string path_;
  std::shared_ptr<SimulatedDisk> disk_;
};

class BlindWatch final : public FolderWatch {
 public:
  bool add(const std::string&) override { return false; }
  bool take_change() override { return false; }
};

}  // namespace

Status SimulatedDisk::call(const std::string& what, const std::string& path) {
  if (scope.empty() || !path.starts_with(scope)) return Done{};
  ++calls;
  if (!fail_at || calls < *fail_at || (calls > *fail_at && !fails_for_good)) return Done{};
  return Error{ErrorCode::io, "cannot " + what + " " + path + ": Input/output error"};
}

std::string SimulatedDisk::name_of(const std::string& path) const {
  const auto found = names.contains(path) ? renamed.end() : renamed.find(path);
  return found == renamed.end() ? path : found->second;
}

bool SimulatedDisk::is_safe(const std::string& path) const {
  const auto name = names.find(path);
  if (name == names.end()) return true;  // older than the test, or above the archive
  const auto& [is_synced, unsynced, lost] = name->second;
  return is_synced && !unsynced && !lost && is_safe(parent_folder(path));
}

void SimulatedDisk::expect_safe(const std::string& suffix, const std::string& why) {
  for (const auto& [path, name] : names) {
    if (path.ends_with(suffix) && !is_safe(path)) promises_broken.push_back(why + " before " + path + " was safe");
  }
}

Status FailingFiles::call(const std::string& what, const std::string& path) {
  if (!unreachable.empty() && path.ends_with(unreachable))
    return Error{ErrorCode::io, "cannot " + what + " " + path + ": Input/output error"};
  return disk->call(what, path);
}

Result<FileInfo> FailingFiles::info(const std::string& path) {
  if (auto status = call("look at", path); !status) return status.error();
  return files_.info(path);
}

Result<std::unique_ptr<File>> FailingFiles::open(const std::string& path, OpenFor purpose) {
  if (auto status = call("open", path); !status) return status.error();
  auto file = files_.open(path, purpose);
  if (!file) return file.error();
  if (purpose == OpenFor::creating) disk->names[path] = {};
  return std::unique_ptr<File>(std::make_unique<FailingFile>(std::move(file).value(), path, disk));
}

std::unique_ptr<FolderWatch> FailingFiles::make_watch() {
  return has_watch ? files_.make_watch() : std::make_unique<BlindWatch>();
}

Result<std::vector<std::string>> FailingFiles::list(const std::string& folder) {
  if (auto status = call("list", folder); !status) return status.error();
  return files_.list(folder);
}

Status FailingFiles::rename(const std::string& from, const std::string& to) {
  if (auto status = disk->call("rename", from); !status) return status;
  if (auto status = files_.rename(from, to); !status) return status;
  if (auto name = disk->names.extract(from); !name.empty()) {
    name.key() = to;
    name.mapped().name_is_synced = false;
    disk->names.insert_or_assign(to, std::move(name.mapped()));
  }
  disk->renamed[from] = to;
  return Done{};
}

Status FailingFiles::remove(const std::string& path) {
  if (path.ends_with(".lmj")) disk->expect_safe(".lms", "a journal file went");
  if (!unremovable.empty() && path.find(unremovable) != std::string::npos)
    return Error{ErrorCode::io, "cannot remove " + path + ": Operation not permitted"};
  if (auto status = disk->call("remove", path); !status) return status;
  removed.push_back(path);
  disk->names.erase(path);
  return files_.remove(path);
}

Status FailingFiles::make_folder(const std::string& path, std::uint32_t mode) {
  if (auto status = disk->call("make the folder", path); !status) return status;
  if (!files_.info(path)) disk->names[path] = {};
  return files_.make_folder(path, mode);
}

Status FailingFiles::sync_folder(const std::string& path) {
  if (auto status = disk->call("sync", path); !status) return status;
  for (auto& [name, state] : disk->names) {
    if (parent_folder(name) == path) state.name_is_synced = true;
  }
  return Done{};
}

}  // namespace lmlog::collector::testing
