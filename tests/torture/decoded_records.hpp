// SPDX-License-Identifier: Apache-2.0
// Every record of the torture's statements, and every loss, as `lmlog-decode -o json` prints them: a line each, keys in
// the order of the interface.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string_view>

namespace lmlog::torture {

struct DecodedRecord {
  std::uint64_t time = 0;
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::string_view thread;
  std::string_view ring;  // of the cursor
  bool is_bare = false;   // it says no more than its time
  std::uint32_t producer = 0;
  std::uint32_t slot = 0;
  std::uint64_t sequence = 0;
  std::uint64_t check = 0;
  std::string_view text;
};

struct DecodedLoss {
  std::uint32_t pid = 0;
  std::uint64_t count = 0;
  std::string_view reason;
};

/// Reads lines to the end. Throws std::runtime_error for a line that is neither, or that contradicts itself.
void read_decoded(std::FILE* in, const std::function<void(const DecodedRecord&)>& record,
                  const std::function<void(const DecodedLoss&)>& lost);

}  // namespace lmlog::torture
