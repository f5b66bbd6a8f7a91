// SPDX-License-Identifier: Apache-2.0
// Format strings: which specs fit which type (compared with libfmt itself, spec by spec), and what the parser refuses.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <lmlog/format_string.hpp>

namespace lmlog::detail {
namespace {

using formats::ArgType;

template <class T> bool libfmt_takes(const std::string& spec, const T& value) {
  try {
    // libfmt checks the spec when it parses; a width of megabytes would only cost time.
    (void)fmt::format(fmt::runtime("{:" + spec + "}"), value);
    return true;
  } catch (const fmt::format_error&) {
    return false;
  }
}

/// Every combination of parts that a spec is made of, and some that it is not.
template <class Visit> void for_each_spec(Visit visit) {
  for (const std::string align : {"", "<", ">", "^", "*<", "\xE2\x82\xAC>", "=", "x"}) {
    for (const std::string sign : {"", "+", "-", " "}) {
      for (const std::string alternate : {"", "#"}) {
        for (const std::string width : {"", "0", "08", "12", "1"}) {
          for (const std::string precision : {"", ".", ".3", ".0"}) {
            for (const std::string locale : {"", "L"}) {
              for (const std::string type : {"",  "d", "o", "x", "X", "b", "B", "a", "A", "e",  "E", "f",
                                             "F", "g", "G", "c", "s", "p", "?", "n", "y", "dd", "5"}) {
                visit(align + sign + alternate + width + precision + locale + type);
              }
            }
          }
        }
      }
    }
  }
}

template <class T> void compare(ArgType type, const T& value) {
  std::size_t differences = 0;
  for_each_spec([&](const std::string& spec) {
    const bool ours = FormatSpec(spec).fits(type);
    if (ours == libfmt_takes(spec, value) || ++differences > 20) return;
    ADD_FAILURE() << "{:" << spec << "} for type " << static_cast<int>(type) << ": we say " << ours;
  });
  EXPECT_EQ(differences, 0u);
}

TEST(FormatSpec, FitsSignedIntegersAsInLibfmt) { compare(ArgType::i32, -42); }
TEST(FormatSpec, FitsUnsignedIntegersAsInLibfmt) { compare(ArgType::u64, 42ull); }
TEST(FormatSpec, FitsFloatingNumbersAsInLibfmt) { compare(ArgType::f64, 1.5); }
TEST(FormatSpec, FitsBoolAsInLibfmt) { compare(ArgType::boolean, true); }
TEST(FormatSpec, FitsCharAsInLibfmt) { compare(ArgType::character, 'x'); }
TEST(FormatSpec, FitsStringsAsInLibfmt) { compare(ArgType::string, std::string_view("text")); }
TEST(FormatSpec, FitsPointersAsInLibfmt) { compare(ArgType::pointer, static_cast<const void*>("p")); }

TEST(FormatSpec, RefusesNumbersThatLibfmtCannotHold) {
  EXPECT_TRUE(FormatSpec("2147483647").ok());
  EXPECT_FALSE(FormatSpec("2147483648").ok());
  EXPECT_FALSE(FormatSpec(".99999999999999999999999").ok());
}

template <std::size_t N> FormatVerdict verdict(std::string_view format, const std::array<ArgumentShape, N>& shapes) {
  return check_format<N>(format, shapes).verdict;
}

const std::array<ArgumentShape, 0> kNone{};
const std::array<ArgumentShape, 1> kOne{{{ArgType::i32, false, {}}}};
const std::array<ArgumentShape, 2> kTwo{{{ArgType::i32, false, {}}, {ArgType::string, false, {}}}};

TEST(FormatString, PairsPlaceholdersWithArguments) {
  EXPECT_EQ(verdict("", kNone), FormatVerdict::good);
  EXPECT_EQ(verdict("no {{}} {{x}} }}{{", kNone), FormatVerdict::good);
  EXPECT_EQ(verdict("{}{}", kTwo), FormatVerdict::good);
  EXPECT_EQ(verdict("{{{a}}} {b:>10}", kTwo), FormatVerdict::good);
  EXPECT_EQ(verdict("{}", kTwo), FormatVerdict::too_many_arguments);
  EXPECT_EQ(verdict("{} {} {}", kTwo), FormatVerdict::too_few_arguments);
  EXPECT_EQ(verdict("{}", kNone), FormatVerdict::too_few_arguments);
  EXPECT_EQ(verdict("", kOne), FormatVerdict::too_many_arguments);
}

TEST(FormatString, FindsBracesWithoutAPartner) {
  for (const auto* format : {"{", "}", "{}}", "{{}", "}{", "{:", "{a", "{ {} }", "{a{b}}"})
    EXPECT_EQ(verdict(format, kOne), FormatVerdict::unbalanced_braces) << format;
}

TEST(FormatString, RefusesPositionsNestedFieldsAndBadNames) {
  EXPECT_EQ(verdict("{0}", kOne), FormatVerdict::positional_index);
  EXPECT_EQ(verdict("{12:x}", kOne), FormatVerdict::positional_index);
  EXPECT_EQ(verdict("{:{}}", kTwo), FormatVerdict::nested_field);
  EXPECT_EQ(verdict("{:.{}f}", kTwo), FormatVerdict::nested_field);
  EXPECT_EQ(verdict("{a b}", kOne), FormatVerdict::bad_name);
  EXPECT_EQ(verdict("{-a}", kOne), FormatVerdict::bad_name);
  EXPECT_EQ(verdict("{a.b}", kOne), FormatVerdict::bad_name);
  EXPECT_EQ(verdict("{ }", kOne), FormatVerdict::bad_name);
  EXPECT_EQ(verdict("{\xC3\xBC}", kOne), FormatVerdict::bad_name);
}

TEST(FormatString, TellsAMalformedSpecFromOneThatDoesNotFit) {
  EXPECT_EQ(verdict("{:.2f}", kOne), FormatVerdict::spec_does_not_fit);
  EXPECT_EQ(verdict("{:q}", kOne), FormatVerdict::bad_spec);
  EXPECT_EQ(verdict("{:x} {:>8}", kTwo), FormatVerdict::good);
  EXPECT_EQ(verdict("{:x} {:x}", kTwo), FormatVerdict::spec_does_not_fit);
}

TEST(FormatString, FindsTwoArgumentsOfOneName) {
  EXPECT_EQ(verdict("{a} {a}", kTwo), FormatVerdict::duplicate_name);
  EXPECT_EQ(verdict("{a} {A}", kTwo), FormatVerdict::good);
  const std::array<ArgumentShape, 2> field{{{ArgType::i32, false, {}}, {ArgType::i32, true, "a"}}};
  EXPECT_EQ(verdict("{a}", field), FormatVerdict::duplicate_name);
  EXPECT_EQ(verdict("{b}", field), FormatVerdict::good);
  // An unnamed argument is shown under its index.
  const std::array<ArgumentShape, 2> index{{{ArgType::i32, false, {}}, {ArgType::i32, true, "0"}}};
  EXPECT_EQ(verdict("{}", index), FormatVerdict::duplicate_name);
  EXPECT_EQ(verdict("{b}", index), FormatVerdict::good);
}

TEST(FormatString, TakesOnlyUtf8OfOneTo255BytesAsAFieldsName) {
  static const std::string long_name(256, 'n');
  const auto named = [](std::string_view name) {
    return verdict("", std::array<ArgumentShape, 1>{{{ArgType::i32, true, name}}});
  };
  EXPECT_EQ(named("order id"), FormatVerdict::good);
  EXPECT_EQ(named("\xE2\x82\xAC"), FormatVerdict::good);
  EXPECT_EQ(named(std::string_view(long_name).substr(1)), FormatVerdict::good);
  EXPECT_EQ(named(""), FormatVerdict::bad_field_name);
  EXPECT_EQ(named(long_name), FormatVerdict::bad_field_name);
  EXPECT_EQ(named("\xC0\x80"), FormatVerdict::bad_field_name);
  EXPECT_EQ(named("\xED\xA0\x80"), FormatVerdict::bad_field_name);
  EXPECT_EQ(named("\xE2\x82"), FormatVerdict::bad_field_name);
  EXPECT_EQ(named("\xF5\x80\x80\x80"), FormatVerdict::bad_field_name);
}

TEST(FormatString, GivesFieldsNoPlaceholder) {
  const std::array<ArgumentShape, 3> mixed{
      {{ArgType::i32, true, "first"}, {ArgType::i32, false, {}}, {ArgType::i32, true, "last"}}};
  const auto checked = check_format<3>("shown {value}", mixed);
  EXPECT_EQ(checked.verdict, FormatVerdict::good);
  EXPECT_EQ(checked.arguments[1].name, "value");
  EXPECT_EQ(checked.arguments[2].name, "last");
}

}  // namespace
}  // namespace lmlog::detail
