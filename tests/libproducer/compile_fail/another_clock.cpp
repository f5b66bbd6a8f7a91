// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: a point in time of another clock than std::chrono::system_clock means nothing to a
// reader
#include <chrono>
#include <string>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO("{}", std::vector{std::chrono::steady_clock::now()});
}
