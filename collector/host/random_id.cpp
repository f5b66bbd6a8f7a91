// SPDX-License-Identifier: Apache-2.0
// Random ids from the kernel.
#include "collector/host/random_id.hpp"

#include <random>

namespace lmlog::collector {

formats::Id128 random_id() {
  // libstdc++ and libc++ read the kernel's generator (or the processor's) here, each time.
  std::random_device device;
  formats::Id128 id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(device());
  return id;
}

}  // namespace lmlog::collector
