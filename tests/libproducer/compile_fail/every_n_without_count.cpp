// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: the count comes first, as an integer
#include <string>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO_EVERY_N(text.c_str(), "{}", number);
}
