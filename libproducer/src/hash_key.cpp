// SPDX-License-Identifier: Apache-2.0
// The process's key for hashed(): of LMLOG_HASH_KEY, of set_hash_key(), or random. It lies in ordinary memory, which a
// forked child inherits, and is written nowhere.
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <lmlog/privacy.hpp>

#include "libproducer/src/cancellation_waits.hpp"
#include "libproducer/src/siphash.hpp"

namespace lmlog::detail {

namespace {

/// A text of any length as a key: two hashes of it, under two keys that are no secret ("lmlog hash key 0", "… 1").
SipKey key_of_text(std::string_view text) noexcept {
  constexpr std::uint64_t kLmlogHas = 0x616820676f6c6d6c;
  constexpr std::uint64_t kHKey0 = 0x302079656b206873;
  return {siphash({kLmlogHas, kHKey0}, text), siphash({kLmlogHas, kHKey0 + (std::uint64_t{1} << 56)}, text)};
}

SipKey random_key() noexcept {
  const CancellationWaits cancellation;
  SipKey key;
  if (::getrandom(&key, sizeof(key), GRND_NONBLOCK) == static_cast<ssize_t>(sizeof(key))) return key;
  // Before the kernel's pool is ready, at the start of a machine: nobody's key is the same, though it may be guessed.
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const auto seed = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
  return {siphash({seed, static_cast<std::uint64_t>(::getpid())}, "0"),
          siphash({seed, reinterpret_cast<std::uintptr_t>(&key)}, "1")};
}

/// Two words that readers take without a lock: a version that is odd while they change tells a torn pair.
class KeyCell {
 public:
  constexpr KeyCell() = default;

  /// False while there is none.
  [[nodiscard]] bool load(SipKey& key) const noexcept {
    for (;;) {
      const std::uint64_t before = version_.load(std::memory_order_acquire);
      if (before == 0) return false;
      key = {k0_.load(std::memory_order_relaxed), k1_.load(std::memory_order_relaxed)};
      std::atomic_thread_fence(std::memory_order_acquire);
      if (before % 2 == 0 && version_.load(std::memory_order_relaxed) == before) return true;
    }
  }

  /// Under the writers' lock.
  void store(SipKey key) noexcept {
    const std::uint64_t before = version_.load(std::memory_order_relaxed);
    version_.store(before + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    k0_.store(key.k0, std::memory_order_relaxed);
    k1_.store(key.k1, std::memory_order_relaxed);
    version_.store(before + 2, std::memory_order_release);
  }

 private:
  std::atomic<std::uint64_t> version_{0};
  std::atomic<std::uint64_t> k0_{0};
  std::atomic<std::uint64_t> k1_{0};
};

constinit KeyCell cell;
pthread_mutex_t writers = PTHREAD_MUTEX_INITIALIZER;

void store_first_key() noexcept {
  const int saved = errno;
  ::pthread_mutex_lock(&writers);
  SipKey key;
  if (!cell.load(key)) {
    const char* text = ::secure_getenv("LMLOG_HASH_KEY");
    cell.store(text != nullptr && *text != '\0' ? key_of_text(text) : random_key());
  }
  ::pthread_mutex_unlock(&writers);
  errno = saved;
}

/// When the library is loaded, so that all children of the process have the key. A constructor that runs earlier and
/// logs makes it then. A thread that forks may not leave the lock taken, or a half-written key, in the child.
[[gnu::constructor]] void prepare() noexcept {
  ::pthread_atfork([] { ::pthread_mutex_lock(&writers); }, [] { ::pthread_mutex_unlock(&writers); },
                   [] { ::pthread_mutex_unlock(&writers); });
  store_first_key();
}

}  // namespace

std::uint64_t keyed_hash(std::string_view bytes) noexcept {
  SipKey key;
  if (!cell.load(key)) {
    store_first_key();
    (void)cell.load(key);
  }
  return siphash(key, bytes);
}

}  // namespace lmlog::detail

namespace lmlog {

void set_hash_key(std::string_view text) noexcept {
  ::pthread_mutex_lock(&detail::writers);
  detail::cell.store(detail::key_of_text(text));
  ::pthread_mutex_unlock(&detail::writers);
}

}  // namespace lmlog
