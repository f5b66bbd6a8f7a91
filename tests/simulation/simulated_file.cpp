// SPDX-License-Identifier: Apache-2.0
// An open file of the simulated disk: short writes, syncs that fail, and the end of the process in the middle of a
// write.
#include "tests/simulation/simulated_file.hpp"

#include <utility>

namespace lmlog::collector::simulation {

SimulatedFile::SimulatedFile(SimulatedFiles& files, SimulatedClock& clock, std::shared_ptr<Node> node, std::string path)
    : files_(files), clock_(clock), node_(std::move(node)), path_(std::move(path)) {}

Result<std::uint64_t> SimulatedFile::size() const {
  if (auto status = files_.call("size", path_, 0, 0, false); !status) return status.error();
  return node_->size;
}

Result<std::size_t> SimulatedFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  // (Reading a tmpfs does not fail; what a collector does with a ring that cannot be read has tests of its own.)
  if (auto status = files_.call("read", path_, offset, out.size(), !node_->is_volatile); !status) return status.error();
  return node_->read(offset, out);
}

Status SimulatedFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  // The kernel copies page by page: a short write ends between two of them. Between two sectors is worse, and will do.
  const auto write_some = [&] {
    const std::uint64_t end = offset + files_.random().below(bytes.size() + 1);
    const std::uint64_t cut = end - end % kSectorBytes;
    if (cut > offset) node_->write(offset, bytes.first(static_cast<std::size_t>(cut - offset)));
  };
  // A pwrite of a line of shared memory is not seen in halves.
  if (files_.ends_now() && !node_->is_volatile) write_some();
  if (auto status = files_.call("write", path_, offset, bytes.size()); !status) {
    if (!node_->is_volatile) write_some();
    return status;
  }
  if (!files_.has_room(*node_, offset + bytes.size())) {
    write_some();
    return Error{ErrorCode::io, "cannot write " + path_ + ": No space left on device"};
  }
  node_->write(offset, bytes);
  node_->modified_ns = clock_.realtime_ns();
  return Done{};
}

Status SimulatedFile::sync() {
  if (auto status = files_.call("sync", path_, node_->size); !status) {
    node_->fail_sync(files_.random());
    return status;
  }
  node_->sync();
  return Done{};
}

Status SimulatedFile::truncate(std::uint64_t bytes) {
  if (auto status = files_.call("truncate", path_, bytes); !status) return status;
  node_->resize(bytes);
  return Done{};
}

Result<FileInfo> SimulatedFile::info() const {
  if (auto status = files_.call("info", path_); !status) return status.error();
  return info_of(*node_);
}

FileInfo info_of(const Node& node) {
  FileInfo out;
  out.is_regular = !node.is_folder;
  out.is_folder = node.is_folder;
  out.mode = node.mode;
  out.uid = node.uid;
  out.links = 1;
  out.bytes = node.size;
  out.modified_ns = node.modified_ns;
  return out;
}

}  // namespace lmlog::collector::simulation
