// SPDX-License-Identifier: Apache-2.0
// Must not compile, with one error: an argument has a type that cannot be logged
#include <string>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

struct Point {
  int x, y;
};
LMLOG_ADAPT(Point, x, y);
struct Place : Point {};

void statement(int number, const std::string& text) {
  (void)number;
  (void)text;
  LMLOG_INFO("{}", Place{});
}
