// SPDX-License-Identifier: Apache-2.0
// Sorts the stretches of each ring and looks at neighbours.
#include "decoder/verify/ring_ledger.hpp"

#include <algorithm>

namespace lmlog::decoder {

std::uint32_t RingLedger::file(const std::string& path) {
  files_.push_back(path);
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void RingLedger::add(const RingKey& key, const std::string& service, const Stretch& stretch) {
  rings_[key].push_back(stretch);
  totals_[service].stored += stretch.end_index - stretch.first_index;
}

void RingLedger::add_losses(const std::string& service, std::uint32_t reason, std::uint64_t count) {
  if (reason < formats::kLossReasons) totals_[service].losses[reason] += count;
}

bool RingLedger::is_explained(const Stretch& before, const Stretch& now) const {
  // The files of a ring are numbered as they follow one another, but for journals, which come before all segments.
  return std::any_of(damaged_.begin(), damaged_.end(), [&](const auto& place) {
    const auto [file, offset] = place;
    if (before.file == now.file) return file == now.file && offset > before.offset && offset < now.offset;
    return (file == before.file && offset > before.offset) || (file == now.file && offset < now.offset) ||
           (file > before.file && file < now.file);
  });
}

bool RingLedger::is_jump(const RingKey& key, const Stretch& before, const Stretch& now, Report& report) const {
  const auto jumps = jumps_.find(key);
  if (jumps == jumps_.end()) return false;
  if (!jumps->second.contains(now.from)) return false;
  // Several, where a collector died behind a jump: the next one found the ring overwritten once more.
  std::uint64_t overwritten = 0;
  for (auto jump = jumps->second.upper_bound(before.to); jump != jumps->second.end() && jump->first <= now.from; ++jump)
    overwritten += jump->second;
  if (now.first_index - before.end_index != overwritten)
    report.damage(files_[now.file], 0, 0,
                  "the block or entry at byte " + std::to_string(now.offset) + " begins with call " +
                      std::to_string(now.first_index) + " of ring " + key.ring.hex() +
                      ", the one before ended with call " + std::to_string(before.end_index) + ", but " +
                      std::to_string(overwritten) + " calls are said to be overwritten in between");
  return true;
}

void RingLedger::check(Report& report) {
  for (auto& [key, stretches] : rings_) {
    std::sort(stretches.begin(), stretches.end(),
              [](const Stretch& a, const Stretch& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; });
    for (std::size_t i = 1; i < stretches.size(); ++i) {
      const Stretch& before = stretches[i - 1];
      const Stretch& now = stretches[i];
      const std::string ring = " of ring " + key.ring.hex();
      if (now.from > before.to) {
        if (!is_jump(key, before, now, report) && !is_explained(before, now) && now.first_index != before.end_index)
          report.missing(files_[now.file], now.offset, key.ring.hex(), before.to, now.from);
      } else if (now.from < before.to) {
        report.damage(files_[now.file], 0, 0,
                      "the block or entry at byte " + std::to_string(now.offset) + " holds the positions " +
                          std::to_string(now.from) + " to " + std::to_string(std::min(before.to, now.to)) + ring +
                          " a second time; they are also in " + files_[before.file]);
      } else if (now.first_index != before.end_index) {
        report.damage(files_[now.file], 0, 0,
                      "the block or entry at byte " + std::to_string(now.offset) + " begins with call " +
                          std::to_string(now.first_index) + ring + ", but the one before ended with call " +
                          std::to_string(before.end_index));
      }
    }
  }
}

}  // namespace lmlog::decoder
