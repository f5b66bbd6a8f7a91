// SPDX-License-Identifier: Apache-2.0
// The process's side of logging: its statements, its session, its threads, and the one lock that guards them. Log calls
// come here only when something changes: a first call, a new statement, thread, session, or a fork.
//
// Changing the session: `current` is stored, the limits of all threads' lines are set to 0, so that every thread comes
// to its slow path with its next call, and cells are aimed at the new session's words, or at the slow word. A thread
// that was in the slow path while that happened looks at `current` again after it has stored its limit (both sides with
// a sequentially consistent fence in between), so one of the two always sees the other. A session is `closed` when its
// last thread has left, and given up when besides nobody looks at it without the lock (SessionInUse).
//
// Splitting (memory_copy.hpp): fork() finds the lock at rest, because its prepare handler takes it; a child begins anew
// before it does anything else. A guest in its parent's memory uses what is there, and makes nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lmlog/capture_session.hpp>
#include <lmlog/logger_statement.hpp>
#include <lmlog/session.hpp>
#include <lmlog/statement.hpp>

#include "libproducer/src/control_range.hpp"
#include "libproducer/src/logger_table.hpp"
#include "libproducer/src/memory_copy.hpp"
#include "libproducer/src/session_protocol.hpp"
#include "libproducer/src/shared_session.hpp"
#include "libproducer/src/statement_table.hpp"
#include "libproducer/src/thread_state.hpp"

namespace lmlog::detail {

/// A capture that is on, in the place of the process's own session.
struct SessionCapture {
  CaptureSettings settings;
  SharedSession* suspended = nullptr;  // the own session; null: there was none
};

class Process {
 public:
  /// Never destroyed: statements may run in other objects' static destructors.
  [[nodiscard]] static Process& instance() noexcept;
  /// Null while instance() has not returned for the first time.
  [[nodiscard]] static Process* existing() noexcept;

  void add_statement(LoadedStatement& statement) noexcept;
  void remove_statement(LoadedStatement& statement) noexcept;

  // process_loggers.cpp
  /// Null for the process itself, and when there is none to be had.
  [[nodiscard]] LoggerState* logger(std::string_view name) noexcept;
  /// Null is the process itself; nullopt takes back what was set.
  void set_level(LoggerState* logger, std::optional<Level> level) noexcept;
  void set_level_of_session(Level level) noexcept;
  /// Null is the process itself. Without the lock.
  [[nodiscard]] Level level(const LoggerState* logger) const noexcept { return loggers_.level(logger); }
  /// The statement's variant of this logger, made if need be; null when there is none to be had.
  [[nodiscard]] LoggerVariant* variant(LoggerSite& site, LoggerState* logger,
                                       const StatementDescription& description) noexcept;
  void remove_variants(LoggerSite& site) noexcept;

  /// False when there is an explicit session already.
  [[nodiscard]] bool begin_explicit(SessionOptions options) noexcept;
  void end_explicit() noexcept;

  // process_capture.cpp; see lmlog/capture_session.hpp
  [[nodiscard]] std::string begin_capture(const CaptureSettings& settings) noexcept;
  void end_capture() noexcept;

  [[nodiscard]] LossCounts losses() noexcept;
  [[nodiscard]] std::string session_id();
  [[nodiscard]] std::string session_path();

  /// The session, or null, also in a child that has not begun yet. Without the lock: to compare with, not to look into.
  [[nodiscard]] SharedSession* current() const noexcept {
    return memory_.is_new() ? nullptr : formats::StdAtomics::load<formats::Step::load_current>(current_);
  }
  /// Behind the store of a limit in that session's ring: false when it must be taken back. Without the lock.
  [[nodiscard]] bool is_current(const SharedSession* session) const noexcept {
    return is_still_current(current_, session) && !memory_.is_new();
  }
  /// False while it is too early to try again to open a session. Without the lock.
  [[nodiscard]] bool may_try_session() const noexcept;
  /// True in a forked child until its first call with the lock.
  [[nodiscard]] bool is_new_copy() const noexcept { return memory_.is_new(); }

  /// Opens a session if there is none that is alive. Null: not now; it was said why.
  SharedSession* ensure_session() noexcept;
  /// Makes statement, session and the calling thread's ring fit each other. False: the record was counted as lost, or
  /// there is nothing to count in.
  [[nodiscard]] bool attach(const StatementDescription& description) noexcept;
  /// Gives the calling thread's ring back.
  void thread_ends() noexcept;

 private:
  class Locked;
  friend class SessionInUse;
  Process() noexcept;

  static void before_fork() noexcept;
  static void after_fork_in_parent() noexcept;
  static void after_fork_in_child() noexcept;
  void begin_in_child_locked() noexcept;

  [[nodiscard]] SharedSession* ensure_session_locked();
  [[nodiscard]] bool attach_locked(const StatementDescription& description);
  [[nodiscard]] bool ensure_ring_locked(SharedSession& session);
  [[nodiscard]] formats::Result<std::unique_ptr<SharedSession>> make_session_locked();
  /// The current session ends.
  void replace_session_locked(std::unique_ptr<SharedSession> session) noexcept;
  /// The current session stays as it is; its threads leave.
  void switch_session_locked(SharedSession* session) noexcept;
  void end_suspended_locked() noexcept;
  /// The session that a capture may stand in for.
  [[nodiscard]] SharedSession* own_session_locked() const noexcept {
    return capture_ != nullptr ? capture_->suspended : current();
  }
  void leave_ring_locked(ThreadState& thread) noexcept;
  [[nodiscard]] bool session_is_over_locked() const noexcept;
  void link_locked(LoadedStatement& statement) noexcept;
  void unlink_locked(LoadedStatement& statement) noexcept;
  void register_locked(LoadedStatement& statement) noexcept;
  void apply_levels_locked() noexcept;
  void aim_locked(const StatementDescription& description, std::uint32_t id) noexcept;
  void aim_all_locked() noexcept;
  void enter_statements_locked(SharedSession& session) noexcept;
  void give_up_sessions_locked() noexcept;
  void complete_options(SessionOptions& options) const;

  MemoryCopy memory_;
  std::mutex mutex_;
  std::atomic<bool> locked_{false};  // what a child finds when another thread held the lock
  std::atomic<bool> inert_{false};

  LoggerTable loggers_;
  StatementTable statements_;
  LoadedStatement* loaded_ = nullptr;
  std::vector<std::unique_ptr<LoggerVariant>> variants_;  // all of them, see logger_statement.hpp
  ThreadList threads_;

  std::atomic<SharedSession*> current_{nullptr};
  std::vector<std::unique_ptr<SharedSession>> sessions_;  // the current one, and those that threads have not left yet
  mutable std::atomic<std::uint32_t> in_use_{0};          // SessionInUse objects
  ControlRange controls_;
  std::unique_ptr<SessionCapture> capture_;  // null: none
  bool has_explicit_ = false;
  SessionOptions options_;  // of the explicit session, else of the implicit one
  std::atomic<std::int64_t> next_session_try_{0};
  std::int64_t session_back_off_ns_ = 0;
};

/// The current session for a caller without the lock: it stays while the object lives.
class SessionInUse {
 public:
  explicit SessionInUse(const Process& process) noexcept : process_(process) {
    SharedSession* const session = use_session(process.in_use_, process.current_);
    session_ = process.memory_.is_new() ? nullptr : session;
  }
  ~SessionInUse() { leave_session(process_.in_use_); }
  SessionInUse(const SessionInUse&) = delete;
  SessionInUse& operator=(const SessionInUse&) = delete;

  [[nodiscard]] SharedSession* get() const noexcept { return session_; }

 private:
  const Process& process_;
  SharedSession* session_ = nullptr;
};

}  // namespace lmlog::detail
