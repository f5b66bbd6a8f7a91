// SPDX-License-Identifier: Apache-2.0
// The last N of any number of rendered records: in memory up to a bound, beyond it in a temporary file.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/output/output_sink.hpp"
#include "decoder/read/file_source.hpp"
#include "lmlog/formats/result.hpp"

namespace lmlog::decoder {

/// Not thread-safe.
class LastLines {
 public:
  explicit LastLines(std::uint64_t wanted, std::size_t memory_bound = 16 << 20)
      : wanted_(wanted), memory_bound_(memory_bound) {}

  /// Adds a rendered record (one line or several). Errors: io.
  [[nodiscard]] formats::Status add(std::string_view text);

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  /// Writes the last `wanted` records in order. False when the sink is closed. Errors: io.
  [[nodiscard]] formats::Result<bool> write(OutputSink& sink);

 private:
  struct Chunk {
    std::string text;  // empty once it is in the file
    std::vector<std::uint32_t> ends;
    std::uint64_t records = 0;
    std::uint64_t offset = 0;  // in the file: the text, then the ends
    std::uint64_t text_bytes = 0;
  };

  [[nodiscard]] formats::Status spill(Chunk& chunk);
  [[nodiscard]] formats::Status load(Chunk& chunk);
  void drop_first();

  std::uint64_t wanted_;
  std::size_t memory_bound_;
  std::deque<Chunk> chunks_;  // oldest first; those in the file come before those in memory
  std::size_t spilled_ = 0;   // chunks in the file
  std::uint64_t count_ = 0;   // records in all chunks
  std::size_t memory_ = 0;
  std::uint64_t file_end_ = 0;
  std::unique_ptr<FileSource> file_;
};

}  // namespace lmlog::decoder
