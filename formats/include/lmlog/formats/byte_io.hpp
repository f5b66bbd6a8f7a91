// SPDX-License-Identifier: Apache-2.0
// Bounded reading and growing writing of little-endian integers, LEB128 varints and byte strings.
// A reader never goes past its end: it turns bad, stays bad, and yields zeros; callers check `ok()` once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace lmlog::formats {

[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - position_; }
  void fail() noexcept { ok_ = false; }

  /// The next trivially copyable value.
  template <class T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] T take() noexcept {
    T value{};
    const auto from = bytes(sizeof(T));
    if (!from.empty()) std::memcpy(&value, from.data(), sizeof(T));
    return value;
  }

  [[nodiscard]] std::span<const std::byte> bytes(std::uint64_t count) noexcept {
    if (!ok_ || count > left()) {
      ok_ = false;
      return {};
    }
    const auto out = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += static_cast<std::size_t>(count);
    return out;
  }

  [[nodiscard]] std::string_view text(std::uint64_t count) noexcept {
    const auto from = bytes(count);
    return {reinterpret_cast<const char*>(from.data()), from.size()};
  }

  [[nodiscard]] std::uint64_t uv() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (!ok_ || position_ == bytes_.size()) break;
      const auto byte = static_cast<std::uint8_t>(bytes_[position_++]);
      if (shift == 63 && byte > 1) break;  // more than 64 bits
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

  [[nodiscard]] std::int64_t sv() noexcept { return unzigzag(uv()); }
  [[nodiscard]] std::string_view str() noexcept { return text(uv()); }

  /// A count of items that need at least `item_bytes` each: bad when they cannot all be there, so that callers may
  /// reserve.
  [[nodiscard]] std::uint64_t count(std::uint64_t item_bytes) noexcept {
    const std::uint64_t n = uv();
    if (n > left() / (item_bytes == 0 ? 1 : item_bytes)) {
      ok_ = false;
      return 0;
    }
    return n;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

class ByteWriter {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void put(const T& value) { out_.append(reinterpret_cast<const char*>(&value), sizeof(T)); }
  void bytes(std::span<const std::byte> value) {
    out_.append(reinterpret_cast<const char*>(value.data()), value.size());
  }
  void text(std::string_view value) { out_.append(value); }
  void uv(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
  }
  void sv(std::int64_t value) { uv(zigzag(value)); }
  void str(std::string_view value) {
    uv(value.size());
    text(value);
  }
  void pad_to_8() { out_.append((8 - out_.size() % 8) % 8, '\0'); }

  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
  [[nodiscard]] const std::string& str_ref() const noexcept { return out_; }
  [[nodiscard]] std::string take() noexcept { return std::move(out_); }
  [[nodiscard]] std::span<const std::byte> view() const noexcept {
    return std::as_bytes(std::span(out_.data(), out_.size()));
  }

 private:
  std::string out_;
};

}  // namespace lmlog::formats
