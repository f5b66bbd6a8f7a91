// SPDX-License-Identifier: Apache-2.0
// What most tests of the formats include, compiled once. Each file still includes what it needs.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "tests/formats/ring_script.hpp"
#include "tests/formats/segment_script.hpp"
