// SPDX-License-Identifier: Apache-2.0
// A binary heap of lanes, one per ring; blocks are opened when the smallest key of all lanes reaches them.
#include "decoder/read/merge.hpp"

#include <algorithm>

#include "decoder/read/block_cursor.hpp"

namespace lmlog::decoder {
namespace {

/// Ticks are converted with the anchors of each block, so the same tick can differ a little from block to block (a
/// clock that is slewed by 500 ppm drifts half a millisecond between two anchors). Blocks are opened so much early that
/// the next run of a ring is at hand before its first key, and runs of a ring are read in order of position whatever
/// their keys say.
constexpr std::uint64_t kOpenAheadNs = 2'000'000;

constexpr std::size_t kMinFill = 4 << 10;
constexpr std::size_t kMaxFill = 256 << 10;

}  // namespace

Merge::Merge(Archive& archive, const RecordFilter& filter, Report& report, MergeBounds bounds)
    : filter_(&filter),
      report_(&report),
      bounds_(bounds),
      cache_(archive.segments(), report, bounds.block_bytes),
      blocks_(archive.segments().blocks(filter)) {
  for (const RawRing& ring : archive.raw_rings()) {
    const Session& session = *ring.ring->session;
    if (!filter.wants_service(session.service())) continue;
    add_run({ring.ring->uid, ring.ring->id}, session, ring.pieces.front().first, true,
            std::make_unique<RawCursor>(ring, filter, report));
  }
  rebuild_heap();
}

Merge::~Merge() = default;

void Merge::add_run(const RingKey& key, const Session& session, std::uint64_t from, bool is_raw,
                    std::unique_ptr<RunCursor> cursor) {
  auto& lane = lanes_[key];
  if (!lane) lane = std::make_unique<Lane>(Lane{key, session.descriptor().start_realtime_ns, {}});
  // Of two that begin at one position the first that came is read first: losses come before the bytes behind them.
  const auto at = std::lower_bound(lane->runs.begin(), lane->runs.end(), std::pair{from, is_raw},
                                   [](const Run& run, const auto& other) {
                                     return std::pair{run.from, run.is_raw} > other;
                                   });
  lane->runs.insert(at, Run{from, is_raw, std::move(cursor), {}, 0});
  unsettled_.push_back(lane.get());
}

void Merge::open_block(const BlockRef& ref) {
  const auto block = cache_.get(ref);
  if (!block) return;
  for (std::uint32_t run = 0; run < block->directory.runs.size(); ++run) {
    const auto& what = block->directory.runs[run];
    const Session& session = block->session_of(what);
    add_run({session.uid(), what.ring}, session, what.from, false,
            std::make_unique<BlockCursor>(cache_, *filter_, *report_, ref, *block, run));
  }
}

void Merge::open_due_blocks() {
  while (next_block_ < blocks_.size()) {
    const bool due = heap_.empty() || blocks_[next_block_].min_key <= heap_.front().key + kOpenAheadNs ||
                     heap_.front().key > ~std::uint64_t{0} - kOpenAheadNs;
    if (!due) return;
    // Everything with the same smallest key comes at once: the heap is rebuilt once.
    const std::uint64_t key = blocks_[next_block_].min_key;
    while (next_block_ < blocks_.size() && blocks_[next_block_].min_key == key) open_block(blocks_[next_block_++]);
    rebuild_heap();
  }
}

std::size_t Merge::fill_budget() const noexcept {
  return std::clamp(bounds_.row_bytes / std::max<std::size_t>(1, lanes_.size()), kMinFill, kMaxFill);
}

bool Merge::settle(Lane& lane) {
  while (!lane.runs.empty()) {
    Run& run = lane.runs.back();
    if (run.at < run.batch.rows.size()) return true;
    run.at = 0;
    if (!run.cursor->fill(run.batch, fill_budget())) lane.runs.pop_back();
  }
  return false;
}

bool Merge::before(const Entry& a, const Entry& b) noexcept {
  if (a.key != b.key) return a.key < b.key;
  if (a.lane->session_start != b.lane->session_start) return a.lane->session_start < b.lane->session_start;
  if (a.lane->key.ring != b.lane->key.ring) return a.lane->key.ring < b.lane->key.ring;
  return a.lane->key.uid < b.lane->key.uid;
}

void Merge::rebuild_heap() {
  if (unsettled_.empty()) return;
  std::sort(unsettled_.begin(), unsettled_.end());
  unsettled_.erase(std::unique(unsettled_.begin(), unsettled_.end()), unsettled_.end());
  std::erase_if(heap_, [this](const Entry& entry) {
    return std::binary_search(unsettled_.begin(), unsettled_.end(), entry.lane);
  });
  for (Lane* lane : unsettled_) {
    if (settle(*lane)) {
      heap_.push_back({lane->row().key, lane});
    } else {
      lanes_.erase(RingKey(lane->key));
    }
  }
  unsettled_.clear();
  for (std::size_t i = heap_.size() / 2; i-- > 0;) sift_down(i);
}

void Merge::sift_down(std::size_t at) noexcept {
  const Entry moved = heap_[at];
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], moved)) break;
    heap_[at] = heap_[child];
    at = child;
  }
  heap_[at] = moved;
}

bool Merge::next(Record& out) {
  if (has_current_) {
    has_current_ = false;
    Lane& lane = *heap_.front().lane;
    ++lane.runs.back().at;
    if (settle(lane)) {
      heap_.front().key = lane.row().key;
    } else {
      heap_.front() = heap_.back();
      heap_.pop_back();
      lanes_.erase(RingKey(lane.key));
    }
    if (!heap_.empty()) sift_down(0);
  }
  open_due_blocks();
  if (heap_.empty()) return false;
  const Run& run = heap_.front().lane->runs.back();
  out = {&run.batch.rows[run.at], &run.batch};
  has_current_ = true;
  return true;
}

}  // namespace lmlog::decoder
