// SPDX-License-Identifier: Apache-2.0
// Must not compile, first error: format
#include <string>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO_PRINTF("%d %d", number);
}
