// SPDX-License-Identifier: Apache-2.0
// A file without some stretches of it: what a copy is made of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lmlog/formats/byte_source.hpp>

namespace lmlog::collector {

struct Stretch {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Does not own the source, nor the stretches that are left out: ascending, without overlap, all below `end`, where the
/// source is taken to end.
class SplicedSource final : public formats::ByteSource {
 public:
  SplicedSource(const ByteSource& source, std::uint64_t end, const std::vector<Stretch>& left_out)
      : source_(source), end_(end), left_out_(left_out) {}

  [[nodiscard]] std::uint64_t bytes() const noexcept {
    std::uint64_t out = end_;
    for (const Stretch& one : left_out_) out -= one.length;
    return out;
  }

  [[nodiscard]] formats::Result<std::uint64_t> size() const override { return bytes(); }
  [[nodiscard]] formats::Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::size_t done = 0;
    std::uint64_t piece = 0;      // where it begins in the source
    std::uint64_t piece_out = 0;  // and in what is read here
    for (std::size_t i = 0; i <= left_out_.size() && done < out.size(); ++i) {
      const std::uint64_t piece_end = i < left_out_.size() ? left_out_[i].offset : end_;
      const std::uint64_t length = piece_end - piece;
      const std::uint64_t at = offset + done;
      if (at < piece_out + length) {
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(out.size() - done, piece_out + length - at));
        const auto got = source_.read_at(piece + (at - piece_out), out.subspan(done, want));
        if (!got) return got.error();
        done += *got;
        if (*got != want) break;
      }
      piece_out += length;
      if (i < left_out_.size()) piece = piece_end + left_out_[i].length;
    }
    return done;
  }

 private:
  const ByteSource& source_;
  std::uint64_t end_;
  const std::vector<Stretch>& left_out_;
};

}  // namespace lmlog::collector
