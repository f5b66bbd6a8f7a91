// SPDX-License-Identifier: Apache-2.0
// printf's format strings become ours, or are refused with the reason. (That messages are snprintf's: call_forms_test.)
#include <array>
#include <climits>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <lmlog/printf_format.hpp>

namespace lmlog::detail {
namespace {

std::string translated(std::string_view format) {
  std::array<char, 512> text{};
  std::size_t kept = 0;
  const PrintfSummary summary = translate_printf(format, PrintfTranslation(text.data()),
                                                 [&kept](std::size_t i, const PrintfConversion&) { kept = i + 1; });
  EXPECT_EQ(kept, summary.conversions);
  EXPECT_EQ(summary.verdict, PrintfVerdict::good) << format;
  EXPECT_EQ(summary.bytes, measure_printf(format).bytes);
  return {text.data(), summary.bytes};
}

PrintfVerdict verdict(std::string_view format) { return measure_printf(format).verdict; }

TEST(PrintfFormat, TextStaysAsItIsWithBracesAndPercentSignsDoubledOrHalved) {
  EXPECT_EQ(translated(""), "");
  EXPECT_EQ(translated("100%% of {x}"), "100% of {{x}}");
  EXPECT_EQ(translated("%%%d%%"), "%{}%");
}

TEST(PrintfFormat, FlagsWidthsAndPrecisionsBecomeFormatSpecs) {
  EXPECT_EQ(translated("%d %5d %-5d %05d %+d % d %-05d"), "{} {:5} {:<5} {:05} {:+} {: } {:<5}");
  EXPECT_EQ(translated("%u %+u %x %#X %#010o"), "{} {} {:x} {:#X} {:#010o}");
  EXPECT_EQ(translated("%f %5.1f %-8.3f %+08.3e %G %.F"), "{:f} {:>5.1f} {:<8.3f} {:+08.3e} {:G} {:.0F}");
  EXPECT_EQ(translated("%s %10s %-10s %.3s %8.3s"), "{} {:>10} {:<10} {} {:>8}");
  EXPECT_EQ(translated("%c %3c %p %-20p"), "{} {:>3} {} {:<20}");
  EXPECT_EQ(translated("%hhd %hd %ld %lld %jd %zu %td %Lf"), "{} {} {} {} {} {} {} {:f}");
}

TEST(PrintfFormat, ThePrecisionOfAnIntegerIsAWidthWithZerosWhereNothingElseTakesPart) {
  EXPECT_EQ(translated("%.1d %5.1d %05.1d"), "{} {:5} {:5}");
  EXPECT_EQ(translated("%.4x %+.4d % .4d %4.4u"), "{:04x} {:+05} {: 05} {:04}");
  for (const auto* format : {"%.4d", "%.0d", "%.d", "%8.4x", "%#.4x", "%-8.4u"})
    EXPECT_EQ(verdict(format), PrintfVerdict::integer_precision) << format;
}

TEST(PrintfFormat, RefusesWhatHasNoCounterpart) {
  EXPECT_EQ(verdict("%n"), PrintfVerdict::writes_back);
  EXPECT_EQ(verdict("%lln"), PrintfVerdict::writes_back);
  for (const auto* format : {"%*d", "%.*f", "%-*s", "%5.*s"}) EXPECT_EQ(verdict(format), PrintfVerdict::star) << format;
  for (const auto* format : {"%1$d", "%12$s", "%2$*1$d"})
    EXPECT_EQ(verdict(format), PrintfVerdict::positional) << format;
  for (const auto* format : {"%a", "%A", "%.3a"})
    EXPECT_EQ(verdict(format), PrintfVerdict::hexadecimal_float) << format;
  for (const auto* format : {"%ls", "%lc", "%S", "%C"}) EXPECT_EQ(verdict(format), PrintfVerdict::wide_text) << format;
  for (const auto* format : {"%#g", "%#.3G"}) EXPECT_EQ(verdict(format), PrintfVerdict::alternate_general) << format;
  for (const auto* format : {"%'d", "%Id"}) EXPECT_EQ(verdict(format), PrintfVerdict::unknown_flag) << format;
  for (const auto* format : {"%hs", "%Ld", "%hf", "%zp", "%zf"})
    EXPECT_EQ(verdict(format), PrintfVerdict::unknown_length) << format;
  for (const auto* format : {"%m", "%y", "%k", "%5%", "% "}) EXPECT_NE(verdict(format), PrintfVerdict::good) << format;
  for (const auto* format : {"%", "%5", "%-", "%.", "%l", "100%"})
    EXPECT_EQ(verdict(format), PrintfVerdict::unfinished) << format;
}

/// Every combination of flags, widths and precisions before these letters that is translated.
template <class Visit> std::size_t for_each_conversion(std::string_view letters, Visit visit) {
  std::size_t translated_count = 0;
  for (int flags = 0; flags < 32; ++flags) {
    std::string before = "%";
    for (int flag = 0; flag < 5; ++flag) {
      if ((flags >> flag & 1) != 0) before += "-0+ #"[flag];
    }
    for (const std::string width : {"", "1", "7", "16"}) {
      for (const std::string precision : {"", ".", ".0", ".1", ".3", ".17"}) {
        for (const char letter : letters) {
          const std::string format = before + width + precision + letter;
          if (verdict(format) != PrintfVerdict::good) continue;
          ++translated_count;
          visit(format);
        }
      }
    }
  }
  return translated_count;
}

/// Whether libfmt gives with our format what snprintf gives with the original.
template <class T> void compare(std::string_view letters, const std::vector<T>& values) {
  std::size_t differences = 0;
  const std::size_t count = for_each_conversion(letters, [&](const std::string& format) {
    for (const T value : values) {
      std::array<char, 1024> expected{};
      (void)std::snprintf(expected.data(), expected.size(), format.c_str(), value);
      const std::string ours = fmt::format(fmt::runtime(translated(format)), value);
      if (ours == expected.data() || ++differences > 20) continue;
      ADD_FAILURE() << format << " as " << translated(format) << ": '" << ours << "' where snprintf gives '"
                    << expected.data() << "'";
    }
  });
  EXPECT_GT(count, 100u);
  EXPECT_EQ(differences, 0u);
}

TEST(PrintfFormat, SignedIntegersReadAsSnprintfWritesThem) {
  compare<int>("di", {0, 1, -1, 42, -123456, INT_MAX, INT_MIN});
}

TEST(PrintfFormat, UnsignedIntegersReadAsSnprintfWritesThem) {
  compare<unsigned>("u", {0, 1, 42, UINT_MAX});
  compare<unsigned>("xXo", {1, 8, 48879, UINT_MAX});  // "%#x" of 0 is the exception that printf.hpp names
}

TEST(PrintfFormat, FloatingNumbersReadAsSnprintfWritesThem) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  compare<double>("fFeEgG", {0.0, -0.0, 1.0, -1.5, 2.5, 0.1, 1234.5678, 1e-7, -6.02214076e23, 1e22, 123456.0, 1234567.0,
                             0.0001, 0.00001, 9.9999999, kInfinity, -kInfinity, std::nan("")});
}

}  // namespace
}  // namespace lmlog::detail
