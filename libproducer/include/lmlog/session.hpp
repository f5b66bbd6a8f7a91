// SPDX-License-Identifier: Apache-2.0
// The process's session: what it is called, how large its rings are, which clock, and what happens when a ring is full.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <lmlog/export.hpp>
#include <lmlog/level.hpp>

namespace lmlog {

enum class Clock : std::uint8_t {
  tsc,      // time-stamp counter; CLOCK_REALTIME on a machine without an invariant one
  coarse,   // nanoseconds since the epoch that a collector writes down every millisecond: the cheapest to read
  user_ns,  // nanoseconds since the epoch, given to the `_AT` macros; the others take CLOCK_REALTIME
};

enum class Policy : std::uint8_t {
  drop,       // a full ring loses the newest records, counted
  block,      // a full ring makes the call wait up to block_timeout
  overwrite,  // flight recorder: the newest records overwrite the oldest, also where no collector runs
};

struct SessionOptions {
  std::string service{};                              // empty: $LMLOG_SERVICE, else the program's name
  std::uint64_t ring_bytes = std::uint64_t{1} << 20;  // of each thread; rounded up to a power of two, 64 KiB … 1 GiB
  Clock clock = Clock::tsc;
  Policy policy = Policy::drop;
  std::chrono::nanoseconds block_timeout = std::chrono::seconds(10);  // 0: for ever
  std::size_t max_string = 4096;                                      // longer strings and values are cut and marked
  std::optional<Level> level{};                                       // $LMLOG_LEVEL wins; without both: info
};

/// Records that were not stored, by reason (formats/spec/registry.md, "Loss reasons").
using LossCounts = std::array<std::uint64_t, 32>;

/// Without one, the first record opens an implicit session. A Session ends the implicit one, and there is one at a
/// time: a second is inert, and says so. It never throws and never fails the service: while no rings can be had,
/// records are counted where there is something to count in, and it tries again. All members are thread-safe; records
/// may be written while it is destroyed and go to an implicit session from then on.
class Session {
 public:
  LMLOG_API explicit Session(SessionOptions options) noexcept;
  LMLOG_API ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// 32 hexadecimal digits, or empty while there is no session file.
  [[nodiscard]] LMLOG_API std::string id() const;
  /// Path of the session file, or empty.
  [[nodiscard]] LMLOG_API std::string path() const;
  /// Sums over the session and all its rings.
  [[nodiscard]] LMLOG_API LossCounts losses() const noexcept;

  /// Statements below `level` are off from now on.
  LMLOG_API void set_level(Level level) noexcept;
  [[nodiscard]] LMLOG_API Level level() const noexcept;

 private:
  bool active_ = false;  // false: another explicit session was there first
};

}  // namespace lmlog
