// SPDX-License-Identifier: Apache-2.0
// An annotated hex dump: bytes go by field by field, each with its offset and what it is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lmlog::golden {

/// Fields are dumped in their order; every method steps over what it dumps. Aborts when the bytes end too early: the
/// dumped files are good ones.
class FieldDump {
 public:
  explicit FieldDump(std::string_view bytes, std::string indent = "") : bytes_(bytes), indent_(std::move(indent)) {}

  void heading(std::string_view text);
  std::uint64_t u8(std::string_view what) { return fixed(1, what); }
  std::uint64_t u16(std::string_view what) { return fixed(2, what); }
  std::uint64_t u32(std::string_view what) { return fixed(4, what); }
  std::uint64_t u64(std::string_view what) { return fixed(8, what); }
  std::uint64_t uv(std::string_view what);
  /// Text after its length, which is dumped with it.
  void str(std::string_view what);
  std::string_view text(std::size_t count, std::string_view what);
  /// Any bytes; a long run of zeros is one line.
  std::string_view bytes(std::size_t count, std::string_view what);
  /// Bytes dumped elsewhere: one line that says how many there are.
  std::string_view elsewhere(std::size_t count, std::string_view what);
  /// Up to the given offset.
  void until(std::size_t offset, std::string_view what) { (void)bytes(offset - position_, what); }

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - position_; }
  [[nodiscard]] const std::string& lines() const { return lines_; }
  void append(std::string_view lines) { lines_ += lines; }

 private:
  std::uint64_t fixed(std::size_t count, std::string_view what);
  [[nodiscard]] std::string_view take(std::size_t count);
  void line(std::size_t offset, std::string_view hex, std::string_view what);
  void rows(std::string_view bytes, std::size_t offset, std::string_view what);

  std::string_view bytes_;
  std::string indent_;
  std::size_t position_ = 0;
  std::string lines_;
};

/// The dumps that stand in the spec pages, as fenced blocks, of the smallest session and the smallest segment.
[[nodiscard]] std::string session_dump(std::string_view file);
[[nodiscard]] std::string segment_dump(std::string_view file);

}  // namespace lmlog::golden
