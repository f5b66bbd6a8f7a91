// SPDX-License-Identifier: Apache-2.0
// See process.hpp.
#include "libproducer/src/process.hpp"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <exception>
#include <new>
#include <utility>

#include <lmlog/clock.hpp>
#include <lmlog/formats/record.hpp>
#include <lmlog/formats/ring_layout.hpp>

#include "libproducer/src/clock_source.hpp"
#include "libproducer/src/complaint.hpp"
#include "libproducer/src/environment.hpp"
#include "libproducer/src/inside_library.hpp"

namespace lmlog::detail {

using formats::LossReason;

constinit std::atomic<std::uint64_t> slow_word{formats::kControlAttention};
constinit __thread bool inside_library = false;

namespace {

constexpr std::int64_t kFirstBackOffNs = 1'000'000'000;  // a folder that is missing may come with a mount
constexpr std::int64_t kLastBackOffNs = 60'000'000'000;

constinit std::atomic<Process*> made{nullptr};  // the process's object, once it is whole

/// No signal handler runs on this thread meanwhile: it might log, and wait for a lock that its own thread holds; and a
/// steady timer would never let a large allocation finish.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

/// The lock, with what comes with it: signals wait, an allocator that logs is told from the service, and a forked child
/// begins anew.
class Process::Locked {
 public:
  explicit Locked(Process& process) noexcept : process_(process) {
    const bool is_new_child = process.begin_in_child();
    process.mutex_.lock();
    process.locked_.store(true, std::memory_order_relaxed);
    if (is_new_child && !process.inert_) process.forget_parent_locked();
  }
  ~Locked() {
    process_.locked_.store(false, std::memory_order_relaxed);
    process_.mutex_.unlock();
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  InsideLibrary inside_;
  SignalsBlocked signals_;
  Process& process_;
};

/// True in the one thread that is the first to come here in a child of fork.
bool Process::begin_in_child() noexcept {
  const pid_t pid = ::getpid();
  constexpr pid_t kBeginning = -1;
  pid_t known = pid_.load(std::memory_order_acquire);
  if (known == pid) return false;
  if (known == kBeginning || !pid_.compare_exchange_strong(known, kBeginning)) {
    while (pid_.load(std::memory_order_acquire) != pid) ::sched_yield();
    return false;
  }
  // The lock may be held by a thread that was not copied, and what it guards half changed: then the child does not log.
  if (locked_) {
    inert_ = true;
    complain_once(Topic::fork, "this process was forked while another thread was registering: it does not log");
  }
  new (&mutex_) std::mutex;
  pid_.store(pid, std::memory_order_release);
  return true;
}

Process& Process::instance() noexcept {
  alignas(Process) static std::byte storage[sizeof(Process)];
  static Process& process = *new (storage) Process;
  made.store(&process, std::memory_order_release);
  return process;
}

Process* Process::existing() noexcept { return made.load(std::memory_order_acquire); }

Process::Process() noexcept : pid_(::getpid()), level_of_environment_(level_of_environment()) {
  level_ = level_of_environment_.value_or(Level::info);
}

void Process::add_statement(Registrar& registrar) noexcept {
  Locked lock(*this);
  if (inert_) return;
  registrar.next = loaded_;
  if (loaded_ != nullptr) loaded_->previous = &registrar;
  loaded_ = &registrar;
  try {
    registrar.id = statements_.enter(registrar.description()).value_or(0);
    SharedSession* const session = current();
    if (registrar.id == 0 || session == nullptr || session_is_over_locked()) return;
    (void)session->enter_statements(statements_, level());
    aim_locked(registrar.description(), registrar.id);
  } catch (const std::exception&) {
    // The statement's first call tries again, and counts if it fails again.
  }
}

void Process::remove_statement(Registrar& registrar) noexcept {
  Locked lock(*this);
  if (inert_) return;
  if (registrar.next != nullptr) registrar.next->previous = registrar.previous;
  if (registrar.previous != nullptr) registrar.previous->next = registrar.next;
  if (loaded_ == &registrar) loaded_ = registrar.next;
}

void Process::complete_options(SessionOptions& options) const {
  if (options.service.empty()) options.service = environment("LMLOG_SERVICE").value_or(std::string{});
  if (options.service.empty()) options.service = program_name();
  if (options.service.empty()) options.service = "unnamed";
  options.service = cut_text(options.service, formats::kNameBytes);
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
    if (inert_) return false;
    if (has_explicit_) {
      complain_once(Topic::second_session, "a second lmlog::Session (service '" + options.service + "') while '" +
                                               options_.service +
                                               "' is there: it does nothing; a process has one at a time");
      return false;
    }
    complete_options(options);
    level_ = level_of_environment_.value_or(options.level.value_or(Level::info));
    options_ = std::move(options);
    has_explicit_ = true;
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
  if (inert_ || !has_explicit_) return;
  has_explicit_ = false;
  level_ = level_of_environment_.value_or(Level::info);
  options_ = {};
  next_session_try_ = 0;
  session_back_off_ns_ = 0;
  replace_session_locked(nullptr);
}

bool Process::may_try_session() const noexcept {
  const std::int64_t next = next_session_try_.load(std::memory_order_relaxed);
  return next == 0 || coarse_monotonic_ns() >= next;
}

SharedSession* Process::ensure_session() noexcept {
  try {
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
  if (!has_explicit_) complete_options(options_);
  auto session = SharedSession::create(options_);
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
  (void)(*session)->enter_statements(statements_, level());
  replace_session_locked(std::move(*session));
  return current();
}

void Process::replace_session_locked(std::unique_ptr<SharedSession> session) noexcept {
  SharedSession* const before = current();
  clock_is_tsc = session ? session->clock() == formats::ClockKind::tsc : tsc_is_invariant();
  current_.store(session.get(), std::memory_order_seq_cst);
  if (session) sessions_.push_back(std::move(session));
  std::atomic_thread_fence(std::memory_order_seq_cst);
  for (ThreadState* const thread : threads_.all()) shut(*thread->line);
  // Only now: a cell that is aimed at the new session's catalog must not be used in a ring of the old one.
  aim_all_locked();
  if (before == nullptr) return;
  // This thread is in no log call of the old session: it leaves at once.
  if (this_thread != nullptr) leave_ring_locked(*this_thread);
  before->end();
}

bool Process::session_is_over_locked() const noexcept {
  const SharedSession* const session = current();
  if (session->is_retired() || !session->has_lock()) return true;
  return this_thread != nullptr && this_thread->ring != nullptr && &this_thread->ring->session() == session &&
         this_thread->ring->is_retired();
}

void Process::aim_locked(const StatementDescription& description, std::uint32_t id) noexcept {
  StatementCell& cell = *description.cell;
  SharedSession* const session = current();
  if (session == nullptr || id < formats::kFirstStatementId ||
      id - formats::kFirstStatementId >= session->statements()) {
    cell.info.store(kUnregistered, std::memory_order_relaxed);
    cell.control.store(&slow_word, std::memory_order_release);
    return;
  }
  const bool varies = description.variable_count != 0;
  const std::uint64_t bytes = varies ? description.base_bytes : formats::round_up_8(description.base_bytes);
  cell.info.store(bytes << 32 | formats::pack_id_and_length(id, varies ? 0 : bytes), std::memory_order_relaxed);
  cell.control.store(&session->control_word(id), std::memory_order_release);
}

void Process::aim_all_locked() noexcept {
  for (Registrar* at = loaded_; at != nullptr; at = at->next) aim_locked(at->description(), at->id);
}

bool Process::attach(const StatementDescription& description) noexcept {
  try {
    Locked lock(*this);
    return !inert_ && attach_locked(description);
  } catch (const std::exception&) {
    if (SharedSession* const session = current()) session->count_loss(LossReason::no_ring);
    return false;
  }
}

bool Process::attach_locked(const StatementDescription& description) {
  SharedSession* const session = ensure_session_locked();
  if (session == nullptr) return false;
  if (description.cell->info.load(std::memory_order_relaxed) == kUnregistered) {
    const std::uint32_t id = statements_.enter(description).value_or(0);
    (void)session->enter_statements(statements_, level());
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
  if (thread_has_ended) return false;
  if (this_thread == nullptr) {
    ThreadState* const thread = threads_.add();
    if (thread == nullptr) return false;
    if (!watch_thread_end(*thread)) {
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
  Locked lock(*this);
  thread_has_ended = true;
  if (inert_ || this_thread == nullptr) return;
  leave_ring_locked(*this_thread);
  threads_.remove(*this_thread);
  this_thread = nullptr;
  forget_line();
}

void Process::set_level(Level level) noexcept {
  Locked lock(*this);
  level_ = level;
  if (SharedSession* const session = current(); session != nullptr && !inert_) session->set_level(statements_, level);
}

LossCounts Process::losses() noexcept {
  Locked lock(*this);
  return current() != nullptr ? current()->losses() : LossCounts{};
}

std::string Process::session_id() {
  Locked lock(*this);
  return current() != nullptr ? current()->id().hex() : std::string{};
}

std::string Process::session_path() {
  Locked lock(*this);
  return current() != nullptr ? current()->path() : std::string{};
}

void Process::leave_ring_locked(ThreadState& thread) noexcept {
  if (thread.ring == nullptr) return;
  SharedSession& session = thread.ring->session();
  thread.ring->detach(*thread.line);
  session.give_ring(*thread.ring);
  thread.ring = nullptr;
}

void Process::forget_parent_locked() noexcept {
  // The parent's files are mapped here too, and stay: cells are aimed away from them and nothing is written to them.
  // Its lock is not inherited.
  threads_.forget();
  this_thread = nullptr;
  forget_line();
  current_.store(nullptr, std::memory_order_seq_cst);
  next_session_try_ = 0;
  aim_all_locked();
}

}  // namespace lmlog::detail
