// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: an argument is a container whose elements have no value
#include <string>
#include <variant>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO("{}", std::vector<std::monostate>(3));
}
