// SPDX-License-Identifier: Apache-2.0
// Standard output: a large buffer in front of write(2), and a quiet end when nobody reads any more.
#pragma once

#include <string>
#include <string_view>

namespace lmlog::decoder {

/// Not thread-safe. SIGPIPE must be ignored.
class OutputSink {
 public:
  /// Makes a pipe as large as the system lets any user have.
  explicit OutputSink(int descriptor) noexcept;

  /// Append here, then call `flush_if_full`.
  [[nodiscard]] std::string& buffer() noexcept { return buffer_; }
  /// False when writing is over: closed, or failed.
  bool flush_if_full() { return buffer_.size() < kFlushBytes || flush(); }
  bool flush();

  /// The reader has closed the pipe: no error.
  [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
  /// What the system said when writing failed; empty: it did not.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  /// A quarter of what a pipe holds: its reader has work while the next one is made.
  static constexpr std::size_t kFlushBytes = 256 << 10;

  int descriptor_;
  std::string buffer_;
  bool is_closed_ = false;
  std::string error_;
};

}  // namespace lmlog::decoder
