// SPDX-License-Identifier: Apache-2.0
// See process.hpp.
#include "libproducer/src/process.hpp"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <bit>
#include <exception>
#include <new>
#include <utility>

#include <lmlog/clock.hpp>
#include <lmlog/formats/record.hpp>
#include <lmlog/formats/ring_layout.hpp>

#include "libproducer/src/cancellation_waits.hpp"
#include "libproducer/src/clock_source.hpp"
#include "libproducer/src/complaint.hpp"
#include "libproducer/src/environment.hpp"
#include "libproducer/src/inside_library.hpp"
#include "libproducer/src/process_lock.hpp"

namespace lmlog::detail {

using formats::LossReason;
using formats::Result;

constinit std::atomic<std::uint64_t> slow_word{formats::kControlAttention};
constinit __thread bool inside_library = false;
constinit __thread bool locked_for_fork = false;

namespace {

constexpr std::int64_t kFirstBackOffNs = 1'000'000'000;  // a folder that is missing may come with a mount
constexpr std::int64_t kLastBackOffNs = 60'000'000'000;

// How long fork() waits for a thread that makes a session or a ring. It may wait for ever for a lock that the forking
// thread's service took in a prepare handler of its own: then the child does not log.
constexpr std::int64_t kForkWaitNs = 1'000'000'000;

constinit std::atomic<Process*> made{nullptr};  // the process's object, once it is whole

}  // namespace

/// In the first thread that comes here in a child with memory of its own. Gives it the lock.
void Process::begin_in_child_locked() noexcept {
  // The lock may be held by a thread that was not copied, and what it guards half changed: then the child does not log.
  if (locked_ && !locked_for_fork) {
    inert_ = true;
    complain_once(Topic::fork, "this process was cloned while another thread was registering: it does not log");
  }
  const bool is_forking_thread = this_thread != nullptr || locked_for_fork;
  if (!locked_for_fork) {  // else it is ours already
    new (&mutex_) std::mutex;
    mutex_.lock();
  }
  locked_for_fork = false;
  in_use_ = 0;
  current_.store(nullptr, std::memory_order_seq_cst);
  if (!inert_) {
    // The parent's files: nothing of them is mapped here but the control words, which go, and the lock is not
    // inherited.
    for (const auto& session : sessions_) session->forget_mappings();
    sessions_.clear();
    capture_.reset();  // what the child logs is its own
    loggers_.override_all(std::nullopt);
    if (is_forking_thread) (void)watch_thread_end(nullptr);
    threads_.forget(is_forking_thread);
    controls_.clear();
    next_session_try_ = 0;
    session_back_off_ns_ = 0;
    aim_all_locked();
  }
  this_thread = nullptr;
  forget_line();
  memory_.own();
}

void Process::before_fork() noexcept {
  Process* const process = existing();
  if (process == nullptr || inside_library || process->memory_.is_new()) return;
  const CancellationWaits cancellation;
  const std::int64_t start = coarse_monotonic_ns();
  while (!process->mutex_.try_lock()) {
    if (coarse_monotonic_ns() - start > kForkWaitNs) return;
    const timespec pause{0, 20'000};
    ::nanosleep(&pause, nullptr);
  }
  process->locked_.store(true, std::memory_order_relaxed);
  locked_for_fork = true;
}

void Process::after_fork_in_parent() noexcept {
  if (!locked_for_fork) return;
  locked_for_fork = false;
  Process& process = *existing();
  process.locked_.store(false, std::memory_order_relaxed);
  process.mutex_.unlock();
}

void Process::after_fork_in_child() noexcept {
  Process* const process = existing();
  if (process == nullptr) return;
  process->memory_.made_by_fork();
  // At once, so that a child that never logs keeps nothing of its parent's either.
  if (process->memory_.is_new()) const Locked lock(*process);
  locked_for_fork = false;
}

Process& Process::instance() noexcept {
  alignas(Process) static std::byte storage[sizeof(Process)];
  static Process& process = *new (storage) Process;
  made.store(&process, std::memory_order_release);
  return process;
}

Process* Process::existing() noexcept { return made.load(std::memory_order_acquire); }

Process::Process() noexcept : loggers_(level_setting_of_environment()) {
  // Without the handlers a child still begins anew with its first call; it may find the lock taken.
  (void)::pthread_atfork(&before_fork, &after_fork_in_parent, &after_fork_in_child);
}

void Process::add_statement(LoadedStatement& statement) noexcept {
  Locked lock(*this);
  if (inert_) return;
  link_locked(statement);
  try {
    statement.id = statements_.enter(statement.description).value_or(0);
    if (statement.id != 0) register_locked(statement);
  } catch (const std::exception&) {
    // The statement's first call tries again, and counts if it fails again.
  }
}

void Process::remove_statement(LoadedStatement& statement) noexcept {
  Locked lock(*this);
  if (!inert_) unlink_locked(statement);
}

void Process::link_locked(LoadedStatement& statement) noexcept {
  statement.next = loaded_;
  statement.previous = nullptr;
  if (loaded_ != nullptr) loaded_->previous = &statement;
  loaded_ = &statement;
}

void Process::unlink_locked(LoadedStatement& statement) noexcept {
  if (statement.next != nullptr) statement.next->previous = statement.previous;
  if (statement.previous != nullptr) statement.previous->next = statement.next;
  if (loaded_ == &statement) loaded_ = statement.next;
}

/// Brings a statement that has an id into the session that there is, and aims its cell.
void Process::register_locked(LoadedStatement& statement) noexcept {
  SharedSession* const session = current();
  if (session == nullptr || session_is_over_locked()) return;
  enter_statements_locked(*session);
  aim_locked(statement.description, statement.id);
}

void Process::complete_options(SessionOptions& options) const {
  if (options.service.empty()) options.service = environment("LMLOG_SERVICE").value_or(std::string{});
  if (options.service.empty()) options.service = program_name();
  if (options.service.empty()) options.service = "unnamed";
  if (options.service.size() > formats::kNameBytes) {
    std::string cut = cut_text(options.service, formats::kNameBytes);
    complain_once(Topic::service, "the name of the service has " + std::to_string(options.service.size()) +
                                      " bytes; the first " + std::to_string(cut.size()) + " are used: '" + cut + "'");
    options.service = std::move(cut);
  }
  const std::uint64_t wanted = options.ring_bytes;
  options.ring_bytes = std::bit_ceil(std::clamp(wanted, formats::kMinRingBytes, formats::kMaxRingBytes));
  if (wanted < formats::kMinRingBytes || wanted > formats::kMaxRingBytes)
    complain_once(Topic::ring_bytes, "ring_bytes = " + std::to_string(wanted) + " is not between 64 KiB and 1 GiB: " +
                                         std::to_string(options.ring_bytes) + " is used");
  options.max_string = std::min<std::size_t>(options.max_string, formats::kLengthMask);
  options.block_timeout = std::max(options.block_timeout, std::chrono::nanoseconds(0));
}

bool Process::begin_explicit(SessionOptions options) noexcept {
  try {
    Locked lock(*this);
    if (inert_ || memory_.is_guest()) return false;
    if (has_explicit_) {
      complain_once(Topic::second_session, "a second lmlog::Session (service '" + options.service + "') while '" +
                                               options_.service +
                                               "' is there: it does nothing; a process has one at a time");
      return false;
    }
    complete_options(options);
    loggers_.change_session(options.level);
    options_ = std::move(options);
    has_explicit_ = true;
    end_suspended_locked();
    next_session_try_ = 0;
    session_back_off_ns_ = 0;
    if (current() != nullptr) replace_session_locked(nullptr);
    (void)ensure_session_locked();
    return true;
  } catch (const std::exception& exception) {
    complain_once(Topic::session, exception.what());
    return false;
  }
}

void Process::end_explicit() noexcept {
  Locked lock(*this);
  if (inert_ || !has_explicit_ || memory_.is_guest()) return;
  has_explicit_ = false;
  loggers_.change_session(std::nullopt);
  options_ = {};
  end_suspended_locked();
  next_session_try_ = 0;
  session_back_off_ns_ = 0;
  replace_session_locked(nullptr);
}

bool Process::may_try_session() const noexcept {
  if (memory_.is_new()) return true;
  const std::int64_t next = next_session_try_.load(std::memory_order_relaxed);
  return next == 0 || coarse_monotonic_ns() >= next;
}

SharedSession* Process::ensure_session() noexcept {
  try {
    if (memory_.is_guest()) return current();
    Locked lock(*this);
    return inert_ ? nullptr : ensure_session_locked();
  } catch (const std::exception& exception) {
    complain_once(Topic::session, exception.what());
    return nullptr;
  }
}

SharedSession* Process::ensure_session_locked() {
  if (current() != nullptr && !session_is_over_locked()) return current();
  if (!may_try_session()) return nullptr;
  auto session = make_session_locked();
  if (!session) {
    session_back_off_ns_ = std::clamp(2 * session_back_off_ns_, kFirstBackOffNs, kLastBackOffNs);
    next_session_try_ = coarse_monotonic_ns() + session_back_off_ns_;
    complain_once(Topic::folder,
                  session.error().text + ". Nothing is logged until that is put right; the service goes on");
    replace_session_locked(nullptr);
    return nullptr;
  }
  next_session_try_ = 0;
  session_back_off_ns_ = 0;
  replace_session_locked(std::move(*session));
  return current();
}

/// With all statements, and where a capture wants it.
Result<std::unique_ptr<SharedSession>> Process::make_session_locked() {
  if (!has_explicit_) complete_options(options_);
  if (!controls_.reserve()) throw std::bad_alloc();
  SessionOptions options = options_;
  std::optional<RingFolder> folder;
  if (capture_ != nullptr) {
    options.ring_bytes = capture_->settings.ring_bytes;
    options.policy = capture_->settings.policy;
    complete_options(options);
    folder = RingFolder{capture_->settings.folder};
  }
  auto session = SharedSession::create(options, std::move(folder));
  if (session) (void)(*session)->enter_statements(statements_, loggers_);
  return session;
}

void Process::replace_session_locked(std::unique_ptr<SharedSession> session) noexcept {
  SharedSession* const before = current();
  SharedSession* const next = session.get();
  if (session) sessions_.push_back(std::move(session));
  switch_session_locked(next);
  if (before == nullptr) return;
  before->end();
  give_up_sessions_locked();
}

void Process::switch_session_locked(SharedSession* session) noexcept {
  clock_is_tsc = session != nullptr ? session->clock() == formats::ClockKind::tsc : tsc_is_invariant();
  const auto shut_lines = [this] {
    for (ThreadState* const thread : threads_.all()) shut(*thread->line);
  };
  // A cell that is aimed at the new session's catalog must not be used in a ring of the old one.
  const auto aim = [this, session] {
    controls_.clear();
    if (session != nullptr) controls_.show(session->descriptor(), session->controls_backed());
    aim_all_locked();
  };
  change_session(current_, session, shut_lines, aim);
  // This thread is in no log call of the old session: it leaves at once.
  if (this_thread != nullptr) leave_ring_locked(*this_thread);
}

void Process::give_up_sessions_locked() noexcept {
  // Who comes from now on finds the current one. If somebody is here now, the next change gives up more.
  if (!is_unused(in_use_)) return;
  std::erase_if(sessions_, [](const auto& session) { return session->is_left(); });
}

void Process::enter_statements_locked(SharedSession& session) noexcept {
  (void)session.enter_statements(statements_, loggers_);
  controls_.show(session.descriptor(), session.controls_backed());
}

bool Process::session_is_over_locked() const noexcept {
  const SharedSession* const session = current();
  if (session->is_retired() || !session->is_alive()) return true;
  return this_thread != nullptr && this_thread->ring != nullptr && &this_thread->ring->session() == session &&
         this_thread->ring->is_retired();
}

void Process::aim_locked(const StatementDescription& description, std::uint32_t id) noexcept {
  StatementCell& cell = *description.cell;
  SharedSession* const session = current();
  if (session == nullptr || id < formats::kFirstStatementId ||
      id - formats::kFirstStatementId >= std::min<std::uint64_t>(session->statements(), controls_.shown())) {
    cell.info.store(kUnregistered, std::memory_order_relaxed);
    cell.control.store(&slow_word, std::memory_order_release);
    return;
  }
  const bool varies = description.variable_count != 0;
  const std::uint64_t bytes = varies ? description.base_bytes : formats::round_up_8(description.base_bytes);
  const std::uint64_t info = bytes << 32 | formats::pack_id_and_length(id, varies ? 0 : bytes);
  StdAtomics::store<Step::aim_info>(cell.info, info);
  cell.control.store(&controls_.word(id - formats::kFirstStatementId), std::memory_order_release);
}

void Process::aim_all_locked() noexcept {
  for (LoadedStatement* at = loaded_; at != nullptr; at = at->next) aim_locked(at->description, at->id);
}

bool Process::attach(const StatementDescription& description) noexcept {
  try {
    if (!memory_.is_guest()) {
      Locked lock(*this);
      return !inert_ && attach_locked(description);
    }
  } catch (const std::exception&) {
  }
  // No memory; or a guest, which takes no lock that it could die with.
  const SessionInUse use(*this);
  if (use.get() != nullptr) use.get()->count_loss(LossReason::no_ring);
  return false;
}

bool Process::attach_locked(const StatementDescription& description) {
  SharedSession* const session = ensure_session_locked();
  if (session == nullptr) return false;
  if (description.cell->info.load(std::memory_order_relaxed) == kUnregistered) {
    const std::uint32_t id = statements_.enter(description).value_or(0);
    enter_statements_locked(*session);
    aim_locked(description, id);
    if (description.cell->info.load(std::memory_order_relaxed) == kUnregistered) {
      session->delay_catalog();
      session->count_loss(LossReason::no_catalog);
      return false;
    }
  }
  if (!ensure_ring_locked(*session)) {
    session->count_loss(LossReason::no_ring);
    return false;
  }
  return true;
}

bool Process::ensure_ring_locked(SharedSession& session) {
  // The last thread of the process runs exit() behind its own end.
  if (thread_has_ended && !threads_.all().empty()) return false;
  if (this_thread == nullptr) {
    ThreadState* const thread = threads_.add();
    if (thread == nullptr) return false;
    if (!thread_has_ended && !watch_thread_end(thread)) {
      threads_.remove(*thread);
      return false;
    }
    this_thread = thread;
    this_line = thread->line;
  }
  ThreadState& thread = *this_thread;
  if (thread.ring != nullptr && &thread.ring->session() != &session) leave_ring_locked(thread);
  if (thread.ring != nullptr) return true;
  Ring* const ring = session.take_ring();
  if (ring == nullptr) return false;
  ring->attach(*thread.line, thread.identity);
  thread.ring = ring;
  return true;
}

void Process::thread_ends() noexcept {
  if (memory_.is_guest()) return;
  Locked lock(*this);
  thread_has_ended = true;
  if (inert_ || this_thread == nullptr) return;
  leave_ring_locked(*this_thread);
  threads_.remove(*this_thread);
  this_thread = nullptr;
  forget_line();
}

LossCounts Process::losses() noexcept {
  Locked lock(*this);
  const SharedSession* const session = own_session_locked();
  return session != nullptr ? session->losses() : LossCounts{};
}

std::string Process::session_id() {
  Locked lock(*this);
  const SharedSession* const session = own_session_locked();
  return session != nullptr ? session->id().hex() : std::string{};
}

std::string Process::session_path() {
  Locked lock(*this);
  const SharedSession* const session = own_session_locked();
  return session != nullptr ? session->path() : std::string{};
}

void Process::leave_ring_locked(ThreadState& thread) noexcept {
  if (thread.ring == nullptr) return;
  SharedSession& session = thread.ring->session();
  thread.ring->detach(*thread.line);
  session.give_ring(*thread.ring);
  thread.ring = nullptr;
  if (session.is_left()) give_up_sessions_locked();
}

}  // namespace lmlog::detail
