// SPDX-License-Identifier: Apache-2.0
// The steps of a ring's producer and of its readers, in the only order that works: what is loaded and stored, and which
// fence stands between. Implements §6 and §9 of formats/spec/shm-abi.md. The producer uses the words themselves;
// readers bring the functions that fetch a word with `pread`, or write it with `pwrite`.
//
//   producer   bytes ─▶ head                              tail ─▶ (fence) ─▶ bytes of the next lap
//   collector  head ─▶ (fence) ─▶ bytes ─▶ safe ─▶ (fence) ─▶ tail
//   others     tail ─▶ (fence) ─▶ head ─▶ (fence) ─▶ bytes ─▶ (fence) ─▶ tail again: below it they are not whole
//   overwrite  as others, with the floor in the place of the tail, which the producer moves itself
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "lmlog/formats/memory_steps.hpp"
#include "lmlog/formats/record.hpp"

namespace lmlog::formats {

// ---- the producer

/// Makes the bytes below `end` visible.
template <class Atomics = StdAtomics, class Word>
[[gnu::always_inline]] inline void publish_head(Word& head, std::uint64_t end) noexcept {
  Atomics::template store<Step::publish_head>(head, end);
}

/// The tail, if it says something new that can be believed: from then on the bytes below may be written over.
/// `accepted` is the last one. The pair is read against the order in which it is written: if ~tail is of a newer answer
/// than the last that is whole, so is the tail, and they do not agree where one of them is torn.
template <class Atomics = StdAtomics, class TailWord, class NotTailWord, class HeadWord>
[[nodiscard]] inline std::optional<std::uint64_t> accept_tail(const TailWord& tail_word,
                                                              const NotTailWord& not_tail_word, const HeadWord& head,
                                                              std::uint64_t accepted) noexcept {
  const std::uint64_t not_tail = Atomics::template load<Step::load_not_tail>(not_tail_word);
  const std::uint64_t tail = Atomics::template load<Step::load_tail>(tail_word);
  if (tail != ~not_tail || tail % kRecordAlignment != 0 || tail <= accepted) return std::nullopt;
  // The head and not the producer's position: that may be behind a pad that is not published, and that nobody has seen.
  if (tail > Atomics::load_relaxed(head)) return std::nullopt;
  // Whoever reads a byte that is written from here on, and then the tail, reads this tail or a later one.
  Atomics::template fence<Step::tail_before_data>();
  return tail;
}

/// Before the first byte of a sub-buffer is written over.
template <class Atomics = StdAtomics, class Word>
inline void move_floor(Word& floor_word, std::uint64_t floor) noexcept {
  // Relaxed: whoever reads this floor, and then the head, finds one that is not below it by the fence of the move
  // before. At that one the head was a sub-buffer below what it is now, and so is the floor, at least.
  Atomics::store_relaxed(floor_word, floor);
  // Whoever reads a byte that is written from here on, and then the floor, reads this floor or a later one.
  Atomics::template fence<Step::floor_before_data>();
}

// ---- its readers

/// The head; what is read later from below it is whole, or newer.
template <class Atomics = StdAtomics, class Read> [[nodiscard]] inline auto read_head(Read&& read) {
  auto head = std::forward<Read>(read)();
  Atomics::template fence<Step::head_read>();
  return head;
}

/// The tail (or the floor); a head that is read later is not below it.
template <class Atomics = StdAtomics, class Read> [[nodiscard]] inline auto read_tail(Read&& read) {
  auto tail = std::forward<Read>(read)();
  Atomics::template fence<Step::tail_read>();
  return tail;
}
template <class Atomics = StdAtomics, class Read> [[nodiscard]] inline auto read_floor(Read&& read) {
  auto floor = std::forward<Read>(read)();
  Atomics::template fence<Step::floor_read>();
  return floor;
}

/// The tail (or the floor) again: of the bytes read before, those from it on were not written over meanwhile.
template <class Atomics = StdAtomics, class Read> [[nodiscard]] inline auto read_tail_again(Read&& read) {
  Atomics::template fence<Step::tail_read_again>();
  return std::forward<Read>(read)();
}
template <class Atomics = StdAtomics, class Read> [[nodiscard]] inline auto read_floor_again(Read&& read) {
  Atomics::template fence<Step::floor_read_again>();
  return std::forward<Read>(read)();
}

/// What was read from below the tail, and all that was done to make it safe, comes before `write`.
template <class Atomics = StdAtomics, class Write> inline void release_tail(Write&& write) {
  Atomics::template fence<Step::release_tail>();
  std::forward<Write>(write)();
}

/// Where the bytes [from, head) are whole, given the tail or floor that was read again.
[[nodiscard]] constexpr std::uint64_t whole_from(std::uint64_t from, std::uint64_t again, std::uint64_t head) noexcept {
  return std::clamp(again, from, head);
}

}  // namespace lmlog::formats
