// SPDX-License-Identifier: Apache-2.0
// The beginning of a file: of an abandoned journal what is safe; of a segment what is whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// Does not own the source.
class BoundedSource final : public formats::ByteSource {
 public:
  explicit BoundedSource(const ByteSource& source) : source_(source) {}

  void set_limit(std::uint64_t bytes) noexcept { limit_ = bytes; }

  [[nodiscard]] Result<std::uint64_t> size() const override {
    if (limit_ != ~std::uint64_t{0}) return limit_;
    return source_.size();
  }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset >= limit_) return std::size_t{0};
    return source_.read_at(offset,
                           out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), limit_ - offset))));
  }

 private:
  const ByteSource& source_;
  std::uint64_t limit_ = ~std::uint64_t{0};
};

}  // namespace lmlog::collector
