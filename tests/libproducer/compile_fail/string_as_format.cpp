// SPDX-License-Identifier: Apache-2.0
// Must not compile, first error: lmlog: the format string comes first, as a literal or a constexpr
#include <string>

#include <lmlog/lmlog.hpp>

void statement(int number) {
  const std::string format = "{}";
  LMLOG_INFO(format, number);
}
