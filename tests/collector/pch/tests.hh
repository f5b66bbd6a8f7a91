// SPDX-License-Identifier: Apache-2.0
// What most tests of the collector include, compiled once. Each file still includes what it needs.
#include <gtest/gtest.h>

#include "tests/collector/support/archived_records.hpp"
#include "tests/collector/support/collected.hpp"
#include "tests/collector/support/hand_made_session.hpp"
#include "tests/collector/support/stepped_collector.hpp"
