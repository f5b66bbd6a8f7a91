// SPDX-License-Identifier: Apache-2.0
// Where the readers of journal and segment take their bytes from: a file, or memory in tests and fuzzers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "lmlog/formats/result.hpp"

namespace lmlog::formats {

/// Random access to bytes that may grow while they are read. Implementations are safe to call from several threads.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Length now.
  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;

  /// Fills `out` from `offset` on as far as there are bytes, and says how many there were. Errors: io.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] Result<std::uint64_t> size() const override { return std::uint64_t{bytes_.size()}; }

  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const std::size_t n = std::min<std::size_t>(out.size(), bytes_.size() - static_cast<std::size_t>(offset));
    std::memcpy(out.data(), bytes_.data() + offset, n);
    return n;
  }

 private:
  std::string bytes_;
};

/// A stretch of bytes that could not be used.
struct Damage {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string what;
};

}  // namespace lmlog::formats
