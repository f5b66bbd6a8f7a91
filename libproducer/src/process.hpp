// SPDX-License-Identifier: Apache-2.0
// The process's side of logging: its statements, its session, its threads, and the one lock that guards them. Log calls
// come here only when something changes: a first call, a new statement, thread, session, or a fork.
//
// Changing the session: `current` is stored, the limits of all threads' lines are set to 0, so that every thread comes
// to its slow path with its next call, and cells are aimed at the new session's words, or at the slow word. A thread
// that was in the slow path while that happened looks at `current` again after it has stored its limit (both sides with
// a sequentially consistent fence in between), so one of the two always sees the other. A session is `closed` when its
// last thread has left.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <lmlog/session.hpp>
#include <lmlog/statement.hpp>

#include "libproducer/src/shared_session.hpp"
#include "libproducer/src/statement_table.hpp"
#include "libproducer/src/thread_state.hpp"

namespace lmlog::detail {

class Process {
 public:
  /// Never destroyed: statements may run in other objects' static destructors.
  [[nodiscard]] static Process& instance() noexcept;
  /// Null while instance() has not returned for the first time.
  [[nodiscard]] static Process* existing() noexcept;

  void add_statement(Registrar& registrar) noexcept;
  void remove_statement(Registrar& registrar) noexcept;

  /// False when there is an explicit session already.
  [[nodiscard]] bool begin_explicit(SessionOptions options) noexcept;
  void end_explicit() noexcept;

  void set_level(Level level) noexcept;
  [[nodiscard]] Level level() const noexcept { return level_.load(std::memory_order_relaxed); }
  [[nodiscard]] LossCounts losses() noexcept;
  [[nodiscard]] std::string session_id();
  [[nodiscard]] std::string session_path();

  /// The session, or null. Without the lock.
  [[nodiscard]] SharedSession* current() const noexcept { return current_.load(std::memory_order_seq_cst); }
  /// False while it is too early to try again to open a session. Without the lock.
  [[nodiscard]] bool may_try_session() const noexcept;

  /// Opens a session if there is none that is alive. Null: not now; it was said why.
  SharedSession* ensure_session() noexcept;
  /// Makes statement, session and the calling thread's ring fit each other. False: the record was counted as lost, or
  /// there is nothing to count in.
  [[nodiscard]] bool attach(const StatementDescription& description) noexcept;
  /// Gives the calling thread's ring back.
  void thread_ends() noexcept;

 private:
  class Locked;
  Process() noexcept;

  [[nodiscard]] bool begin_in_child() noexcept;

  [[nodiscard]] SharedSession* ensure_session_locked();
  [[nodiscard]] bool attach_locked(const StatementDescription& description);
  [[nodiscard]] bool ensure_ring_locked(SharedSession& session);
  void replace_session_locked(std::unique_ptr<SharedSession> session) noexcept;
  void leave_ring_locked(ThreadState& thread) noexcept;
  [[nodiscard]] bool session_is_over_locked() const noexcept;
  void aim_locked(const StatementDescription& description, std::uint32_t id) noexcept;
  void aim_all_locked() noexcept;
  void forget_parent_locked() noexcept;
  void complete_options(SessionOptions& options) const;

  std::mutex mutex_;
  std::atomic<bool> locked_{false};  // what a forked child finds when another thread held the lock
  std::atomic<pid_t> pid_;
  std::atomic<bool> inert_{false};
  const std::optional<Level> level_of_environment_;  // wins over a session's

  StatementTable statements_;
  Registrar* loaded_ = nullptr;
  ThreadList threads_;

  std::atomic<SharedSession*> current_{nullptr};
  std::vector<std::unique_ptr<SharedSession>> sessions_;  // all of them: log calls may still look at old control words
  bool has_explicit_ = false;
  SessionOptions options_;  // of the explicit session, else of the implicit one
  std::atomic<Level> level_{Level::info};
  std::atomic<std::int64_t> next_session_try_{0};
  std::int64_t session_back_off_ns_ = 0;
};

}  // namespace lmlog::detail
