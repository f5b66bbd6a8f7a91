// SPDX-License-Identifier: Apache-2.0
// The bytes come from the page cache: it still has what the disk refused.
#include "collector/store/resync.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace lmlog::collector {

Status sync_or_rewrite(File& file) {
  if (file.sync()) return Done{};
  const auto size = file.size();
  if (!size) return size.error();
  std::vector<std::byte> piece(std::size_t{1} << 20);
  for (std::uint64_t at = 0; at < *size; at += piece.size()) {
    const auto bytes =
        std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), *size - at)));
    const auto got = file.read_at(at, bytes);
    if (!got) return got.error();
    if (auto status = file.write_at(at, bytes.first(*got)); !status) return status;
  }
  return file.sync();
}

}  // namespace lmlog::collector
