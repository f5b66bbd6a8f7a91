// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: the name of a field must be UTF-8 of 1 to 255 bytes
#include <string>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO("", ""_k = number);
}
