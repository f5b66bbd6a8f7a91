// SPDX-License-Identifier: Apache-2.0
// EndWatch by pidfd_open(2) and epoll: one system call asks for all processes. Where a process cannot be named (another
// pid namespace, an old kernel, no descriptor left) there is no hint.
#pragma once

#include <cstddef>
#include <unordered_map>

#include "collector/host/end_watch.hpp"

namespace lmlog::collector {

class ProcessWatch final : public EndWatch {
 public:
  ProcessWatch();
  ~ProcessWatch() override;
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;

  bool add(std::uint64_t token, std::uint32_t pid) override;
  void remove(std::uint64_t token) override;
  [[nodiscard]] std::vector<std::uint64_t> take_ends() override;

 private:
  int epoll_;
  std::size_t most_;  // descriptors that may go to hints
  std::unordered_map<std::uint64_t, int> descriptors_;
};

/// A descriptor that becomes readable when the process has ended (also while nobody has waited for it); -1: there is
/// none, and errno says why.
[[nodiscard]] int open_process(std::uint32_t pid) noexcept;

}  // namespace lmlog::collector
