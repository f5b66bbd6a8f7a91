// SPDX-License-Identifier: Apache-2.0
// The distinct strings of a column, in order of first appearance, by an open-addressing hash table. It gives up when
// too many are distinct, or when somebody chose strings whose hashes meet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lmlog::formats {

/// A string argument where it lies, with its length word as in the ring (registry.md, Arguments).
struct StringValue {
  const char* data = nullptr;
  std::uint32_t word = 0;

  [[nodiscard]] std::uint32_t length() const noexcept { return word & 0x7FFF'FFFFu; }
  [[nodiscard]] bool truncated() const noexcept { return word >> 31 != 0; }
};

/// Not thread-safe. Keeps its memory from column to column.
class StringDictionary {
 public:
  /// Numbers all values; false when more than half of them are distinct.
  [[nodiscard]] bool build(std::span<const StringValue> values);

  [[nodiscard]] const std::vector<StringValue>& entries() const noexcept { return entries_; }
  [[nodiscard]] const std::vector<std::uint32_t>& indices() const noexcept { return indices_; }

 private:
  struct Slot {
    std::uint32_t hash;   // high half of the string's hash
    std::uint32_t entry;  // index plus 1; 0: free
  };

  [[nodiscard]] bool grow();

  std::vector<Slot> slots_;
  std::vector<StringValue> entries_;
  std::vector<std::uint64_t> hashes_;  // of entries_
  std::vector<std::uint32_t> indices_;
};

}  // namespace lmlog::formats
