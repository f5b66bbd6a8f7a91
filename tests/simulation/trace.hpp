// SPDX-License-Identifier: Apache-2.0
// What happened in a simulated run, in order: a hash of all of it, and its end in words for people.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace lmlog::collector::simulation {

class Trace {
 public:
  /// `aloud`: every line goes to stderr as it comes.
  explicit Trace(bool aloud) : aloud_(aloud) {}

  /// One thing that happened, with its numbers. `what` lives for ever; `subject` is copied only when it is to be shown.
  void add(std::int64_t time_ns, const char* what, std::string_view subject, std::uint64_t a = 0, std::uint64_t b = 0,
           const char* outcome = "");

  /// Changes with everything that was added.
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  /// The last lines, oldest first.
  [[nodiscard]] std::string end() const;

 private:
  struct Line {
    std::int64_t time_ns;
    const char* what;
    std::string subject;
    std::uint64_t a;
    std::uint64_t b;
    const char* outcome;
  };
  [[nodiscard]] static std::string text_of(const Line& line);
  void mix(std::string_view text) noexcept;
  void mix(std::uint64_t number) noexcept;

  static constexpr std::size_t kLines = 120;
  bool aloud_;
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
  std::deque<Line> lines_;
};

}  // namespace lmlog::collector::simulation
