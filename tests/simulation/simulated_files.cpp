// SPDX-License-Identifier: Apache-2.0
// Faults come from one stream of chance; a run is the same whenever its seed is.
#include "tests/simulation/simulated_files.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "tests/simulation/simulated_file.hpp"

namespace lmlog::collector::simulation {

namespace {

constexpr std::int64_t kMaxStallNs = 3 * kNsPerSecond;

Error not_there(const char* what, const std::string& path) {
  return {ErrorCode::not_found, std::string("cannot ") + what + " " + path + ": No such file or directory"};
}

bool counts(Faults::Of counted, std::string_view what) {
  if (counted == Faults::Of::all) return true;
  if (counted == Faults::Of::syncs) return what == "sync";
  constexpr std::string_view changes[] = {"write", "sync", "sync folder", "truncate", "rename", "remove"};
  return std::find(std::begin(changes), std::end(changes), what) != std::end(changes);
}

class Lock final : public FolderLock {
 public:
  Lock(std::set<std::string>& locked, std::string path) : locked_(locked), path_(std::move(path)) {}
  ~Lock() override { locked_.erase(path_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  std::set<std::string>& locked_;
  std::string path_;
};

/// Loses every fourth hint.
class Watch final : public FolderWatch {
 public:
  Watch(const std::uint64_t& changed, Random& random) : changed_(changed), random_(random) {}
  bool add(const std::string&) override { return true; }
  bool take_change() override { return std::exchange(seen_, changed_) != changed_ && !random_.one_in(4); }

 private:
  const std::uint64_t& changed_;
  Random& random_;
  std::uint64_t seen_ = 0;
};

}  // namespace

void SimulatedFiles::begin_process(const Faults& faults) {
  faults_ = faults;
  calls_ = 0;
  counted_ = 0;
  fail_further_ = 0;
  ended_ = false;
  locked_.clear();
}

Status SimulatedFiles::call(const char* what, const std::string& path, std::uint64_t a, std::uint64_t b,
                            bool may_fail) {
  if (ended_) return Error{ErrorCode::io, "the process is gone"};
  ++calls_;
  clock_.advance(1'000 + static_cast<std::int64_t>(random_.below(10'000)));
  if (faults_.move_one_in != 0 && random_.one_in(faults_.move_one_in)) producers_move();
  if (random_.one_in(64)) disk_.do_some_write_back(random_);
  if (counts(faults_.counted, what) && (faults_.counted == Faults::Of::all || !is_ring_path(path))) ++counted_;
  if (faults_.end_at && counted_ >= *faults_.end_at) {
    trace_.add(clock_.true_ns(), what, path, a, b, "the process ends in it");
    ended_ = true;
    throw EndOfProcess{};
  }
  if (faults_.stall_one_in != 0 && random_.one_in(faults_.stall_one_in)) {
    trace_.add(clock_.true_ns(), what, path, a, b, "stalls");
    clock_.sleep_ns(random_.between(kNsPerMs, kMaxStallNs));
  }
  bool fails = false;
  if (may_fail && fail_further_ != 0) {
    --fail_further_;
    fails = true;
  } else if (may_fail && faults_.fail_one_in != 0 && random_.one_in(faults_.fail_one_in)) {
    if (random_.one_in(4)) fail_further_ = random_.below(12);
    fails = true;
  }
  trace_.add(clock_.true_ns(), what, path, a, b, fails ? "fails" : "");
  if (!fails) return Done{};
  ++failed_;
  return Error{ErrorCode::io, std::string("cannot ") + what + " " + path + ": Input/output error"};
}

bool SimulatedFiles::has_room(const Node& node, std::uint64_t end) const {
  if (!faults_.capacity || node.is_volatile || end <= node.size) return true;
  return disk_.used() + (end - node.size) <= *faults_.capacity;
}

Result<std::unique_ptr<File>> SimulatedFiles::open(const std::string& path, OpenFor purpose) {
  if (auto status = call("open", path); !status) return status.error();
  auto node = disk_.find(path);
  if (purpose == OpenFor::creating) {
    if (node != nullptr) return Error{ErrorCode::io, "cannot open " + path + ": File exists"};
    if (disk_.find(parent_folder(path)) == nullptr) return not_there("open", path);
    node = disk_.make(path, false, is_ring_path(path));
    node->modified_ns = clock_.realtime_ns();
  }
  if (node == nullptr) return not_there("open", path);
  if (node->is_folder) return Error{ErrorCode::io, "cannot open " + path + ": Is a directory"};
  return std::unique_ptr<File>(std::make_unique<SimulatedFile>(*this, clock_, std::move(node), path));
}

Result<std::vector<std::string>> SimulatedFiles::list(const std::string& folder) {
  if (auto status = call("list", folder); !status) return status.error();
  if (disk_.find(folder) == nullptr) return not_there("list", folder);
  return disk_.list(folder);
}

Result<FileInfo> SimulatedFiles::info(const std::string& path) {
  if (auto status = call("look at", path); !status) return status.error();
  const auto node = disk_.find(path);
  if (node == nullptr) return not_there("look at", path);
  return info_of(*node);
}

Status SimulatedFiles::rename(const std::string& from, const std::string& to) {
  if (auto status = call("rename", from); !status) return status;
  if (disk_.find(from) == nullptr) return not_there("rename", from);
  disk_.rename(from, to);
  return Done{};
}

Status SimulatedFiles::remove(const std::string& path) {
  if (auto status = call("remove", path); !status) return status;
  if (disk_.find(path) == nullptr) return not_there("remove", path);
  disk_.remove(path);
  return Done{};
}

Status SimulatedFiles::make_folder(const std::string& path, std::uint32_t mode) {
  if (auto status = call("make the folder", path); !status) return status;
  for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    const std::string above = path.substr(0, at);
    if (disk_.find(above) == nullptr) disk_.make(above, true, is_ring_path(above))->mode = mode;
    if (at == std::string::npos) return Done{};
  }
}

Status SimulatedFiles::sync_folder(const std::string& path) {
  if (auto status = call("sync folder", path); !status) return status;
  if (path != "/" && disk_.find(path) == nullptr) return not_there("open", path);
  disk_.sync_folder(path);
  return Done{};
}

Result<std::uint64_t> SimulatedFiles::free_bytes(const std::string& path) {
  if (auto status = call("free bytes", path); !status) return status.error();
  if (!faults_.capacity) return std::uint64_t{1} << 40;
  const std::uint64_t used = disk_.used();
  return *faults_.capacity - std::min(*faults_.capacity, used);
}

Result<std::unique_ptr<FolderLock>> SimulatedFiles::lock_folder(const std::string& path) {
  if (auto status = call("lock", path); !status) return status.error();
  if (!locked_.insert(path).second) return Error{ErrorCode::io, path + " is served by another collector"};
  return std::unique_ptr<FolderLock>(std::make_unique<Lock>(locked_, path));
}

std::unique_ptr<FolderWatch> SimulatedFiles::make_watch() {
  return std::make_unique<Watch>(ring_names_changed, random_);
}

}  // namespace lmlog::collector::simulation
