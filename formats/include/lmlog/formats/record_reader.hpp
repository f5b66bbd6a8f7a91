// SPDX-License-Identifier: Apache-2.0
// Walks ring bytes in a private copy, record by record, and checks stamp, length and id of each before it is used.
// Implements "Reading" of formats/spec/shm-abi.md §6. Used by collector and decoder; works on journal ranges too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "lmlog/formats/mutant.hpp"
#include "lmlog/formats/record.hpp"
#include "lmlog/formats/registry.hpp"

namespace lmlog::formats {

/// One record inside the walked bytes. `body` is everything behind the header, padding included.
struct RecordView {
  std::uint64_t position = 0;
  std::uint64_t length = 0;
  std::uint64_t time = 0;
  std::uint32_t id = 0;
  std::span<const std::byte> body;
};

enum class WalkEnd : std::uint8_t { none, end, bad_stamp, bad_length, bad_id };

/// `bytes` are those of the positions [from, from + bytes.size()) of a ring of `data_bytes`, already unwrapped; from is
/// a multiple of 8. Pads and gaps are stepped over. After `next()` has returned false, `stop()` says why and
/// `position()` where: everything before that position was good.
class RecordReader {
 public:
  RecordReader(std::span<const std::byte> bytes, std::uint64_t from, std::uint64_t data_bytes) noexcept
      : bytes_(bytes), from_(from), position_(from), data_bytes_(data_bytes) {}

  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  [[nodiscard]] WalkEnd stop() const noexcept { return stop_; }

  [[nodiscard]] bool next(RecordView& out) noexcept {
    for (;;) {
      const std::uint64_t offset = position_ - from_;
      const std::uint64_t left = bytes_.size() - offset;
      const std::uint64_t to_wrap = data_bytes_ - position_ % data_bytes_;
      if (left == 0) return end(WalkEnd::end);
      if (to_wrap == kRecordAlignment) {  // no record starts in the last 8 bytes
        if (left < kRecordAlignment) return end(WalkEnd::bad_length);
        position_ += kRecordAlignment;
        continue;
      }
      if (left < kRecordHeaderBytes) return end(WalkEnd::bad_length);
      RecordHeader header;
      std::memcpy(&header, bytes_.data() + offset, sizeof(header));
      if (header.stamp != stamp_of(position_) && !mutant(Mutant::stamp_unchecked)) return end(WalkEnd::bad_stamp);
      const std::uint32_t id = header.id_and_length & kIdMask;
      std::uint64_t length = std::uint64_t{header.id_and_length >> 20} * 8;
      std::size_t header_bytes = kRecordHeaderBytes;
      if (length == 0) {
        if (left < kExtendedHeaderBytes) return end(WalkEnd::bad_length);
        std::memcpy(&length, bytes_.data() + offset + kRecordHeaderBytes, sizeof(length));
        header_bytes = kExtendedHeaderBytes;
        if (length % 8 != 0 || length <= kMaxShortLength) return end(WalkEnd::bad_length);
      }
      const bool is_pad = id == static_cast<std::uint32_t>(RecordKind::pad);
      if (length < header_bytes || length > left || length > to_wrap ||
          (!is_pad && length > max_record_bytes(data_bytes_)))
        return end(WalkEnd::bad_length);
      if (id < kFirstStatementId && !kind_is_readable(id)) return end(WalkEnd::bad_id);
      const std::uint64_t at = position_;
      position_ += length;
      if (is_pad) continue;
      out = {at, length, header.time, id,
             bytes_.subspan(static_cast<std::size_t>(offset) + header_bytes,
                            static_cast<std::size_t>(length) - header_bytes)};
      return true;
    }
  }

 private:
  [[nodiscard]] bool end(WalkEnd why) noexcept {
    stop_ = why;
    return false;
  }

  std::span<const std::byte> bytes_;
  std::uint64_t from_;
  std::uint64_t position_;
  std::uint64_t data_bytes_;
  WalkEnd stop_ = WalkEnd::none;
};

/// Bytes that the arguments of a record take, read from its body; npos when a length word does not fit in the body.
inline constexpr std::uint64_t kBadArguments = ~std::uint64_t{0};

[[nodiscard]] inline std::uint64_t argument_bytes(std::span<const std::byte> body, std::uint64_t fixed_bytes,
                                                  std::uint32_t variable_arguments) noexcept {
  std::uint64_t at = fixed_bytes;
  if (at > body.size()) return kBadArguments;
  for (std::uint32_t i = 0; i < variable_arguments; ++i) {
    if (body.size() - at < sizeof(std::uint32_t)) return kBadArguments;
    std::uint32_t word;
    std::memcpy(&word, body.data() + at, sizeof(word));
    at += sizeof(word);
    const std::uint64_t length = word & kLengthMask;
    if (length > body.size() - at) return kBadArguments;
    at += length;
  }
  return at;
}

}  // namespace lmlog::formats
