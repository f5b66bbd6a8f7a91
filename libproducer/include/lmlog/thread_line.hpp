// SPDX-License-Identifier: Apache-2.0
// The 64 bytes of each thread that a log call reads and writes: where the next record goes, and how far there is room.
//
//   ring        |···free···|records not drained|······free······|        positions grow for ever; byte of p: lap + p
//                          tail                position         limit = min(tail + size, end of the lap)
//
// Every line lies on a page that a fork wipes (MADV_WIPEONFORK), and a thread without a ring uses `no_line`: both have
// limit 0 and position 0, so that the one comparison for room also finds forks, new threads and revoked rings.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <lmlog/export.hpp>

namespace lmlog::detail {

/// Clock coarse: what a log call without a time may take.
struct CoarseWord {
  const std::atomic<std::uint64_t>* word = nullptr;  // in the session file: ns since the epoch
  std::uint64_t last = 0;                            // what it said last
  std::uint64_t unseen = 0;                          // calls that may take `last` without a look at the counter
};

struct alignas(64) ThreadLine {
  // Written by the thread alone.
  std::uint64_t position = 0;  // of the next record
  // Written by the thread in its slow path; another thread may store 0 to send it there. Relaxed: see thread_ring.cpp.
  std::atomic<std::uint64_t> limit{0};  // for a call that brings its time
  std::atomic<std::uint64_t> clock_limit{
      0};                 // for a call that reads the counter: limit, or 0 when the clock is another
  std::uint64_t lap = 0;  // address of position 0, as if the ring had no wrap: valid for this lap
  std::atomic<std::uint64_t>* head = nullptr;
  std::uint64_t max_string = 0;  // bytes that a record takes of one string
  CoarseWord* coarse = nullptr;  // null: the clock is another, or its word is too old
  std::uint64_t live = 0;        // 1 since the thread took the line: 0 in a child, whose page was wiped
};

static_assert(sizeof(ThreadLine) == 64);

/// Position while a value of several parts is written: no record has room behind it.
inline constexpr std::uint64_t kBusyPosition = std::uint64_t{1} << 63;

// A pointer to the line, not the line: it must lie on a page of lines alone. Initial-exec: one load relative to the
// thread pointer and never a call, also from a dlopen'ed library (it takes 8 bytes of glibc's static TLS reserve).
// `__thread`, unlike `thread_local`, says that there is no dynamic initialisation to check for.
extern LMLOG_API __thread ThreadLine* this_line __attribute__((tls_model("initial-exec")));

}  // namespace lmlog::detail
