// SPDX-License-Identifier: Apache-2.0
// Reads one block of a segment: its directory, and its columns, inflated and decoded on demand. Implements "4 block"
// and "Column encodings" of formats/spec/segment-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lmlog/formats/result.hpp"
#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

/// A decoded column. Numbers: one 64-bit value each (signed types sign-extended, floats as bit patterns). Strings:
/// views into the column's own storage.
struct Column {
  ArgType type{};
  std::vector<std::uint64_t> numbers;
  std::vector<std::string_view> strings;
  std::vector<bool> truncated;                 // strings: empty when none is
  std::shared_ptr<const std::string> storage;  // what the strings point into

  [[nodiscard]] std::size_t size() const noexcept { return is_variable(type) ? strings.size() : numbers.size(); }
};

/// Not thread-safe. Holds the block's bytes, so it is independent of file and segment reader.
class BlockReader {
 public:
  /// `block_bytes` are part and frames as stored at `offset` of the file. Checks part and directory, not yet the
  /// frames. Errors: damaged, with the block's byte range.
  [[nodiscard]] static Result<BlockReader> open(std::string block_bytes, std::uint64_t offset);

  /// Agrees with itself: indices are in range, sums are right (see block_checks.hpp).
  [[nodiscard]] const BlockDirectory& directory() const noexcept { return directory_; }

  /// Checks and inflates the frame if need be, decodes the column and checks its number of values. `index` is that in
  /// `directory().columns`. Errors: damaged (with the byte range of the frame in the file), unsupported (encoding).
  [[nodiscard]] Result<Column> column(std::size_t index);

  /// The same into a column whose memory is used again.
  [[nodiscard]] Status read_column(std::size_t index, Column& out);

  /// Index of the column, or nullopt. `site` and `run` as in ColumnEntry.
  [[nodiscard]] std::optional<std::size_t> find_column(std::uint32_t site, std::uint32_t run,
                                                       std::uint32_t argument) const noexcept;

  /// Checks every frame against its checksum and inflates it, without decoding columns.
  [[nodiscard]] Status verify_frames();

 private:
  BlockReader() = default;
  [[nodiscard]] Result<std::shared_ptr<const std::string>> frame(std::size_t index);
  [[nodiscard]] Error frame_error(std::size_t index, std::string text) const;

  std::string bytes_;
  std::uint64_t offset_ = 0;
  BlockDirectory directory_;
  std::vector<std::uint64_t> frame_offsets_;  // in bytes_
  std::vector<std::shared_ptr<const std::string>> inflated_;
  std::vector<std::uint32_t> by_key_;  // columns in the order of (site, run, argument)
};

}  // namespace lmlog::formats
