// SPDX-License-Identifier: Apache-2.0
// Liveness by POSIX record locks (shm-abi.md §1).
#pragma once

#include "collector/host/liveness.hpp"

namespace lmlog::collector {

class LockLiveness final : public Liveness {
 public:
  [[nodiscard]] int lock_holder(const File& file) const override;
  [[nodiscard]] bool may_run(std::uint32_t pid) const override;
  [[nodiscard]] std::unique_ptr<EndWatch> make_end_watch() const override;
};

}  // namespace lmlog::collector
