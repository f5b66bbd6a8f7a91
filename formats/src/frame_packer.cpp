// SPDX-License-Identifier: Apache-2.0
// Frames of a block, in the order in which they are closed.
#include "formats/src/frame_packer.hpp"

#include <utility>

#include "formats/src/checksum.hpp"

namespace lmlog::formats {
namespace {

/// A reader of one small column inflates all of its frame: bounds that waste where a block has many sites.
constexpr std::size_t kSharedFrameBytes = 256 << 10;

}  // namespace

void FramePacker::add(ColumnEntry entry, std::string_view bytes) {
  entry.bytes = bytes.size();
  if (bytes.size() >= own_frame_bytes_) {
    entry.frame = static_cast<std::uint32_t>(frames_.size());
    add_frame(bytes);
  } else {
    if (shared_.size() + bytes.size() > kSharedFrameBytes) close_shared();
    entry.offset = shared_.size();
    shared_.append(bytes);
    in_shared_.push_back(columns_.size());
  }
  columns_.push_back(std::move(entry));
}

void FramePacker::finish() { close_shared(); }

void FramePacker::add_frame(std::string_view bytes) {
  const std::size_t begin = stored_.size();
  const std::size_t stored = deflater_->append_frame(bytes, stored_);
  const auto frame = std::as_bytes(std::span(stored_.data() + begin, stored));
  frames_.push_back({stored, bytes.size(), checksum(frame)});
}

void FramePacker::close_shared() {
  if (in_shared_.empty()) return;
  for (const std::size_t index : in_shared_) columns_[index].frame = static_cast<std::uint32_t>(frames_.size());
  add_frame(shared_);
  in_shared_.clear();
  shared_.clear();
}

}  // namespace lmlog::formats
