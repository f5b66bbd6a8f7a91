// SPDX-License-Identifier: Apache-2.0
// Ring bytes that are not in a block: a range of a journal file or of a ring's snapshot, walked in chunks so that
// memory does not grow with the range.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lmlog/formats/byte_source.hpp"
#include "lmlog/formats/record_reader.hpp"

namespace lmlog::decoder {

/// The bytes of the positions [from, to) lie at `offset` of `source`.
struct RawRange {
  std::shared_ptr<const formats::ByteSource> source;
  std::uint64_t offset = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t data_bytes = 0;
};

/// Not thread-safe.
class RawWalk {
 public:
  explicit RawWalk(RawRange range) : range_(std::move(range)), position_(range_.from) {}

  /// Replaces `buffer` by the next bytes, about `bytes` of them, or more if a record is longer. False at the end of the
  /// range, or where it cannot be read on: then `error()` says why.
  [[nodiscard]] bool load(std::string& buffer, std::size_t bytes);

  /// The next record of the loaded bytes; its body points into the buffer. False: load again.
  [[nodiscard]] bool next(formats::RecordView& out);

  /// The last record that `next` gave is none: the walk ends there, as at a wrong stamp.
  void reject(const formats::RecordView& record, const char* what);

  /// Everything before it was good.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  [[nodiscard]] const std::optional<formats::Error>& error() const noexcept { return error_; }

 private:
  [[nodiscard]] bool fail(const char* what);
  /// Bytes of the record at `position_` if it is whole within the range; 0 when it is none. Pads are stepped over.
  [[nodiscard]] std::uint64_t length_at_position();

  RawRange range_;
  std::uint64_t position_;
  std::uint64_t loaded_to_ = 0;
  std::optional<formats::RecordReader> reader_;
  std::optional<formats::Error> error_;
};

}  // namespace lmlog::decoder
