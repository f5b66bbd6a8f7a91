// SPDX-License-Identifier: Apache-2.0
// A file of the journal as its readers see it: only what was flushed as a whole, because it may be growing right now,
// and read ahead, because its entries are short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <lmlog/formats/byte_source.hpp>
#include <lmlog/formats/result.hpp>

namespace lmlog::collector {

/// Bytes below the limit never change: those read ahead stay right. Not thread-safe. Does not own the source.
class ReadAheadSource final : public formats::ByteSource {
 public:
  ReadAheadSource(const ByteSource& source, std::uint64_t limit) : source_(source), limit_(limit) {}

  /// Never less than before.
  void set_limit(std::uint64_t bytes) noexcept { limit_ = bytes; }

  [[nodiscard]] formats::Result<std::uint64_t> size() const override { return limit_; }
  [[nodiscard]] formats::Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  const ByteSource& source_;
  std::uint64_t limit_;
  mutable std::string ahead_;  // the bytes at `ahead_offset_`
  mutable std::uint64_t ahead_offset_ = 0;
};

}  // namespace lmlog::collector
