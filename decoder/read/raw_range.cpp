// SPDX-License-Identifier: Apache-2.0
// A chunk may end inside a record: the next one begins with it, and is made as long as the record if it must be.
#include "decoder/read/raw_range.hpp"

#include <algorithm>

#include "decoder/read/file_source.hpp"
#include "lmlog/formats/record.hpp"

namespace lmlog::decoder {

using formats::WalkEnd;

bool RawWalk::fail(const char* what) {
  error_ = formats::Error{formats::ErrorCode::damaged,
                          std::string(what) + "; ring bytes from position " + std::to_string(position_) + " to " +
                              std::to_string(range_.to) + " are not used",
                          range_.offset + (position_ - range_.from), range_.to - position_};
  return false;
}

void RawWalk::reject(const formats::RecordView& record, const char* what) {
  position_ = record.position;
  (void)fail(what);
}

std::uint64_t RawWalk::length_at_position() {
  while (position_ < range_.to) {
    const std::uint64_t to_wrap = range_.data_bytes - position_ % range_.data_bytes;
    if (to_wrap == formats::kRecordAlignment) {
      position_ += formats::kRecordAlignment;
      continue;
    }
    std::uint64_t header[3] = {};  // 16 bytes, and the length of an extended record
    const std::uint64_t left = range_.to - position_;
    const auto bytes = std::as_writable_bytes(std::span(header)).first(std::min<std::size_t>(sizeof(header), left));
    if (left < formats::kRecordHeaderBytes ||
        !read_exactly(*range_.source, range_.offset + (position_ - range_.from), bytes))
      return 0;
    const auto id_and_length = static_cast<std::uint32_t>(header[1] >> 32);
    if (static_cast<std::uint32_t>(header[1]) != formats::stamp_of(position_)) return 0;
    std::uint64_t length = std::uint64_t{id_and_length >> 20} * 8;
    if (length == 0) length = header[2];
    if (length < formats::kRecordHeaderBytes || length % 8 != 0 || length > left || length > to_wrap) return 0;
    if ((id_and_length & formats::kIdMask) != static_cast<std::uint32_t>(formats::RecordKind::pad))
      return length <= formats::max_record_bytes(range_.data_bytes) ? length : 0;
    position_ += length;  // a pad holds nothing: no need to load it
  }
  return 0;
}

bool RawWalk::load(std::string& buffer, std::size_t bytes) {
  if (error_) return false;
  std::uint64_t wanted = std::max<std::uint64_t>(bytes, 4096);
  if (reader_) {
    const bool stuck = position_ < loaded_to_ || reader_->stop() != WalkEnd::end;
    if (stuck && position_ != range_.to) {
      if (reader_->stop() == WalkEnd::bad_stamp) return fail("a record does not carry the stamp of its position");
      if (reader_->stop() == WalkEnd::bad_id) return fail("a record is of a kind that this program does not know");
      if (loaded_to_ == range_.to) return fail("a record has an impossible length");
      const std::uint64_t length = length_at_position();
      if (length == 0 && position_ != range_.to) return fail("a record has an impossible length");
      wanted = std::max(wanted, length);
    }
  }
  buffer.clear();
  reader_.reset();
  if (position_ == range_.to) return false;
  const auto size = static_cast<std::size_t>(std::min(wanted, range_.to - position_)) / 8 * 8;
  buffer.resize(size);
  const auto out = std::as_writable_bytes(std::span(buffer.data(), buffer.size()));
  if (const auto got = read_exactly(*range_.source, range_.offset + (position_ - range_.from), out); !got) {
    error_ = got.error();
    return false;
  }
  loaded_to_ = position_ + size;
  reader_.emplace(out, position_, range_.data_bytes);
  return true;
}

bool RawWalk::next(formats::RecordView& out) {
  const bool found = reader_->next(out);
  position_ = reader_->position();
  return found;
}

}  // namespace lmlog::decoder
