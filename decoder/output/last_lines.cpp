// SPDX-License-Identifier: Apache-2.0
// Chunks of records; the oldest is dropped as soon as the others hold enough, and its part of the file is given back.
#include "decoder/output/last_lines.hpp"

#include <fcntl.h>

#include "decoder/read/snapshot_store.hpp"

namespace lmlog::decoder {
namespace {

constexpr std::size_t kChunkBytes = 256 << 10;

}  // namespace

formats::Status LastLines::add(std::string_view text) {
  if (wanted_ == 0) return formats::Done{};
  if (chunks_.empty() || chunks_.back().text.size() + text.size() > kChunkBytes) {
    while (chunks_.size() > spilled_ && memory_ + text.size() > memory_bound_) {
      if (auto status = spill(chunks_[spilled_]); !status) return status;
    }
    chunks_.emplace_back();
  }
  Chunk& chunk = chunks_.back();
  chunk.text.append(text);
  chunk.ends.push_back(static_cast<std::uint32_t>(chunk.text.size()));
  ++chunk.records;
  ++count_;
  memory_ += text.size() + sizeof(std::uint32_t);
  while (count_ - chunks_.front().records >= wanted_) drop_first();
  return formats::Done{};
}

void LastLines::drop_first() {
  Chunk& first = chunks_.front();
  if (spilled_ != 0) {
    --spilled_;
#ifdef FALLOC_FL_PUNCH_HOLE
    // Only gives room back; where a file system cannot do it the file just stays longer.
    (void)::fallocate(file_->descriptor(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(first.offset),
                      static_cast<off_t>(first.text_bytes + first.records * sizeof(std::uint32_t)));
#endif
  } else {
    memory_ -= first.text.size() + first.ends.size() * sizeof(std::uint32_t);
  }
  count_ -= first.records;
  chunks_.pop_front();
}

formats::Status LastLines::spill(Chunk& chunk) {
  if (file_ == nullptr) {
    auto file = open_temporary();
    if (!file) return file.error();
    file_ = std::move(file).value();
  }
  const auto ends = std::as_bytes(std::span(chunk.ends));
  if (auto status = write_exactly(*file_, file_end_, std::as_bytes(std::span(chunk.text))); !status) return status;
  if (auto status = write_exactly(*file_, file_end_ + chunk.text.size(), ends); !status) return status;
  chunk.offset = file_end_;
  chunk.text_bytes = chunk.text.size();
  file_end_ += chunk.text.size() + ends.size();
  memory_ -= chunk.text.size() + ends.size();
  std::string().swap(chunk.text);
  std::vector<std::uint32_t>().swap(chunk.ends);
  ++spilled_;
  return formats::Done{};
}

formats::Status LastLines::load(Chunk& chunk) {
  chunk.text.resize(static_cast<std::size_t>(chunk.text_bytes));
  chunk.ends.resize(static_cast<std::size_t>(chunk.records));
  if (auto status = read_exactly(*file_, chunk.offset, std::as_writable_bytes(std::span(chunk.text))); !status)
    return status;
  return read_exactly(*file_, chunk.offset + chunk.text_bytes, std::as_writable_bytes(std::span(chunk.ends)));
}

formats::Result<bool> LastLines::write(OutputSink& sink) {
  std::uint64_t skip = count_ > wanted_ ? count_ - wanted_ : 0;
  for (; !chunks_.empty(); chunks_.pop_front()) {
    Chunk& chunk = chunks_.front();
    if (spilled_ != 0) {
      --spilled_;
      if (auto status = load(chunk); !status) return status.error();
    }
    const std::size_t begin = skip == 0 ? 0 : chunk.ends[static_cast<std::size_t>(skip) - 1];
    skip = 0;  // fewer than the first chunk has
    sink.buffer().append(chunk.text, begin, std::string::npos);
    if (!sink.flush_if_full()) return false;
  }
  return true;
}

}  // namespace lmlog::decoder
