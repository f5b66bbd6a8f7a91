// SPDX-License-Identifier: Apache-2.0
// Puts encoded columns into zstd frames: a large column gets a frame of its own, so that a reader inflates only what
// it asks for; small ones share frames.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/src/zstd_codec.hpp"
#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

/// Not thread-safe. Columns are added, then `finish` is called once; then the results are complete.
class FramePacker {
 public:
  FramePacker(Deflater& deflater, std::uint64_t own_frame_bytes)
      : deflater_(&deflater), own_frame_bytes_(own_frame_bytes) {}

  /// `entry` is complete but for frame, offset and bytes.
  void add(ColumnEntry entry, std::string_view bytes);
  void finish();

  [[nodiscard]] std::vector<ColumnEntry>& columns() noexcept { return columns_; }
  [[nodiscard]] std::vector<FrameEntry>& frames() noexcept { return frames_; }
  [[nodiscard]] const std::string& stored() const noexcept { return stored_; }  // the frames, back to back

 private:
  void add_frame(std::string_view bytes);
  void close_shared();

  Deflater* deflater_;
  std::uint64_t own_frame_bytes_;
  std::string stored_;
  std::string shared_;
  std::vector<std::size_t> in_shared_;  // indices of columns whose frame is not closed yet
  std::vector<ColumnEntry> columns_;
  std::vector<FrameEntry> frames_;
};

}  // namespace lmlog::formats
