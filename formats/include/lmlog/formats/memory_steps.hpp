// SPDX-License-Identifier: Apache-2.0
// Every place of the shared-memory protocol where an order of memory stronger than relaxed is needed, and which one it
// is. Implements "Orders" of formats/spec/shm-abi.md §9. ring_protocol.hpp and the producer's session protocol name
// these steps; what performs them is a parameter there: std::atomic in everything that is shipped, a model checker's
// atomics in tests/model, where each step in its turn is relaxed, and the tests must find that.
#pragma once

#include <atomic>
#include <cstdint>

namespace lmlog::formats {

enum class Step : std::uint8_t {
  // A ring's producer.
  publish_head,       // store of the head, behind the bytes below it
  load_not_tail,      // load of ~tail, before that of tail
  load_tail,          // load of the tail, before the bytes below it are written over
  tail_before_data,   // fence between the accepted tail and those bytes
  floor_before_data,  // fence between the floor and the bytes that are written over
  // Its readers.
  head_read,         // fence between the head and the bytes below it
  tail_read,         // fence between the tail and the head
  tail_read_again,   // fence between bytes and the tail that says which of them were whole
  floor_read,        // fence between the floor and the head
  floor_read_again,  // as tail_read_again
  release_tail,      // fence between the bytes, read and made safe, and the tail
  // A producer's threads among themselves: a session that ends.
  open_line,       // fence between the limit of a thread's line and the look at the current session
  revoke_lines,    // fence between the new current session and the limits that are taken back
  aim_info,        // store of a statement's id, behind the limits
  load_info,       // load of it in a log call, before that of the limit
  change_current,  // store of the current session, before the look at who uses the old one
  load_users,      // that look
  use_session,     // count of those who use it, before their look at what is current
  load_current,    // that look
  leave_session,   // count back, behind their last use
  count
};

[[nodiscard]] constexpr std::memory_order order_of(Step step) noexcept {
  switch (step) {
    case Step::publish_head:
    case Step::tail_before_data:
    case Step::floor_before_data:
    case Step::release_tail:
    case Step::aim_info:
    case Step::leave_session:
      return std::memory_order_release;
    case Step::load_not_tail:
    case Step::load_tail:
    case Step::head_read:
    case Step::tail_read:
    case Step::tail_read_again:
    case Step::floor_read:
    case Step::floor_read_again:
    case Step::load_info:
      return std::memory_order_acquire;
    case Step::open_line:
    case Step::revoke_lines:
    case Step::change_current:
    case Step::load_users:
    case Step::use_session:
    case Step::load_current:
      return std::memory_order_seq_cst;
    case Step::count:
      break;
  }
  return std::memory_order_relaxed;
}

/// What performs the steps in everything that is shipped.
struct StdAtomics {
  template <Step step, class Word> [[nodiscard, gnu::always_inline]] static auto load(const Word& word) noexcept {
    return word.load(order_of(step));
  }
  template <class Word> [[nodiscard, gnu::always_inline]] static auto load_relaxed(const Word& word) noexcept {
    return word.load(std::memory_order_relaxed);
  }
  template <Step step, class Word, class T> [[gnu::always_inline]] static void store(Word& word, T value) noexcept {
    word.store(value, order_of(step));
  }
  template <class Word, class T> [[gnu::always_inline]] static void store_relaxed(Word& word, T value) noexcept {
    word.store(value, std::memory_order_relaxed);
  }
  template <Step step, class Word, class T> [[gnu::always_inline]] static auto add(Word& word, T value) noexcept {
    return word.fetch_add(value, order_of(step));
  }
  template <Step step, class Word, class T> [[gnu::always_inline]] static auto subtract(Word& word, T value) noexcept {
    return word.fetch_sub(value, order_of(step));
  }
  template <Step step> [[gnu::always_inline]] static void fence() noexcept { std::atomic_thread_fence(order_of(step)); }
};

}  // namespace lmlog::formats
