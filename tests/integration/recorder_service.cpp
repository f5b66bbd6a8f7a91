// SPDX-License-Identifier: Apache-2.0
// A service with a flight recorder: a thread logs records that can be checked, as fast as it can, or so
// many. A line on stdout says that they have returned. Usage: recorder-service RING_BYTES CALLS|0 PAUSE_US
// (0: until it is killed, and the line after 4096 calls; it pauses every 4096 calls)
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <lmlog/lmlog.hpp>

namespace {

/// The number says what the rest of its record must be.
constexpr std::string_view kText = "the quick brown fox jumps over the lazy dog, and writes down that it did";

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::uint64_t calls = std::strtoull(argv[2], nullptr, 10);
  const auto pause_us = static_cast<useconds_t>(std::strtoul(argv[3], nullptr, 10));
  const lmlog::Session session{
      {.service = "recorder", .ring_bytes = std::strtoull(argv[1], nullptr, 10), .policy = lmlog::Policy::overwrite}};
  if (session.path().empty()) return 4;
  for (std::uint64_t i = 0; calls == 0 || i < calls; ++i) {
    const std::string_view text = kText.substr(0, i * 7 % kText.size());
    LMLOG_INFO("call {number} {check} {text}", i, static_cast<std::uint32_t>(i * 2654435761u), text);
    if (i % 4096 == 0 && pause_us != 0) ::usleep(pause_us);
    if (calls == 0 && i == 4096) std::puts("4096"), std::fflush(stdout);
  }
  std::printf("%llu\n", static_cast<unsigned long long>(calls));
  std::fflush(stdout);
  ::pause();  // killed, as everything is in the end
  return 0;
}
