// SPDX-License-Identifier: Apache-2.0
// Least recently used goes first; room is made before a block is decoded, so that the bound holds for the sum.
#include "decoder/read/block_cache.hpp"

namespace lmlog::decoder {

std::shared_ptr<const DecodedBlock> BlockCache::get(const BlockRef& block) {
  const std::uint64_t key = std::uint64_t{block.segment} << 32 | block.block;
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    kept_.splice(kept_.begin(), kept_, found->second);
    return found->second->block;
  }
  if (unusable_.contains(key)) return nullptr;
  const auto segment = segments_->open(block.segment);
  if (!segment) {
    unusable_.insert(key);
    return nullptr;
  }
  // What the block will take is not known yet; its like in this archive say it well enough.
  const std::size_t expected = kept_.empty() ? 0 : kept_.front().bytes;
  while (!kept_.empty() && bytes_ + expected > bound_bytes_) {
    bytes_ -= kept_.back().bytes;
    by_key_.erase(kept_.back().key);
    kept_.pop_back();
  }
  auto decoded = DecodedBlock::read(segment, block.block);
  ++decoded_;
  if (!decoded) {
    report_->error(segment->source->path(), decoded.error());
    unusable_.insert(key);
    return nullptr;
  }
  (*decoded)->report_unreadable(*report_);
  const std::size_t bytes = (*decoded)->memory();
  kept_.push_front({key, bytes, *decoded});
  by_key_[key] = kept_.begin();
  bytes_ += bytes;
  return *decoded;
}

}  // namespace lmlog::decoder
