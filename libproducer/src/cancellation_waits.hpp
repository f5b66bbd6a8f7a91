// SPDX-License-Identifier: Apache-2.0
// A log call is no cancellation point: pthread_cancel() would unwind out of `noexcept` functions, which ends the
// process, and past a lock that is held. It stays pending until the service's own next cancellation point.
#pragma once

#include <pthread.h>

namespace lmlog::detail {

class CancellationWaits {
 public:
  CancellationWaits() noexcept { (void)::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~CancellationWaits() { (void)::pthread_setcancelstate(before_, nullptr); }
  CancellationWaits(const CancellationWaits&) = delete;
  CancellationWaits& operator=(const CancellationWaits&) = delete;

 private:
  int before_ = PTHREAD_CANCEL_ENABLE;
};

}  // namespace lmlog::detail
