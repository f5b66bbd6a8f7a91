// SPDX-License-Identifier: Apache-2.0
// How a session is taken from under threads that log: which stores and looks come in which order, so that no record is
// written into a session that has ended by the rules of its successor, and none is freed that somebody looks into.
// Used by process.cpp and slow_path.cpp; tests/model runs it under a model checker. See process.hpp for the whole.
//
//   who changes       current := next ─▶ (fence) ─▶ limits := 0 ─▶ ids of statements := theirs in the next session
//   slow path         limit := room ─▶ (fence) ─▶ current still the ring's? else limit := 0
//   log call          id of the statement ─▶ limit: an id of the next session is not found before its limit is 0
//   without the lock  users + 1 ─▶ current;    who gives up: current := next ─▶ users = 0?
#pragma once

#include <utility>

#include <lmlog/formats/memory_steps.hpp>

namespace lmlog::detail {

using formats::StdAtomics;
using formats::Step;

/// `shut_lines` stores 0 in the limits of all threads, `aim` the ids of the statements.
template <class Atomics = StdAtomics, class Current, class Session, class Shut, class Aim>
void change_session(Current& current, Session* next, Shut&& shut_lines, Aim&& aim) {
  Atomics::template store<Step::change_current>(current, next);
  // Against is_still_current(): one of the two sides sees what the other has stored before its fence.
  Atomics::template fence<Step::revoke_lines>();
  std::forward<Shut>(shut_lines)();
  std::forward<Aim>(aim)();
}

/// Behind the store of a limit: false when it must be taken back.
template <class Atomics = StdAtomics, class Current, class Session>
[[nodiscard]] bool is_still_current(const Current& current, const Session* session) noexcept {
  Atomics::template fence<Step::open_line>();
  return Atomics::load_relaxed(current) == session;
}

/// The current session, which stays until leave_session().
template <class Atomics = StdAtomics, class Users, class Current>
[[nodiscard]] auto use_session(Users& users, const Current& current) noexcept {
  (void)Atomics::template add<Step::use_session>(users, 1u);
  return Atomics::template load<Step::load_current>(current);
}
template <class Atomics = StdAtomics, class Users> void leave_session(Users& users) noexcept {
  (void)Atomics::template subtract<Step::leave_session>(users, 1u);
}

/// Behind a change of the current session: whether nobody looks into earlier ones.
template <class Atomics = StdAtomics, class Users> [[nodiscard]] bool is_unused(const Users& users) noexcept {
  return Atomics::template load<Step::load_users>(users) == 0u;
}

}  // namespace lmlog::detail
