// SPDX-License-Identifier: Apache-2.0
// What the footer says of blocks and rings, gathered from block directories: by the writer as it goes, by a reader
// that rebuilds a footer, and by verification.
#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

/// All but offset and bytes.
[[nodiscard]] BlockSummary summary_of(const BlockDirectory& directory);

/// The rings of many runs, one summary each, in order of appearance.
class RingSummaries {
 public:
  void add(const RingSummary& part);
  void add(const Id128& session, const BlockRun& run);

  [[nodiscard]] const std::vector<RingSummary>& rings() const noexcept { return rings_; }
  [[nodiscard]] std::vector<RingSummary> take() noexcept;

 private:
  std::map<std::pair<Id128, Id128>, std::size_t> indices_;
  std::vector<RingSummary> rings_;
};

void add_losses_to(LossList& sum, const LossList& part);

}  // namespace lmlog::formats
