// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: %a is not supported: use %g
#include <string>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_PRINTF(lmlog::Level::warn, "%a", 1.5);
}
