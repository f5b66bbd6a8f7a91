// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: an argument has a type that cannot be logged
#include <map>
#include <memory>
#include <string>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO("{}", std::map<int, std::unique_ptr<int>>());
}
