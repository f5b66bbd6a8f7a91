// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: a format spec is malformed
#include <chrono>
#include <string>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO("{:%H:%!}", std::chrono::seconds(number));
}
