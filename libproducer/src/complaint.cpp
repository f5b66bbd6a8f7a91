// SPDX-License-Identifier: Apache-2.0
// See complaint.hpp.
#include "libproducer/src/complaint.hpp"

#include <sys/uio.h>

#include <atomic>

#include "libproducer/src/cancellation_waits.hpp"

namespace lmlog::detail {

void complain_once(Topic topic, std::string_view text) noexcept {
  static std::atomic<unsigned> said{0};
  const unsigned bit = 1u << static_cast<unsigned>(topic);
  if ((said.fetch_or(bit, std::memory_order_relaxed) & bit) != 0) return;
  const CancellationWaits cancellation;
  constexpr std::string_view kPrefix = "lmlog: ";
  // One writev, so that lines of several threads and processes do not mix. Nobody is left to tell when it fails.
  const iovec parts[] = {{const_cast<char*>(kPrefix.data()), kPrefix.size()},
                         {const_cast<char*>(text.data()), text.size()},
                         {const_cast<char*>("\n"), 1}};
  [[maybe_unused]] const auto written = ::writev(2, parts, 3);
}

}  // namespace lmlog::detail
