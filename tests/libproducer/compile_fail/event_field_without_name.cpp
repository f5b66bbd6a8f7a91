// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: there are more arguments than placeholders
#include <string>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_EVENT(lmlog::event::error{.operation = "connect"}, number);
}
