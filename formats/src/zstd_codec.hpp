// SPDX-License-Identifier: Apache-2.0
// Frames of zstd. Contexts are reused: making one costs as much as inflating a part. An inflated length is believed
// only within its bound, and only if the frame itself says the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <zstd.h>

namespace lmlog::formats {

// Bodies of parts are small: this level costs nothing that is noticed.
inline constexpr int kPartLevel = 3;

/// Not thread-safe.
class Deflater {
 public:
  explicit Deflater(int level) : level_(level) {}

  /// Appends one zstd frame that carries its content size; says how long the frame is.
  std::size_t append_frame(std::string_view bytes, std::string& out);

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  };

  int level_;
  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

/// True when `stored` is exactly one zstd frame of `inflated_bytes` bytes, which then are in `out`. Each thread has a
/// context of its own.
[[nodiscard]] bool inflate(std::span<const std::byte> stored, std::uint64_t inflated_bytes, std::string& out);

}  // namespace lmlog::formats
