// SPDX-License-Identifier: Apache-2.0
// The hash takes every line; the words of the last ones are made when somebody asks.
#include "tests/simulation/trace.hpp"

#include <cstdio>
#include <utility>

namespace lmlog::collector::simulation {

void Trace::mix(std::uint64_t number) noexcept {
  hash_ = (hash_ ^ number) * 0x9E3779B97F4A7C15ULL;
  hash_ ^= hash_ >> 29;
}

void Trace::mix(std::string_view text) noexcept {
  std::uint64_t sum = text.size();
  for (const char c : text) sum = sum * 131 + static_cast<unsigned char>(c);
  mix(sum);
}

void Trace::add(std::int64_t time_ns, const char* what, std::string_view subject, std::uint64_t a, std::uint64_t b,
                const char* outcome) {
  mix(static_cast<std::uint64_t>(time_ns));
  mix(std::string_view(what));
  mix(subject);
  mix(a);
  mix(b);
  mix(std::string_view(outcome));
  if (lines_.size() == kLines) {
    Line oldest = std::move(lines_.front());  // its string's memory is used again
    lines_.pop_front();
    lines_.push_back(std::move(oldest));
  } else {
    lines_.emplace_back();
  }
  Line& line = lines_.back();
  line.time_ns = time_ns;
  line.what = what;
  line.subject.assign(subject);
  line.a = a;
  line.b = b;
  line.outcome = outcome;
  if (aloud_) std::fprintf(stderr, "%s\n", text_of(line).c_str());
}

std::string Trace::text_of(const Line& line) {
  char head[96];
  std::snprintf(head, sizeof(head), "%12.6f s  %-14s ", static_cast<double>(line.time_ns) * 1e-9, line.what);
  std::string out = head + line.subject;
  if (line.a != 0 || line.b != 0) out += " (" + std::to_string(line.a) + ", " + std::to_string(line.b) + ")";
  if (*line.outcome != '\0') out += std::string(" — ") + line.outcome;
  return out;
}

std::string Trace::end() const {
  std::string out;
  for (const Line& line : lines_) out += text_of(line) + "\n";
  return out;
}

}  // namespace lmlog::collector::simulation
