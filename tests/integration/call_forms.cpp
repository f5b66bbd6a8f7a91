// SPDX-License-Identifier: Apache-2.0
// What call_forms_test.py starts. `printf`: a table of printf conversions, each logged, and printed as snprintf has it.
// `events`: one event of each kind. `fork`: gates in a parent and its child.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string_view>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;
using namespace std::chrono_literals;

namespace {

/// One row: snprintf's text, '\0' behind it, on stdout; a record.
#define ROW(...)                                                          \
  do {                                                                    \
    std::array<char, 4096> row;                                           \
    const int length = std::snprintf(row.data(), 4096, __VA_ARGS__);      \
    std::fwrite(row.data(), 1, static_cast<std::size_t>(length), stdout); \
    std::putchar('\0');                                                   \
    LMLOG_PRINTF(lmlog::Level::info, __VA_ARGS__);                        \
  } while (false)

void integers(int value) {
  ROW("x=%d", value);
  ROW("%i|%5d|%-5d|%05d|%+d|% d|%+05d|% 05d|%-+6d|", value, value, value, value, value, value, value, value, value);
  ROW("%u|%8u|%-8u|%08u|", static_cast<unsigned>(value), 7u, 7u, 7u);
  ROW("%x|%X|%o|%08x|%-8x|%8X|", static_cast<unsigned>(value), 48879u, 511u, 48879u, 48879u, 48879u);
  ROW("%#x|%#X|%#o|%#010x|%#8x|%-#8x|", 48879u, 48879u, 511u, 48879u, 48879u, 48879u);
  ROW("%hhd|%hhu|%hhx|%hd|%hu|%hx", static_cast<signed char>(value), static_cast<unsigned char>(value),
      static_cast<unsigned char>(value), static_cast<short>(value), static_cast<unsigned short>(value),
      static_cast<unsigned short>(value));
  ROW("%ld|%lu|%lx|%lld|%llu|%llx", static_cast<long>(value), static_cast<unsigned long>(value),
      static_cast<unsigned long>(value), static_cast<long long>(value), static_cast<unsigned long long>(value),
      static_cast<unsigned long long>(value));
  ROW("%zu|%zd|%jd|%ju|%td|%20zu|", sizeof(value), static_cast<ssize_t>(value), static_cast<std::intmax_t>(value),
      static_cast<std::uintmax_t>(value), static_cast<std::ptrdiff_t>(value), sizeof(value));
  ROW("%.1d|%+.4d|% .4d|%.4u|%.6x|%+5.4d|%4.4u", value, value, value, 42u, 48879u, value, 42u);
  ROW("%d%%, {%d} {{}} }{ %%d", value, value);
}

void limits() {
  ROW("%d %d %u", INT_MIN, INT_MAX, UINT_MAX);
  ROW("%ld %ld %lu", LONG_MIN, LONG_MAX, ULONG_MAX);
  ROW("%lld %llu %llx %llo", LLONG_MIN, ULLONG_MAX, ULLONG_MAX, ULLONG_MAX);
  ROW("%hhd %hhu %hd %hu", static_cast<signed char>(-128), static_cast<unsigned char>(255), static_cast<short>(-32768),
      static_cast<unsigned short>(65535));
}

void floats(double value) {
  ROW("%f|%F|%e|%E|%g|%G", value, value, value, value, value, value);
  ROW("%.0f|%.1f|%.3f|%.17g|%.0e|%.10e|%.f|%.12f", value, value, value, value, value, value, value, value);
  ROW("%5.1f|%08.3f|%-12.2f|%+.2f|% .2f|%+012.4f|%12e|%-14.3e|", value, value, value, value, value, value, value,
      value);
  ROW("%#.0f|%#.3e|%.3g|%10g|%-10g|%010g|%+g|% g", value, value, value, value, value, value, value, value);
  ROW("%lf|%le|%lg|%.3f", value, value, value, static_cast<double>(static_cast<float>(value)));
  ROW("%Lf|%.2Le", static_cast<long double>(value), static_cast<long double>(value));
}

void texts(const char* text) {
  const char array[8] = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};  // no terminator
  ROW("%s|%10s|%-10s|%.2s|%8.3s|%-8.3s|%.0s|", text, text, text, text, text, text, text);
  ROW("%.8s|%.3s", array, array);
  ROW("%c|%5c|%-5c|%c%c", 'x', 'y', 'z', 65, '{');
  ROW("%s %s", "two", "words");
  const char* volatile null = nullptr;  // unknown to the compiler, which would warn of it
  const char* const none = null;
  ROW("%s|%.3s|%.6s|%10s", none, none, none, none);
  const int place = 0;
  const void* const null_free = &place;
  ROW("%p|%20p|%-20p|", null_free, null_free, static_cast<const void*>(&place));
}

void nothing() {
  ROW("no conversion");
  ROW("100%%");
  ROW("%%%d%%", 5);
  ROW("braces {} { } {0} {name:>5}");
  ROW("tab\tnewline\nquote\" \xC3\xA4");
}

void print_table() {
  for (const int value : {0, 1, -1, 42, -123456, 2147483647}) integers(value);
  limits();
  for (const double value :
       {0.0, -0.0, 1.0, 2.5, 3.14159265358979, -1234.5678, 1e-7, 6.02214076e23, 1e100, 0.1, 123456789.0,
        std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), std::nan("")})
    floats(value);
  for (const char* text : {"abc", "", "a longer text than the width"}) texts(text);
  nothing();
  enum Unscoped { kFive = 5 };
  ROW("%d %u %d %d", kFive, kFive, true, 'c');
}

/// A kind of our own, as the guide tells how.
struct fill {
  static constexpr std::string_view kName = "fill";
  static constexpr lmlog::Level kLevel = lmlog::Level::notice;
  static constexpr std::string_view kFormat = "filled {qty} at {px}";
  std::int32_t qty{};
  double px{};
  void arguments(auto&& log) const { log(qty, px, "value"_k = qty * px); }
};

void log_events() {
  LMLOG_EVENT(
      lmlog::event::state_change{.entity = "order", .id = 4711, .from = "new", .to = "filled", .reason = "matched"});
  LMLOG_EVENT(lmlog::event::state_change{.entity = "session", .id = "A-17"}, "px"_k = 48.25, "venue"_k = "XETRA");
  LMLOG_EVENT(lmlog::event::performance_issue{.operation = "db.query", .duration = 12500us, .threshold = 10ms});
  LMLOG_EVENT(lmlog::event::business_rule{.rule = "max_position", .outcome = "rejected", .subject = 7u});
  LMLOG_EVENT(lmlog::event::auth{.subject = "joe", .action = "login", .outcome = "denied", .source = "10.0.0.1"});
  LMLOG_EVENT(lmlog::event::error{.operation = "connect", .code = -111, .what = "refused"});
  LMLOG_EVENT_LOG(lmlog::Level::fatal, lmlog::event::error{.operation = "exchange", .code = "E42"});
  LMLOG_EVENT(lmlog::event::error{.operation = "least", .code = LLONG_MIN});
  LMLOG_EVENT(lmlog::event::error{.operation = "most", .code = ULLONG_MAX, .what = "all"});
  LMLOG_EVENT(lmlog::event::error{.operation = "none", .code = 0});
  LMLOG_EVENT_LOG(lmlog::Level::debug, lmlog::event::error{.operation = "off"});
  LMLOG_EVENT(fill{.qty = 3, .px = 1.5}, "extra"_k = true);
}

void log_every() { LMLOG_INFO_EVERY_N(4, "every {}", ::getpid()); }

int log_and_fork() {
  for (int i = 0; i < 5; ++i) log_every();
  const pid_t child = ::fork();
  for (int i = 0; i < 4; ++i) log_every();
  if (child == 0) return 0;
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

int main(int, char** arguments) {
  const std::string_view mode = arguments[1];
  if (mode == "printf") print_table();
  if (mode == "events") log_events();
  return mode == "fork" ? log_and_fork() : 0;
}
