// SPDX-License-Identifier: Apache-2.0
// A producer that logs every argument type, with the values that end_to_end_test.py expects, and ends.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <thread>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

namespace {

enum class Side : std::uint8_t { buy = 1, sell = 2 };

void log_numbers() {
  LMLOG_TRACE("flag {flag} letter {letter}", true, 'x');
  LMLOG_DEBUG("small {i8} {u8} {i16} {u16}", std::int8_t{-128}, std::uint8_t{255}, std::int16_t{-32768},
              std::uint16_t{65535});
  LMLOG_INFO("{i32} {u32} {i64} {u64}", std::numeric_limits<std::int32_t>::min(),
             std::numeric_limits<std::uint32_t>::max(), std::numeric_limits<std::int64_t>::min(),
             std::numeric_limits<std::uint64_t>::max());
  LMLOG_NOTICE("{f32} {f64} {nan} {infinity}", 0.1F, 0.1, std::numeric_limits<double>::quiet_NaN(),
               -std::numeric_limits<double>::infinity());
  LMLOG_LOG(lmlog::logger("orders.side"), lmlog::Level::warn, "{side}", Side::sell);
}

void log_texts() {
  const std::string owned = "na\xc3\xafve";
  const std::string_view not_text =
      "a\xff"
      "b";
  const char* const literal = "";
  LMLOG_ERROR("{owned} and {}, {not_text}", owned, literal, not_text);
  LMLOG_FATAL("rejected {{}}", "order_id"_k = std::int64_t{42}, "why"_k = std::string(70000, 'y'));
  // Longer than 32,760 bytes and shorter than a string may be: an extended record.
  LMLOG_INFO("{extended}", std::string(40000, 'z'));
}

}  // namespace

int main() {
  lmlog::Session session{{.service = "every argument",
                          .ring_bytes = 1 << 20,
                          .clock = lmlog::Clock::tsc,
                          .max_string = 50000,
                          .level = lmlog::Level::trace}};
  std::thread(log_numbers).join();
  std::thread(log_texts).join();
  return 0;
}
