// SPDX-License-Identifier: Apache-2.0
// Must not compile, first error: the level is a constant, such as lmlog::Level::info
#include <lmlog/lmlog.hpp>

void statement(lmlog::Level level) { LMLOG_LOG(lmlog::logger("orders"), level, "level"); }
