// SPDX-License-Identifier: Apache-2.0
// See thread_state.hpp.
#include "libproducer/src/thread_state.hpp"

#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>

#include <lmlog/formats/state_vector.hpp>

#include "libproducer/src/environment.hpp"
#include "libproducer/src/process.hpp"

namespace lmlog::detail {

namespace {

constinit ThreadLine no_line;  // limit 0, never written: of threads without a ring

constexpr std::size_t kPageBytes = 4096;

/// In a child without MADV_WIPEONFORK (before Linux 4.14): the forking thread is the only one that there is.
void wipe_own_line() noexcept {
  if (this_thread == nullptr) return;
  ThreadLine& line = *this_thread->line;
  shut(line);
  line.live = 0;
}

/// The key below was deleted: the process runs its static destructors, or the library goes.
constinit std::atomic<bool> end_key_is_gone{false};

/// Runs `thread_ended` for every thread that logged. Deleted when the library is unloaded, its code with it.
class EndKey {
 public:
  EndKey() noexcept { valid_ = ::pthread_key_create(&key_, &EndKey::thread_ended) == 0; }
  ~EndKey() {
    end_key_is_gone.store(true, std::memory_order_relaxed);
    if (valid_) ::pthread_key_delete(key_);
  }
  EndKey(const EndKey&) = delete;
  EndKey& operator=(const EndKey&) = delete;

  [[nodiscard]] bool watch(ThreadState* thread) noexcept { return valid_ && ::pthread_setspecific(key_, thread) == 0; }

 private:
  static void thread_ended(void* state) noexcept;

  pthread_key_t key_{};
  bool valid_ = false;
};

EndKey& end_key() noexcept {
  static EndKey key;
  return key;
}

/// Other keys' destructors may log after this one, so it arms itself again, and lets go one round before the last that
/// POSIX promises: the last is where sanitizers take their own state of the thread down.
void EndKey::thread_ended(void* state) noexcept {
  constexpr unsigned kRounds = PTHREAD_DESTRUCTOR_ITERATIONS - 1;
  auto& thread = *static_cast<ThreadState*>(state);
  if (++thread.end_rounds < kRounds && end_key().watch(&thread)) return;
  Process::instance().thread_ends();
}

}  // namespace

__thread ThreadLine* this_line = &no_line;
__thread ThreadState* this_thread = nullptr;
__thread bool thread_has_ended = false;

bool ThreadList::add_page() noexcept {
  void* const page = ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  if (::madvise(page, kPageBytes, MADV_WIPEONFORK) != 0) {
    static const bool watched = ::pthread_atfork(nullptr, nullptr, &wipe_own_line) == 0;
    if (!watched) return false;
  }
  constexpr std::size_t kLines = kPageBytes / sizeof(ThreadLine);
  spare_lines_.reserve(spare_lines_.size() + kLines);
  for (std::size_t i = 0; i < kLines; ++i) spare_lines_.push_back(new (static_cast<ThreadLine*>(page) + i) ThreadLine);
  return true;
}

ThreadState* ThreadList::add() noexcept {
  try {
    if (spare_.empty()) {
      if (spare_lines_.empty() && !add_page()) return nullptr;
      states_.push_back(std::make_unique<ThreadState>());
      states_.back()->line = spare_lines_.back();
      spare_lines_.pop_back();
      spare_.reserve(states_.size());
      threads_.reserve(states_.size());
      spare_.push_back(states_.back().get());
    }
    ThreadState* const thread = spare_.back();
    thread->identity = identify_thread();
    thread->end_rounds = 0;
    thread->ring = nullptr;
    thread->line->live = 1;
    spare_.pop_back();
    threads_.push_back(thread);
    return thread;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void ThreadList::remove(ThreadState& thread) noexcept {
  thread.line->live = 0;
  std::erase(threads_, &thread);
  spare_.push_back(&thread);
}

void ThreadList::forget(bool all_gone) noexcept {
  threads_.clear();
  spare_.clear();
  if (all_gone) {
    for (const auto& state : states_) {
      new (state->line) ThreadLine;
      spare_.push_back(state.get());  // there is room: see add()
    }
  } else {
    // The thread that forked still has one. They stay as they are: a handful, once for each such clone.
    spare_lines_.clear();
  }
}

void forget_line() noexcept { this_line = &no_line; }

ThreadIdentity identify_thread() {
  std::array<char, 16> name{};
  if (::pthread_getname_np(::pthread_self(), name.data(), name.size()) != 0) name[0] = '\0';
  return {static_cast<std::uint32_t>(::syscall(SYS_gettid)), cut_text(name.data(), formats::kMaxThreadName)};
}

bool watch_thread_end(ThreadState* thread) noexcept {
  // A thread may log for the first time during exit(). Its ring has no later owner: the end of the process frees it.
  return end_key_is_gone.load(std::memory_order_relaxed) || end_key().watch(thread);
}

}  // namespace lmlog::detail
