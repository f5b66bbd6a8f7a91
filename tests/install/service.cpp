// SPDX-License-Identifier: Apache-2.0
// The service of all consumer projects: one record of each of a few argument types.
#include <lmlog/lmlog.hpp>

#include <string>

int main(int argc, char** argv) {
  using namespace lmlog::literals;
  const lmlog::Session session({.service = "consumer"});
  const std::string name = argc > 1 ? argv[1] : "nobody";
  LMLOG_INFO("order {order_id} of {name} filled at {px}", 42, name, 48.5);
  LMLOG_WARN("rejected", "reason"_k = "margin");
  return session.path().empty() ? 1 : 0;
}
