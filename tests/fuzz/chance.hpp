// SPDX-License-Identifier: Apache-2.0
// What mutators of structured inputs share: the randomness of one mutation, values that parsers get wrong, and changes
// of lists and of bytes that keep everything around them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

/// libFuzzer's own mutations; the replay of a corpus has some of its own in their place.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace lmlog::fuzz {

/// All from the seed that libFuzzer gives, so that a run can be repeated.
class Chance {
 public:
  explicit Chance(unsigned seed) : state_(0x9E3779B97F4A7C15ULL ^ (std::uint64_t{seed} << 17)) {}

  [[nodiscard]] std::uint64_t any() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ * 0x2545F4914F6CDD1DULL;
  }
  /// 0 to n − 1; n is at least 1.
  [[nodiscard]] std::size_t below(std::size_t n) { return static_cast<std::size_t>((any() >> 32) % n); }
  [[nodiscard]] bool one_in(std::size_t n) { return below(n) == 0; }

  /// Edges of widths and bounds, small numbers, and now and then any number.
  [[nodiscard]] std::uint64_t odd_value() {
    const unsigned bit = static_cast<unsigned>(below(64));
    switch (below(6)) {
      case 0:
        return below(4);
      case 1:
        return std::uint64_t{1} << bit;
      case 2:
        return (std::uint64_t{1} << bit) - 1;
      case 3:
        return ~std::uint64_t{0} - below(9);
      case 4:
        return (std::uint64_t{1} << bit) + 8 * below(4);
      default:
        return any() >> bit;
    }
  }

  /// The value, or one near it, or an odd one.
  template <class T> void change(T& value) {
    const auto old = static_cast<std::uint64_t>(value);
    switch (below(4)) {
      case 0:
        value = static_cast<T>(old + 1 + below(8));
        return;
      case 1:
        value = static_cast<T>(old - 1 - below(8));
        return;
      case 2:
        value = static_cast<T>(old ^ (std::uint64_t{1} << below(64)));
        return;
      default:
        value = static_cast<T>(odd_value());
    }
  }

 private:
  std::uint64_t state_;
};

/// Duplicates, drops, swaps or moves one item.
template <class T> void change_list(std::vector<T>& list, Chance& chance) {
  if (list.empty()) return;
  const std::size_t at = chance.below(list.size());
  const std::size_t other = chance.below(list.size());
  const auto place = [&list](std::size_t index) { return list.begin() + static_cast<std::ptrdiff_t>(index); };
  switch (chance.below(4)) {
    case 0:
      list.insert(place(other), T(list[at]));
      return;
    case 1:
      list.erase(place(at));
      return;
    case 2:
      std::swap(list[at], list[other]);
      return;
    default: {
      T moved = std::move(list[at]);
      list.erase(place(at));
      list.insert(place(std::min(other, list.size())), std::move(moved));
    }
  }
}

/// Bytes without structure, up to `room` more of them.
inline void change_bytes(std::string& bytes, std::size_t room) {
  const std::size_t size = bytes.size();
  bytes.resize(size + room);
  if (bytes.empty()) return;
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, bytes.size()));
}

/// A number of 1, 2, 4 or 8 bytes somewhere.
inline void change_number(std::string& bytes, Chance& chance) {
  const std::size_t width = std::size_t{1} << chance.below(4);
  if (bytes.size() < width) return;
  const std::size_t at = chance.below(bytes.size() / width) * width;
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, width);
  chance.change(value);
  std::memcpy(bytes.data() + at, &value, width);
}

/// An unsigned LEB128 number somewhere; what follows it moves.
inline void change_varint(std::string& bytes, Chance& chance) {
  if (bytes.empty()) return;
  std::size_t begin = chance.below(bytes.size());
  const auto goes_on = [&bytes](std::size_t at) { return (static_cast<unsigned char>(bytes[at]) & 0x80) != 0; };
  while (begin > 0 && goes_on(begin - 1)) --begin;
  std::size_t end = begin;
  std::uint64_t value = 0;
  for (unsigned shift = 0; end < bytes.size() && shift < 64; shift += 7) {
    value |= static_cast<std::uint64_t>(bytes[end] & 0x7F) << shift;
    if (!goes_on(end++)) break;
  }
  chance.change(value);
  std::string written;
  for (; value >= 0x80; value >>= 7) written.push_back(static_cast<char>(value | 0x80));
  written.push_back(static_cast<char>(value));
  bytes.replace(begin, end - begin, written);
}

/// Any of the three.
inline void change_body(std::string& bytes, std::size_t room, Chance& chance) {
  switch (chance.below(3)) {
    case 0:
      return change_bytes(bytes, room);
    case 1:
      return change_number(bytes, chance);
    default:
      return change_varint(bytes, chance);
  }
}

}  // namespace lmlog::fuzz
