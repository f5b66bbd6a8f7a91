// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: the logger comes first, a lmlog::Logger
#include <lmlog/lmlog.hpp>

void statement() { LMLOG_LOG("orders", lmlog::Level::info, "order {}", 1); }
