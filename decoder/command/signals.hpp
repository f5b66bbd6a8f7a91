// SPDX-License-Identifier: Apache-2.0
// What SIGINT, SIGTERM and SIGPIPE do to lmlog-decode.
#pragma once

namespace lmlog::decoder {

/// From now on SIGINT and SIGTERM end the process at once with 130, whatever it is doing, and SIGPIPE is ignored.
void watch_signals();

}  // namespace lmlog::decoder
