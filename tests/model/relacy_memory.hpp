// SPDX-License-Identifier: Apache-2.0
// The atomics under which tests/model runs the shipped protocol headers: relacy's, with each step's own order, or
// relaxed where a step is to be a mistake. To be included last: relacy's macros are taken back, but for its own.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include <lmlog/formats/memory_steps.hpp>
#include <lmlog/formats/record_reader.hpp>
#include <lmlog/formats/ring_layout.hpp>
#include <lmlog/formats/ring_protocol.hpp>

#include "libproducer/src/ring_room.hpp"
#include "libproducer/src/session_protocol.hpp"

#include <relacy/relacy.hpp>

#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno

namespace lmlog::model {

using formats::Step;

/// The step that is relaxed now; `count`: none.
extern Step weakened;

struct RelacyAtomics {
  static rl::memory_order order(Step step) {
    if (step == weakened) return rl::mo_relaxed;
    switch (formats::order_of(step)) {
      case std::memory_order_acquire:
        return rl::mo_acquire;
      case std::memory_order_release:
        return rl::mo_release;
      case std::memory_order_seq_cst:
        return rl::mo_seq_cst;
      default:
        return rl::mo_relaxed;
    }
  }

  template <Step step, class Word> static auto load(const Word& word) { return word.load(order(step), RL_INFO); }
  template <class Word> static auto load_relaxed(const Word& word) { return word.load(rl::mo_relaxed, RL_INFO); }
  template <Step step, class Word, class T> static void store(Word& word, T value) {
    word.store(value, order(step), RL_INFO);
  }
  template <class Word, class T> static void store_relaxed(Word& word, T value) {
    word.store(value, rl::mo_relaxed, RL_INFO);
  }
  template <Step step, class Word, class T> static auto add(Word& word, T value) {
    return word.fetch_add(value, order(step), RL_INFO);
  }
  template <Step step, class Word, class T> static auto subtract(Word& word, T value) {
    return word.fetch_sub(value, order(step), RL_INFO);
  }
  template <Step step> static void fence() {
    if (step != weakened) rl::atomic_thread_fence(order(step), RL_INFO);
  }
};

using Word = rl::atomic<std::uint64_t>;

}  // namespace lmlog::model
