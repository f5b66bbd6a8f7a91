// SPDX-License-Identifier: Apache-2.0
// The addresses of the process's control words: one range for its whole life, which shows the words of one session
// after the other. Log calls load a word whose address they took a moment ago, however long that moment was, so the
// range is never given back; between sessions, and behind the words that a session has, it reads as zero: "go", and the
// room check sends the call to the slow path. Ids are the process's own, so a word of the wrong session is one of the
// same statement.
#pragma once

#include <atomic>
#include <cstdint>

namespace lmlog::detail {

class ControlRange {
 public:
  /// Takes the addresses; false when there are none to be had. Once it did, it always does.
  [[nodiscard]] bool reserve() noexcept;
  /// Makes words [shown(), words) of the session file that `descriptor` has open visible. They have pages.
  void show(int descriptor, std::uint64_t words) noexcept;
  /// All words read as zero again.
  void clear() noexcept;

  [[nodiscard]] std::uint64_t shown() const noexcept { return shown_; }
  [[nodiscard]] std::atomic<std::uint64_t>& word(std::uint64_t index) const noexcept { return words_[index]; }

 private:
  std::atomic<std::uint64_t>* words_ = nullptr;
  std::uint64_t shown_ = 0;
};

}  // namespace lmlog::detail
