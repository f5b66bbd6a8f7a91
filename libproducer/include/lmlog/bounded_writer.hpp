// SPDX-License-Identifier: Apache-2.0
// Writes the encoding of a value of several parts into the room that was taken for it in the ring, and never further:
// the value may be longer than max_string, and another thread may change it meanwhile.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace lmlog::detail {

class BoundedWriter {
 public:
  BoundedWriter(std::byte* at, std::size_t bytes) noexcept : at_(at), end_(at + bytes) {}

  /// True when nothing more can be written: a loop over many parts ends.
  [[nodiscard]] bool full() const noexcept { return at_ == end_; }

  void bytes(const void* from, std::size_t count) noexcept {
    const std::size_t taken = std::min(count, static_cast<std::size_t>(end_ - at_));
    if (taken != 0) std::memcpy(at_, from, taken);
    at_ += taken;
  }

  template <class T> void number(const T& value) noexcept { bytes(&value, sizeof(value)); }

  void count(std::uint64_t parts) noexcept {
    number(static_cast<std::uint32_t>(std::min<std::uint64_t>(parts, std::numeric_limits<std::uint32_t>::max())));
  }

  void text(std::string_view value) noexcept {
    count(value.size());
    bytes(value.data(), value.size());
  }

  /// The ring's old bytes do not get into a record whose value became shorter while it was written.
  void finish() noexcept {
    if (!full()) std::memset(at_, 0, static_cast<std::size_t>(end_ - at_));
    at_ = end_;
  }

 private:
  std::byte* at_;
  std::byte* end_;
};

}  // namespace lmlog::detail
