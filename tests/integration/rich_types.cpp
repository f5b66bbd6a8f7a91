// SPDX-License-Identifier: Apache-2.0
// A service that logs every type of argument with every kind of format spec, and says on stdout what libfmt makes of
// the same, a JSON object a line. Run by rich_types_test.py: `rich_types table|random SEED COUNT|cut BYTES|private`.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/os.h>
#include <fmt/ranges.h>
#include <fmt/std.h>

#include <lmlog/formats/json_text.hpp>
#include <lmlog/lmlog.hpp>

namespace trading {

enum class Side : std::uint8_t { buy = 1, sell = 2 };

struct Fill {
  std::int64_t order_id = 7;
  double px = 48.0;
  Side side = Side::sell;
  std::vector<std::string> venues{"X", "Y\"Z"};
};
LMLOG_ADAPT(Fill, order_id, px, side, venues);

struct Book {
  std::optional<Fill> last;
  std::map<std::string, std::chrono::milliseconds> delays;
};
LMLOG_ADAPT(Book, last, delays);

}  // namespace trading

namespace {

using namespace lmlog::literals;
using namespace std::chrono_literals;
using namespace std::string_literals;

void expect(std::string_view message, std::string_view fields) {
  const std::string line =
      "{\"message\":\"" + lmlog::formats::json_escaped(message) + "\",\"fields\":" + std::string(fields) + "}\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
}

// Logs, and says what libfmt prints, and which fields a reader shall see.
#define ROW(fields, text, ...)                                    \
  do {                                                            \
    LMLOG_INFO(text, __VA_ARGS__);                                \
    expect(fmt::format(fmt::runtime(text), __VA_ARGS__), fields); \
  } while (false)

// The same where libfmt 9.1 has no formatter: the message as its later versions, or the guide, have it.
#define ROW_AS(message, fields, ...) \
  do {                               \
    LMLOG_INFO(__VA_ARGS__);         \
    expect(message, fields);         \
  } while (false)

void times() {
  using std::chrono::duration;
  using std::chrono::system_clock;
  ROW(R"({"0":"1500ms","1":"-3s","2":"7ns"})", "{} {} {}", 1500ms, -3s, 7ns);
  ROW(R"({"0":"90s","1":"90s","2":"90s"})", "{:%H:%M:%S} {:>10} {:*^12%Q%q}", 90s, 90s, 90s);
  ROW(R"({"0":"1.5s","1":"2.25ms"})", "{} {:.1}", duration<double>(1.5), duration<double, std::milli>(2.25));
  ROW(R"({"0":"3661s"})", "took {:%T}", std::chrono::seconds(3661));
  ROW(R"({"0":["1s","2s"]})", "{::%S}", std::vector{1s, 2s});
  const system_clock::time_point when(1763848923456789012ns);
  const std::chrono::time_point<system_clock, std::chrono::seconds> second(1763848923s);
  ROW(R"({"0":"2025-11-22T22:02:03.456789012Z","1":"2025-11-22T22:02:03.000000000Z"})", "{} {:%F %H.%M}", when, second);
  ROW(R"({"0":["2025-11-22T22:02:03.456789012Z"]})", "{}", std::vector{when});
}

void optional_values() {
  ROW_AS("none optional(5) optional(ff)", R"({"0":null,"1":5,"2":255})", "{} {} {:x}", std::optional<int>(),
         std::optional(5), std::optional(255));
  ROW_AS("optional(\"a b\") optional([1, 2])", R"({"0":"a b","1":[1,2]})", "{} {}", std::optional("a b"s),
         std::optional(std::vector{1, 2}));
  using Variant = std::variant<std::monostate, int, std::string, std::vector<int>>;
  ROW(R"({"0":null,"1":3,"2":"text","3":[1]})", "{} {} {} {}", Variant(), Variant(3), Variant("text"),
      Variant(std::vector{1}));
  ROW(R"({"0":null})", "{}", std::monostate());
  ROW(R"({"0":["a",1,null]})", "{}", std::vector<std::variant<std::monostate, int, std::string>>{"a", 1, {}});
}

void parts() {
  ROW(R"({"0":[1,"b"],"1":["c",2.5,true,[1,2]]})", "{} {}", std::pair(1, "b"s),
      std::tuple('c', 2.5, true, std::array{1, 2}));
  ROW(R"({"0":[]})", "{}", std::tuple<>());
  ROW(R"({"0":{"category":"generic","value":2,"message":"No such file or directory"}})", "{}",
      std::make_error_code(std::errc::no_such_file_or_directory));
  ROW(R"({"0":"/var/log/a b","1":"x\"y"})", "{} {:>12}", std::filesystem::path("/var/log/a b"),
      std::filesystem::path("x\"y"));
  ROW(R"({"0":["/a","/b"]})", "{}", std::vector<std::filesystem::path>{"/a", "/b"});
}

void containers() {
  const int rows[2][3] = {{1, 2, 3}, {4, 5, 6}};
  ROW(R"({"0":[[1,2,3],[4,5,6]]})", "{}", rows);
  ROW(R"({"0":[1,2],"1":[10,11],"2":[1.5]})", "{} {::#x} {:n:.3f}", std::vector{1, 2}, std::deque{10, 11},
      std::list{1.5});
  ROW(R"({"0":["a","b c"],"1":["a"],"2":["b"]})", "{} {:n} {::>4}", std::vector{"a"s, "b c"s}, std::vector{"a"s},
      std::vector{"b"s});
  ROW(R"({"0":[true,false],"1":["x","\n"]})", "{} {}", std::vector{true, false}, std::vector{'x', '\n'});
  ROW(R"({"0":[1,2,3],"1":["b"]})", "{} {}", std::set{3, 1, 2}, std::set{"b"s});
  ROW(R"({"0":{"a":1,"b":2},"1":{"1":{"2":3}}})", "{} {}", std::map<std::string, int>{{"b", 2}, {"a", 1}},
      std::map<int, std::map<int, int>>{{1, {{2, 3}}}});
  ROW(R"({"0":[["a",1],["a",2]]})", "{:n}", std::multimap<std::string, int>{{"a", 1}, {"a", 2}});
  ROW(R"({"0":{"7":[1,"x"]}})", "{}", std::unordered_map<int, std::pair<int, std::string>>{{7, {1, "x"}}});
  const std::array<std::int8_t, 3> small{-1, 0, 1};
  ROW(R"({"0":[-1,0,1],"1":[255]})", "{} {}", std::span(small), std::array<std::uint8_t, 1>{255});
  ROW(R"({"0":[["a","b"],[]],"1":[[[1]],[]]})", "{} {}", std::vector<std::vector<std::string>>{{"a", "b"}, {}},
      std::vector<std::vector<std::vector<int>>>{{{1}}, {}});
  ROW(R"({"0":[18446744073709551615],"1":["NaN",1.0]})", "{} {}",
      std::vector{std::numeric_limits<std::uint64_t>::max()},
      std::vector{std::numeric_limits<double>::quiet_NaN(), 1.0});
  ROW(R"({"0":[]})", "{}", std::vector<std::string>());
  ROW(R"({"0":[0.5]})", "{}", std::forward_list{0.5F});
  const auto list = {1, 2, 3};
  ROW(R"({"0":[1,2,3]})", "{:n}", list);
}

void structures() {
  const trading::Fill fill;
  ROW_AS(R"({order_id: 7, px: 48, side: 2, venues: ["X", "Y\"Z"]})",
         R"({"0":{"order_id":7,"px":48.0,"side":2,"venues":["X","Y\"Z"]}})", "{}", fill);
  LMLOG_WARN("nested {book}", trading::Book{fill, {{"x", 5ms}}}, "fills"_k = std::vector{fill, fill});
  const std::string one = R"({"order_id":7,"px":48.0,"side":2,"venues":["X","Y\"Z"]})";
  expect(R"(nested {last: optional({order_id: 7, px: 48, side: 2, venues: ["X", "Y\"Z"]}), delays: {"x": 5ms}})",
         R"({"book":{"last":)" + one + R"(,"delays":{"x":"5ms"}},"fills":[)" + one + "," + one + "]}");
}

/// Random values of any type that is made of these.
class Random {
 public:
  explicit Random(std::uint64_t seed) : generator_(seed) {}

  template <class T> T make() { return Maker<T>::make(*this); }

 private:
  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(generator_);
  }

  template <class T> struct Maker {
    static T make(Random& random) {
      if constexpr (std::is_same_v<T, bool>) {
        return random.below(2) == 1;
      } else if constexpr (std::is_same_v<T, char>) {
        return static_cast<char>(' ' + random.below(95));
      } else if constexpr (std::is_integral_v<T>) {
        return static_cast<T>(random.generator_() >> random.below(64));
      } else if constexpr (std::is_floating_point_v<T>) {
        return static_cast<T>(static_cast<double>(static_cast<std::int64_t>(random.generator_())) / 4096.0);
      } else if constexpr (std::is_same_v<T, std::string>) {
        std::string text(random.below(12), ' ');
        constexpr std::string_view kOdd = "\"\\\t\n'{}\x01\x7F";
        for (char& c : text) c = random.below(8) == 0 ? kOdd[random.below(kOdd.size())] : random.make<char>();
        return text + (random.below(4) == 0 ? "\xE2\x82\xAC" : "");
      } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
        return T(random.make<std::int32_t>());
      } else if constexpr (std::is_same_v<T, std::chrono::system_clock::time_point>) {
        return T(std::chrono::seconds(random.below(4'000'000'000)));
      } else if constexpr (std::is_same_v<T, std::monostate>) {
        return {};
      } else {
        T out;
        for (std::uint64_t left = random.below(5); left > 0; --left) {
          using Value = typename T::value_type;
          if constexpr (requires { typename T::mapped_type; })
            out.emplace(random.make<typename T::key_type>(), random.make<typename T::mapped_type>());
          else if constexpr (requires { typename T::key_type; })
            out.insert(random.make<Value>());
          else
            out.push_back(random.make<Value>());
        }
        return out;
      }
    }
  };
  template <class A, class B> struct Maker<std::pair<A, B>> {
    static std::pair<A, B> make(Random& random) { return {random.make<A>(), random.make<B>()}; }
  };
  template <class... Ts> struct Maker<std::tuple<Ts...>> {
    static std::tuple<Ts...> make(Random& random) { return std::tuple<Ts...>{random.make<Ts>()...}; }
  };
  template <class T, std::size_t kSize> struct Maker<std::array<T, kSize>> {
    static std::array<T, kSize> make(Random& random) {
      std::array<T, kSize> out;
      for (T& value : out) value = random.make<T>();
      return out;
    }
  };
  template <class... Ts> struct Maker<std::variant<Ts...>> {
    static std::variant<Ts...> make(Random& random) {
      std::variant<Ts...> out;
      std::size_t chosen = random.below(sizeof...(Ts));
      (void)((chosen-- == 0 ? (out = random.make<Ts>(), true) : false) || ...);
      return out;
    }
  };

  std::mt19937_64 generator_;
};

template <class T> void random_row(Random& random) {
  const T value = random.make<T>();
  ROW("null", "{}", value);
}

void random_rows(std::uint64_t seed, int count) {
  using std::map;
  using std::pair;
  using std::set;
  using std::string;
  using std::tuple;
  using std::vector;
  Random random(seed);
  for (int i = 0; i < count; ++i) {
    random_row<vector<string>>(random);
    random_row<vector<vector<string>>>(random);
    random_row<map<string, vector<int>>>(random);
    random_row<vector<map<int, set<char>>>>(random);
    random_row<tuple<string, char, vector<string>, double>>(random);
    random_row<set<tuple<std::int8_t, string>>>(random);
    random_row<vector<std::variant<std::monostate, string, vector<string>, float>>>(random);
    random_row<std::deque<pair<bool, map<string, pair<string, std::uint64_t>>>>>(random);
    random_row<map<std::int64_t, tuple<std::array<std::int16_t, 3>, std::list<set<string>>>>>(random);
    random_row<vector<tuple<std::chrono::milliseconds, std::variant<int, map<string, string>>>>>(random);
    random_row<std::multimap<string, vector<bool>>>(random);
    random_row<vector<vector<vector<char>>>>(random);
  }
}

/// The same value behind a text that is one byte longer each time: the cut goes through every part.
void cut() {
  for (std::size_t length = 0; length < 90; ++length) {
    const std::tuple value(std::string(length, 'a'),
                           std::map<std::string, std::optional<int>>{{"key", 1}, {"none", {}}},
                           std::vector<std::string>{"bcd", "ef"}, trading::Fill{}, 0x0102030405060708);
    LMLOG_INFO("cut {} {after}", value, 42);
  }
}

void keep_private() {
  LMLOG_INFO("{user} logs in with {password}", lmlog::hashed("alice of wonderland"),
             lmlog::secret("correct horse battery"));
  LMLOG_INFO("{} again", lmlog::hashed("alice of wonderland"), "apiToken"_k = lmlog::secret("correct horse battery"));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  lmlog::Session session{{.service = "rich types",
                          .ring_bytes = 8 << 20,
                          .max_string = mode == "cut" ? std::size_t{64} : std::size_t{1} << 20,
                          .level = lmlog::Level::trace}};
  if (mode == "table") {
    times();
    optional_values();
    parts();
    containers();
    structures();
  } else if (mode == "random" && argc > 3) {
    random_rows(std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3]));
  } else if (mode == "cut") {
    cut();
  } else if (mode == "private") {
    keep_private();
  } else {
    return 2;
  }
  std::puts("done");
  std::fflush(stdout);
  // Lives on until the test has read the living rings.
  return std::getchar() == EOF ? 0 : 1;
}
