// SPDX-License-Identifier: Apache-2.0
// See spoiled_ring.hpp.
#include "tests/torture/spoiled_ring.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

#include <lmlog/formats/ring_layout.hpp>

namespace lmlog::torture {

namespace {

constexpr std::uint64_t kRecordBytes = 64;
constexpr std::uint64_t kMostRecords = 12;

template <class T> T word_at(int file, std::uint64_t offset) {
  T value{};
  return ::pread(file, &value, sizeof(value), static_cast<off_t>(offset)) == sizeof(value) ? value : T{};
}

}  // namespace

void claim_stale_records(const std::string& session_path, const std::string& session_id) {
  const std::string folder = session_path.substr(0, session_path.rfind('/'));
  const int file = ::open((folder + "/" + session_id + ".0.ring").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  const auto descriptor = word_at<formats::RingDescriptor>(file, 0);
  for (int i = 0; i < 1000; ++i) {
    const auto head = word_at<std::uint64_t>(file, formats::kHeadOffset);
    const auto tail = word_at<formats::TailLine>(file, formats::kTailOffset);
    const std::uint64_t room = (descriptor.data_bytes - (head - tail.tail)) / kRecordBytes;
    if (tail.is_whole() && head > 2 * descriptor.data_bytes && room != 0) {
      const std::uint64_t lie = head + kRecordBytes * std::min(room, kMostRecords);
      (void)!::pwrite(file, &lie, sizeof(lie), formats::kHeadOffset);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::close(file);
}

}  // namespace lmlog::torture
