// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: the interval comes first, as a duration: std::chrono::seconds(1), or 1s
#include <string>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO_THROTTLE(5, "{}", number);
}
