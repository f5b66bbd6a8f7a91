// SPDX-License-Identifier: Apache-2.0
// What most tests of the decoder include, compiled once. Each file still includes what it needs.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/decoder/read/archive_script.hpp"
#include "tests/decoder/render/rendering_script.hpp"
