// SPDX-License-Identifier: Apache-2.0
// Summaries of blocks and rings.
#include "formats/src/summaries.hpp"

#include <algorithm>

namespace lmlog::formats {

BlockSummary summary_of(const BlockDirectory& directory) {
  BlockSummary summary;
  summary.records = directory.records;
  summary.ranges = directory.ranges;
  summary.levels = directory.levels;
  summary.sites.reserve(directory.sites.size());
  for (const BlockSite& site : directory.sites) summary.sites.emplace_back(site.hash, site.records);
  return summary;
}

void RingSummaries::add(const RingSummary& part) {
  const auto [index, is_new] = indices_.try_emplace({part.session, part.ring}, rings_.size());
  if (is_new) {
    rings_.push_back(part);
    return;
  }
  RingSummary& sum = rings_[index->second];
  sum.from = std::min(sum.from, part.from);
  if (part.to >= sum.to) {  // of two at one position the later one knows more losses
    sum.to = part.to;
    sum.end_state = part.end_state;
  }
  if (sum.data_bytes == 0) sum.data_bytes = part.data_bytes;
  sum.records += part.records;
  add_losses_to(sum.losses, part.losses);
}

void RingSummaries::add(const Id128& session, const BlockRun& run) {
  add({session, run.ring, run.data_bytes, run.from, run.to, run.made_by_collector ? 0 : run.records, run.losses,
       run.end_state});
}

std::vector<RingSummary> RingSummaries::take() noexcept {
  indices_.clear();
  return std::move(rings_);
}

void add_losses_to(LossList& sum, const LossList& part) {
  for (const auto& [reason, count] : part) {
    const auto at = std::lower_bound(sum.begin(), sum.end(), reason,
                                     [](const auto& item, std::uint32_t wanted) { return item.first < wanted; });
    if (at != sum.end() && at->first == reason) {
      at->second += count;
    } else {
      sum.insert(at, {reason, count});
    }
  }
}

}  // namespace lmlog::formats
