// SPDX-License-Identifier: Apache-2.0
// Which format specs fit arguments that have a type description, compared with libfmt itself, spec by spec.
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/os.h>
#include <fmt/ranges.h>
#include <fmt/std.h>
#include <gtest/gtest.h>
#include <lmlog/argument.hpp>
#include <lmlog/privacy.hpp>
#include <lmlog/type_spec.hpp>

namespace lmlog::detail {
namespace {

using namespace std::chrono_literals;

template <class T> constexpr ArgumentShape kShape = ArgumentTraits<T>::shape();

template <class T> bool is_taken(const std::string& spec) {
  return check_spec(kShape<T>.type, kShape<T>.description, spec) == SpecVerdict::fits;
}

template <class T> bool libfmt_takes(const std::string& spec, const T& value) {
  try {
    (void)fmt::format(fmt::runtime("{:" + spec + "}"), value);
    return true;
  } catch (const fmt::format_error&) {
    return false;
  }
}

std::vector<std::string> leaf_specs() {
  std::vector<std::string> out;
  for (const std::string before : {"", "<", "*^", "12", "<12", "012", "+", "#", ".3", "8.2", "L", ".", "99999999999"}) {
    for (const std::string after : {"", "d", "x", "f", "e", "s", "?", "p", "c", "n", ":", "dd"})
      out.push_back(before + after);
    for (const char conversion : std::string("YyCGgaAwubhBmUWVjdeHIMScxXDFrRTpQqzZ%ntEOKL1 "))
      out.push_back(before + "%" + conversion);
    for (const std::string after :
         {"%H:%M:%S", "at %F %T!", "%",   "%E",  "%O",  "%EY", "%Ey", "%EC", "%Ec", "%Ex", "%EX", "%ES", "%Oy", "%Om",
          "%OU",      "%OW",       "%OV", "%Od", "%Oe", "%Ow", "%Ou", "%OH", "%OI", "%OM", "%OS", "%OY", "%%",  "text"})
      out.push_back(before + after);
  }
  return out;
}

std::vector<std::string> all_specs() {
  std::vector<std::string> out;
  for (const std::string range : {"", ":", "n", "n:", "::", "n::", ":n:", ":n", "x:", "nn", "s", "?s"}) {
    for (const std::string& leaf : leaf_specs()) out.push_back(range + leaf);
  }
  return out;
}

template <class T> void compare(const T& value) {
  std::size_t differences = 0;
  for (const std::string& spec : all_specs()) {
    const bool ours = is_taken<T>(spec);
    if (ours == libfmt_takes(spec, value) || ++differences > 20) continue;
    ADD_FAILURE() << "{:" << spec << "} for " << kShape<T>.description << ": we say " << ours;
  }
  EXPECT_EQ(differences, 0u);
}

TEST(TypeSpec, FitsSequencesAsInLibfmt) {
  compare(std::vector<int>{1, 2});
  compare(std::vector<std::string>{"a"});
  compare(std::deque<double>{1.5});
  compare(std::vector<bool>{true});
  compare(std::array<char, 2>{'a', 'b'});
}

TEST(TypeSpec, FitsSetsAndMapsAsInLibfmt) {
  compare(std::set<std::uint8_t>{1});
  compare(std::map<std::string, int>{{"a", 1}});
  compare(std::multimap<int, std::vector<int>>{{1, {2}}});
}

TEST(TypeSpec, FitsSequencesOfSequencesAsInLibfmt) {
  compare(std::vector<std::vector<int>>{{1}, {2}});
  compare(std::vector<std::set<std::string>>{{"a"}});
  compare(std::vector<std::pair<int, std::vector<int>>>{{1, {2}}});
}

TEST(TypeSpec, FitsDurationsAsInLibfmt) {
  compare(1500ms);
  compare(std::chrono::duration<double>(1.5));
  compare(std::chrono::duration<std::int64_t, std::ratio<3, 7>>(2));
  compare(std::vector<std::chrono::seconds>{1s});
}

TEST(TypeSpec, FitsPointsInTimeAsInLibfmt) {
  compare(std::chrono::system_clock::time_point(1s));
  compare(std::vector<std::chrono::system_clock::time_point>(1));
}

TEST(TypeSpec, FitsPathsAsInLibfmt) { compare(std::filesystem::path("/etc")); }

TEST(TypeSpec, FitsTypesWithoutSpecsAsInLibfmt) {
  compare(std::pair(1, 2));
  compare(std::tuple(1, std::string("a"), std::vector{1}));
  compare(std::error_code());
  compare(std::monostate());
  compare(std::variant<int, std::string>("a"));
  compare(std::vector<std::variant<int, std::string>>{1});
}

TEST(TypeSpec, OfAnOptionalIsThatOfItsValue) {
  EXPECT_TRUE(is_taken<std::optional<int>>("x"));
  EXPECT_FALSE(is_taken<std::optional<int>>(".2f"));
  EXPECT_TRUE(is_taken<std::optional<std::vector<int>>>("n:x"));
  EXPECT_TRUE(is_taken<std::vector<std::optional<std::chrono::seconds>>>(":%S"));
}

TEST(TypeSpec, OfAHashIsThatOfAString) {
  EXPECT_TRUE(is_taken<Hashed>(">20"));
  EXPECT_FALSE(is_taken<Hashed>("x"));
  EXPECT_TRUE(is_taken<Redacted>("*^9"));
}

struct Point {
  int x, y;
};
LMLOG_ADAPT(Point, x, y);

TEST(TypeSpec, StructuresHaveNone) {
  EXPECT_TRUE(is_taken<Point>(""));
  EXPECT_FALSE(is_taken<Point>("x"));
  EXPECT_TRUE((is_taken<std::vector<Point>>("n")));
  EXPECT_FALSE((is_taken<std::vector<Point>>(":x")));
}

TEST(TypeSpec, StepsOverEveryTypeBeforeTheEndOfASet) {
  // What is a set and what a map is known only behind the first type.
  using Everything =
      std::tuple<int, std::string, std::optional<std::vector<Point>>, std::map<int, std::set<double>>, std::error_code,
                 std::variant<std::monostate, std::chrono::milliseconds, std::filesystem::path>,
                 std::chrono::system_clock::time_point, Hashed, bool, char, float, const void*>;
  EXPECT_TRUE((is_taken<std::set<Everything>>("n:")));
  EXPECT_FALSE((is_taken<std::set<Everything>>("n:x")));
  EXPECT_TRUE((is_taken<std::map<Everything, std::vector<int>>>(":")));
  EXPECT_FALSE((is_taken<std::map<Everything, std::vector<int>>>(":x")));
}

}  // namespace
}  // namespace lmlog::detail
