// SPDX-License-Identifier: Apache-2.0
// Gathers the arguments of a group of records of one site into columns, and encodes each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/src/column_integer.hpp"
#include "formats/src/column_string.hpp"
#include "formats/src/frame_packer.hpp"
#include "formats/src/record_walk.hpp"

namespace lmlog::formats {

/// Not thread-safe. Keeps its memory from column to column.
class SiteColumns {
 public:
  /// `order`: offsets of well-formed records in `bytes`, divided by 8. `run` is 0 for all runs, else its index plus 1.
  void add(const SiteShape& shape, std::uint32_t site, std::uint32_t run, std::span<const std::uint32_t> order,
           const char* bytes, FramePacker& packer);

  /// One column of the block itself.
  void add_block_column(BlockColumn column, ArgType type, std::span<const std::uint64_t> values, FramePacker& packer);

 private:
  void gather(const SiteShape& shape, std::span<const std::uint32_t> order, const char* bytes);
  void gather_kinds(std::span<const std::uint32_t> order, const char* bytes);

  std::vector<std::vector<std::uint64_t>> numbers_;  // by argument
  std::vector<std::vector<StringValue>> strings_;    // by argument
  std::vector<const char*> bodies_;                  // of one tile of records
  StringEncoder string_encoder_;
  std::string encoded_;
};

/// Minimum and maximum of a number column, as the directory holds them; empty when there is none (only NaNs).
[[nodiscard]] std::string statistics_of(ArgType type, std::span<const std::uint64_t> values);

}  // namespace lmlog::formats
