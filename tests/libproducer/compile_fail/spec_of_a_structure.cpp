// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: a format spec does not fit the type of its argument
#include <string>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

struct Point {
  int x, y;
};
LMLOG_ADAPT(Point, x, y);

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO("{:x}", Point{number, number});
}
