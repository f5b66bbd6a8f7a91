// SPDX-License-Identifier: Apache-2.0
// Must not compile, first error: lmlog: the format string comes first, as a literal or a constexpr
#include <lmlog/lmlog.hpp>

void statement(int number) {
  const char* format = "{}";
  format += 0;
  LMLOG_INFO(format, number);
}
