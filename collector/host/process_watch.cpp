// SPDX-License-Identifier: Apache-2.0
// A pidfd keeps naming the process that it was opened for, whoever gets its number later.
#include "collector/host/process_watch.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace lmlog::collector {

namespace {

// Sessions and rings need descriptors more than hints do.
constexpr rlim_t kShareOfDescriptors = 8;

std::size_t most_hints() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return static_cast<std::size_t>(limit.rlim_cur / kShareOfDescriptors);
}

}  // namespace

int open_process(std::uint32_t pid) noexcept {
  // (glibc 2.36 has a wrapper, in a header that C++ cannot include beside <signal.h>.)
  return static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0U));
}

ProcessWatch::ProcessWatch() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), most_(most_hints()) {}

ProcessWatch::~ProcessWatch() {
  for (const auto& [token, descriptor] : descriptors_) ::close(descriptor);
  if (epoll_ >= 0) ::close(epoll_);
}

bool ProcessWatch::add(std::uint64_t token, std::uint32_t pid) {
  remove(token);
  if (epoll_ < 0 || descriptors_.size() >= most_) return false;
  const int descriptor = open_process(pid);
  if (descriptor < 0) return false;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLONESHOT;
  event.data.u64 = token;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    ::close(descriptor);
    return false;
  }
  descriptors_.emplace(token, descriptor);
  return true;
}

void ProcessWatch::remove(std::uint64_t token) {
  const auto found = descriptors_.find(token);
  if (found == descriptors_.end()) return;
  ::close(found->second);  // and it leaves the epoll set: nobody has a copy
  descriptors_.erase(found);
}

std::vector<std::uint64_t> ProcessWatch::take_ends() {
  std::vector<std::uint64_t> out;
  if (descriptors_.empty()) return out;
  std::array<epoll_event, 64> events;
  for (;;) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t token = events[static_cast<std::size_t>(i)].data.u64;  // a copy: the structure is packed
      out.push_back(token);
    }
    if (count < static_cast<int>(events.size())) return out;
  }
}

}  // namespace lmlog::collector
