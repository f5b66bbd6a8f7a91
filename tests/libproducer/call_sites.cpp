// SPDX-License-Identifier: Apache-2.0
// Canonical call sites, for hot_path_test.py to disassemble: no argument, one, three; the clock read or given; a
// string; and the forms that are made of them: gates, printf, events.
#include <chrono>
#include <cstdint>
#include <string_view>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

extern "C" {
void site_heartbeat() { LMLOG_INFO("heartbeat"); }
void site_sequence(std::int32_t n) { LMLOG_INFO("seq {n}", n); }
void site_order(std::int64_t id, double px, std::int32_t qty) {
  LMLOG_INFO("order {id} px {px} qty {qty}", id, px, qty);
}
void site_order_at(std::uint64_t time, std::int64_t id, double px, std::int32_t qty) {
  LMLOG_INFO_AT(time, "order {id} px {px} qty {qty}", id, px, qty);
}
void site_order_of_logger(lmlog::Logger logger, std::int64_t id, double px, std::int32_t qty) {
  LMLOG_LOG(logger, lmlog::Level::info, "order {id} px {px} qty {qty}", id, px, qty);
}
void site_user(std::int32_t id, std::string_view name) { LMLOG_INFO("user {id} name {name}", id, name); }
void site_every_n(std::int32_t n) { LMLOG_INFO_EVERY_N(1000, "seq {n}", n); }
void site_once(std::int32_t n) { LMLOG_INFO_ONCE("seq {n}", n); }
void site_printf(std::int32_t n, double px) { LMLOG_INFO_PRINTF("seq %d px %.2f", n, px); }
void site_event(std::string_view id, double px) {
  LMLOG_EVENT(lmlog::event::state_change{.entity = "order", .id = id, .from = "new", .to = "filled"}, "px"_k = px);
}
void site_event_number(std::int64_t id) {
  LMLOG_EVENT(lmlog::event::performance_issue{.operation = "match", .duration = std::chrono::seconds(1)}, "id"_k = id);
  LMLOG_EVENT(lmlog::event::error{.operation = "connect", .code = id});
}
}
