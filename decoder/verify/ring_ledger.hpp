// SPDX-License-Identifier: Apache-2.0
// Accounts for every ring over all files: stretches must follow one another without gap or overlap, and what they say
// of records and losses must add up.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "decoder/read/report.hpp"
#include "decoder/read/segment_index.hpp"
#include "lmlog/formats/state_vector.hpp"

namespace lmlog::decoder {

/// Ring bytes [from, to) that one block or journal range holds.
struct Stretch {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t first_index = 0;  // stored calls before it
  std::uint64_t end_index = 0;
  std::uint32_t file = 0;
  std::uint64_t offset = 0;  // in the file, of the block or entry
};

class RingLedger {
 public:
  struct Totals {
    std::uint64_t stored = 0;
    formats::LossCounts losses{};
  };

  /// The number by which stretches name a file.
  [[nodiscard]] std::uint32_t file(const std::string& path);

  void add(const RingKey& key, const std::string& service, const Stretch& stretch);
  /// A flight recorder went on at `position`: the records before it, as many as its counts say, were overwritten.
  void add_jump(const RingKey& key, std::uint64_t position, std::uint64_t overwritten) {
    jumps_[key].emplace(position, overwritten);  // a journal and a segment may both hold it
  }
  /// A block or entry whose bytes are damaged: the positions that it held are missing for a reason that was told.
  void add_damage(std::uint32_t file, std::uint64_t offset) { damaged_.emplace_back(file, offset); }
  /// Losses that were reported as records, by reason.
  void add_losses(const std::string& service, std::uint32_t reason, std::uint64_t count);

  /// Checks every ring, and reports what does not fit. A ring may begin late: retention deletes the oldest.
  void check(Report& report);

  /// By service; after `check`.
  [[nodiscard]] const std::map<std::string, Totals>& totals() const noexcept { return totals_; }
  [[nodiscard]] std::size_t rings() const noexcept { return rings_.size(); }

 private:
  [[nodiscard]] bool is_explained(const Stretch& before, const Stretch& now) const;
  /// False when no jump leads there; a jump whose count does not fit is reported.
  [[nodiscard]] bool is_jump(const RingKey& key, const Stretch& before, const Stretch& now, Report& report) const;

  std::vector<std::string> files_;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> damaged_;  // file, offset
  std::unordered_map<RingKey, std::vector<Stretch>, RingKeyHash> rings_;
  std::unordered_map<RingKey, std::map<std::uint64_t, std::uint64_t>, RingKeyHash> jumps_;  // by position
  std::map<std::string, Totals> totals_;
};

}  // namespace lmlog::decoder
