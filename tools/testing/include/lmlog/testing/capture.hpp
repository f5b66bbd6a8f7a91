// SPDX-License-Identifier: Apache-2.0
// For unit tests of services: what a block of code logs, decoded, in the same process.
//
//   lmlog::testing::Capture capture;
//   engine.reject(order);
//   EXPECT_TRUE(capture.contains("rejected"));
//   EXPECT_EQ(capture.records().at(0).field("order_id"), 7);
//
// Library lmlog-testing; CMake target lmlog::testing. It brings the decoder, and so zstd, xxHash and libfmt: link it to
// tests, not to services.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <lmlog/session.hpp>
#include <lmlog/testing/record.hpp>

namespace lmlog::testing {

struct CaptureOptions {
  Level level = Level::trace;                         // of all statements and loggers, whatever else sets levels
  std::uint64_t ring_bytes = std::uint64_t{1} << 20;  // of each thread: what does not fit is lost, and counted
  Policy policy = Policy::drop;                       // `block` would wait for a collector: there is none
};

/// While it lives, or until stop(), all that all threads of the process log goes to a private session in a folder of
/// its own on a tmpfs (mode 0700), whatever session the process has; clock, service and max_string are that session's,
/// its files and counts stay as they are, and at the end it is back. Levels that are set meanwhile count from then on.
///
/// A call that another thread is in at the beginning, at clear() or at the end may still go to where it was going. A
/// forked child has a session of its own, and is not captured. One capture at a time. All members are thread-safe.
class Capture {
 public:
  /// Throws std::logic_error if there is another Capture, std::runtime_error if there can be no folder or session.
  explicit Capture(const CaptureOptions& options = {});
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// The records so far in order of time, losses included: of all calls that returned before. Throws
  /// std::runtime_error if they cannot be read.
  [[nodiscard]] std::vector<Record> records() const;
  /// Messages of the records, in their order, without losses.
  [[nodiscard]] std::vector<std::string> messages() const;
  /// True if a record's message has `text` in it.
  [[nodiscard]] bool contains(std::string_view text) const;
  /// Records of exactly this level, without losses.
  [[nodiscard]] std::size_t count(Level level) const;
  /// Records lost so far, for whatever reason.
  [[nodiscard]] std::uint64_t lost() const;

  /// Forgets the records so far, and makes the rings empty again. Throws std::runtime_error if there can be no new
  /// session. Nothing behind stop().
  void clear();
  /// Ends the capture; the records stay here.
  void stop();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace lmlog::testing
