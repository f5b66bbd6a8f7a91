// SPDX-License-Identifier: Apache-2.0
// Douglas–Peucker over (tsc, realtime): a clock that runs evenly needs two anchors, however many were taken.
#include "collector/store/anchor_history.hpp"

#include <algorithm>
#include <utility>

namespace lmlog::collector {

namespace {

// Well below what reading three clocks "at once" is exact to.
constexpr int kToleranceNs = 100;
// A block spans minutes at most, with an anchor a second; a producer's clock records can add many more.
constexpr std::size_t kMaxKept = 4096;
constexpr std::size_t kKeptAtTrim = 16;

__extension__ using Wide = __int128;

/// Anchors of a producer's records may hold anything: the arithmetic is wide enough for all of it.
Wide interpolation_error(const formats::Anchor& a, const formats::Anchor& b, const formats::Anchor& between) {
  const Wide span = static_cast<Wide>(b.realtime_ns) - a.realtime_ns;
  const Wide part = static_cast<Wide>(between.tsc - a.tsc);
  const Wide ticks = static_cast<Wide>(b.tsc - a.tsc);
  // span × part stays within 127 bits: 64 bits signed and 63 bits.
  const Wide expected = a.realtime_ns + (part < (Wide{1} << 62) ? span * part / ticks : span);
  const Wide error = expected - between.realtime_ns;
  return error < 0 ? -error : error;
}

/// Appends what is needed between `first` and `last`, and `last`.
void simplify(const std::vector<formats::Anchor>& all, std::vector<formats::Anchor>& out) {
  // Stretches still to do, the leftmost on top: a loop, because hostile anchors could make a recursion deep.
  std::vector<std::pair<std::size_t, std::size_t>> stretches{{0, all.size() - 1}};
  while (!stretches.empty()) {
    const auto [first, last] = stretches.back();
    stretches.pop_back();
    Wide worst = kToleranceNs;
    std::size_t split = 0;
    for (std::size_t i = first + 1; i < last; ++i) {
      const Wide error = interpolation_error(all[first], all[last], all[i]);
      if (error > worst) {
        worst = error;
        split = i;
      }
    }
    if (split == 0) {
      out.push_back(all[last]);
    } else {
      stretches.emplace_back(split, last);
      stretches.emplace_back(first, split);
    }
  }
}

}  // namespace

AnchorHistory::AnchorHistory(const formats::Anchor& start) { add(start); }

void AnchorHistory::add(const formats::Anchor& anchor) {
  if (anchor.tsc == 0) return;
  const auto at = std::lower_bound(anchors_.begin(), anchors_.end(), anchor,
                                   [](const auto& a, const auto& b) { return a.tsc < b.tsc; });
  if (at != anchors_.end() && at->tsc == anchor.tsc) return;
  anchors_.insert(at, anchor);
  if (anchors_.size() > kMaxKept) trim();
}

std::vector<formats::Anchor> AnchorHistory::for_block() const {
  if (anchors_.size() <= 2) return anchors_;
  std::vector<formats::Anchor> out{anchors_.front()};
  simplify(anchors_, out);
  return out;
}

void AnchorHistory::trim() {
  if (anchors_.size() <= kKeptAtTrim + 1) return;
  anchors_.erase(anchors_.begin() + 1, anchors_.end() - static_cast<std::ptrdiff_t>(kKeptAtTrim));
}

}  // namespace lmlog::collector
