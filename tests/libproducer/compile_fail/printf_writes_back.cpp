// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: %n is not supported: a log call writes nothing back
#include <string>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  int written = 0;
  LMLOG_INFO_PRINTF("x%n", &written);
}
