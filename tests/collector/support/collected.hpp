// SPDX-License-Identifier: Apache-2.0
// The fixture of tests that write rings by hand, step the real collector, and read the archive that it leaves.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/collector/support/archived_records.hpp"
#include "tests/collector/support/hand_made_session.hpp"
#include "tests/collector/support/stepped_collector.hpp"

namespace lmlog::collector::testing {

class Collected : public ::testing::Test {
 protected:
  /// Ends the collector as SIGTERM does, and reads what it left.
  Archived finish() {
    const auto status = collector.end();
    EXPECT_TRUE(status) << status.error().text;
    return read_archive(archive.path());
  }

  /// The arguments of a statement that has one integer.
  static std::string number(std::int64_t value) { return Body().fixed(value).bytes(); }

  ScratchFolder rings;
  ScratchFolder archive;
  SteppedCollector collector{archive.path(), rings.path()};
};

}  // namespace lmlog::collector::testing
