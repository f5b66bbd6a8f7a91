// SPDX-License-Identifier: Apache-2.0
// Long reads go to the file at once, short ones to what was read ahead.
#include "collector/store/read_ahead_source.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace lmlog::collector {

namespace {

// Entries of a thread that logs now and then take some hundred bytes: a thousand of them for each system call.
constexpr std::size_t kAheadBytes = std::size_t{128} << 10;

}  // namespace

formats::Result<std::size_t> ReadAheadSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset >= limit_) return std::size_t{0};
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), limit_ - offset));
  if (wanted > kAheadBytes / 4) return source_.read_at(offset, out.first(wanted));
  const bool is_there = offset >= ahead_offset_ && offset + wanted <= ahead_offset_ + ahead_.size();
  if (!is_there) {
    ahead_offset_ = offset;
    ahead_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kAheadBytes, limit_ - offset)));
    const auto got = source_.read_at(offset, std::as_writable_bytes(std::span(ahead_.data(), ahead_.size())));
    ahead_.resize(got ? *got : 0);
    if (!got) return got.error();
  }
  const std::size_t count = std::min(wanted, ahead_.size() - static_cast<std::size_t>(offset - ahead_offset_));
  std::memcpy(out.data(), ahead_.data() + (offset - ahead_offset_), count);
  return count;
}

}  // namespace lmlog::collector
