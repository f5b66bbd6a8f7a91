// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: a format spec does not fit the type of its argument
#include <string>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO("{:x}", lmlog::hashed(number));
}
