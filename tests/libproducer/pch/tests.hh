// SPDX-License-Identifier: Apache-2.0
// What most tests of libproducer include, compiled once. Each file still includes what it needs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lmlog/lmlog.hpp>

#include "tests/libproducer/recorded_session.hpp"
