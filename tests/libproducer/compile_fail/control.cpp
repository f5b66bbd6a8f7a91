// SPDX-License-Identifier: Apache-2.0
// Must compile without a warning: the same shapes as the broken programs beside it, made right.
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

void statement(int number, const std::string& text) {
  LMLOG_INFO("{} and {}", number, text);
  LMLOG_TRACE("{:>8} {:.2f} {id:#x} {name:?}", number, 1.5, number, text);
  LMLOG_ERROR("{{}} {a}", number, "b"_k = text, "c d"_k = 2.5);
  LMLOG_INFO_AT(lmlog::ticks(), "{}", text.c_str());
  if (number > 0)
    LMLOG_WARN("positive");
  else
    LMLOG_WARN("not positive");
  const auto [a, b] = std::pair(1, 'x');
  [&] { LMLOG_NOTICE("{} {}", number, text); }();
  LMLOG_DEBUG("{} {}", a, b);
  const lmlog::Logger logger = lmlog::logger("orders");
  constexpr auto kLevel = lmlog::Level::notice;
  if (number > 1)
    LMLOG_LOG(logger, kLevel, "{} {}", number, text);
  else
    LMLOG_LOG_AT(lmlog::logger(text), lmlog::Level::info, lmlog::ticks(), "{a}", number, "b"_k = text);
  switch (number) {
    case 0:
      LMLOG_FATAL("zero");
      break;
    default:
      LMLOG_INFO("{}", [&] {
        LMLOG_INFO("inside another's arguments");
        LMLOG_LOG(logger, lmlog::Level::info, "{}", [] {
          LMLOG_LOG(lmlog::Logger(), lmlog::Level::info, "inside a logger's arguments");
          return 1;
        }());
        return number;
      }());
  }
}

struct Fill {
  long id = 1;
  std::vector<std::string> venues;
  [[nodiscard]] bool is_done() const { return venues.empty(); }
};
LMLOG_ADAPT(Fill, id, venues, is_done);

namespace {
struct Inside {
  std::optional<Fill> fill;
};
LMLOG_ADAPT(Inside, fill);
}  // namespace

void types(const std::string& text) {
  using namespace std::chrono_literals;
  const int numbers[] = {1, 2, 3};
  LMLOG_INFO("{} {::x} {:n:>5}", numbers, std::vector{1}, std::set{2.5});
  LMLOG_INFO("{:%H:%M:%S} {:>10} {:%F %T}", 90s, 5ms, std::chrono::system_clock::now());
  LMLOG_INFO("{} {:?} {:x}", std::map<std::string, std::pair<int, bool>>(), std::filesystem::path(text),
             std::optional(1));
  LMLOG_INFO("{} {}", Fill{}, std::vector<Inside>(2), "why"_k = std::make_error_code(std::errc::timed_out));
  LMLOG_INFO("{::%S} {:n}", std::set{1s}, std::set<Fill*>());
  LMLOG_INFO_PRINTF("%5d {%s} %.2f%%", 1, text.c_str(), 1.5);
  LMLOG_INFO("{password} {key:>20} {tokens}", lmlog::secret(text), lmlog::hashed(text), lmlog::not_secret(5));
}
