// SPDX-License-Identifier: Apache-2.0
// Sentences for people: on stderr, each once for its subject, the last one kept for the status.
#pragma once

#include <cstdio>
#include <functional>
#include <mutex>
#include <set>
#include <string>

namespace lmlog::collector {

/// Names of files and services are chosen by producers: what could steer a terminal becomes "\xNN".
[[nodiscard]] inline std::string printable(const std::string& text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  bool in_c1 = false;  // the second byte of a control character of U+0080 to U+009F
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool begins_c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte >= 0x20 && byte != 0x7F && !begins_c1 && !in_c1) {
      out.push_back(text[i]);
    } else {
      out.append({'\\', 'x', digits[byte >> 4], digits[byte & 15]});
    }
    in_c1 = begins_c1;
  }
  return out;
}

/// Thread-safe.
class Notices {
 public:
  using Sink = std::function<void(const std::string&)>;

  /// `sink` gets each line without its end; empty: stderr.
  explicit Notices(Sink sink = {}) : sink_(std::move(sink)) {}

  /// Says it unless a sentence about this subject was said and not yet `settled`. For what is wrong.
  void warn_once(const std::string& subject, const std::string& sentence) {
    const std::lock_guard lock(mutex_);
    if (is_new(subject)) say_error(sentence, true);
  }

  /// As `warn_once`, for what may follow from something worse: an error that is known already stays the last one.
  void warn_beside(const std::string& subject, const std::string& sentence) {
    const std::lock_guard lock(mutex_);
    if (is_new(subject)) say_error(sentence, last_error_.empty());
  }

  /// The subject is fine again; says `sentence` if it was not.
  void settle(const std::string& subject, const std::string& sentence) {
    const std::lock_guard lock(mutex_);
    if (said_.erase(subject) != 0 && !sentence.empty()) write(sentence);
  }

  void say(const std::string& sentence) {
    const std::lock_guard lock(mutex_);
    write(sentence);
  }

  [[nodiscard]] std::string last_error() const {
    const std::lock_guard lock(mutex_);
    return last_error_;
  }

 private:
  // Subjects carry names that producers chose: bounded, so that thousands of bad files do not grow the memory for ever.
  static constexpr std::size_t kMaxSubjects = 10'000;

  bool is_new(const std::string& subject) {
    if (!said_.insert(subject).second) return false;
    if (said_.size() > kMaxSubjects) said_.erase(said_.begin());
    return true;
  }

  void say_error(const std::string& sentence, bool is_last) {
    if (is_last) last_error_ = sentence;
    write(sentence);
  }

  void write(const std::string& sentence) {
    const std::string line = printable(sentence);
    if (sink_) {
      sink_(line);
    } else {
      std::fprintf(stderr, "lmlog-collector: %s\n", line.c_str());
    }
  }

  mutable std::mutex mutex_;
  Sink sink_;
  std::set<std::string> said_;
  std::string last_error_;
};

}  // namespace lmlog::collector
