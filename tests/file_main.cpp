// SPDX-License-Identifier: Apache-2.0
// main() of several test files that are linked together: runs the tests of the one that is named, e.g. drain_test.cpp.
// A name without tests is an error, not a pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s NAME_test.cpp [--gtest_OPTION...]\n", argv[0]);
    return 2;
  }
  const std::string end = std::string("/") + argv[1];
  std::string filter;
  const auto& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const auto& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const auto& test = *suite.GetTestInfo(j);
      if (std::string_view(test.file()).ends_with(end)) filter += std::string(suite.name()) + '.' + test.name() + ':';
    }
  }
  if (filter.empty()) {
    std::fprintf(stderr, "%s: there are no tests in %s\n", argv[0], argv[1]);
    return 2;
  }
  // What the command line asks for remains: one test of the file by hand.
  if (GTEST_FLAG_GET(filter) == "*") GTEST_FLAG_SET(filter, filter);
  return RUN_ALL_TESTS();
}
