// SPDX-License-Identifier: Apache-2.0
// Every bit of a segment flipped once, with footer and without: the reader says where the damage is, and it is no more
// than the part or block that has the bit; or nothing that the reader gives is changed. All other blocks still come.
// usage: segment-flips [--bytes N] [--stride BITS] [--threads N] [--bit N] [--unclosed 0|1]

#include <algorithm>
#include <memory>

#include "formats/src/block_directory.hpp"
#include "formats/src/part_scanner.hpp"
#include "formats/src/segment_bodies.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "tests/damage/flips.hpp"

namespace lmlog::damage {
namespace {

/// Between two flips after which all blocks are decoded, and between two after which the whole file is verified; in a
/// file of 64 KiB, and so many times more in a longer one.
constexpr std::uint64_t kAllBlocksEvery = 997;
constexpr std::uint64_t kVerifyEvery = 499;

struct BlockContent {
  std::string directory;
  std::vector<Column> columns;
};

bool same(const Column& a, const Column& b) {
  return a.type == b.type && a.numbers == b.numbers && a.strings == b.strings && a.truncated == b.truncated;
}

std::string directory_bytes(const BlockReader& block) { return write_block_directory(block.directory()); }

/// What a reader gives of the undamaged file.
struct Expected {
  explicit Expected(const SampleFile& sample) : file(&sample), source(sample.bytes) {
    reader = std::make_unique<SegmentReader>(SegmentReader::open(source).value());
    catalog = write_whole_catalog(reader->sessions());
    for (const BlockSummary& summary : reader->blocks()) {
      auto block = reader->read_block(summary).value();
      BlockContent content{directory_bytes(block), {}};
      for (std::size_t i = 0; i < block.directory().columns.size(); ++i)
        content.columns.push_back(block.column(i).value());
      blocks.push_back(std::move(content));
    }
  }

  const SampleFile* file;
  MemorySource source;
  std::unique_ptr<SegmentReader> reader;
  std::string catalog;
  std::vector<BlockContent> blocks;
};

class SegmentFlipper {
 public:
  explicit SegmentFlipper(const Expected& expected) : expected_(&expected), source_(expected.file->bytes) {
    source_.note_reads(true);
    clean_ = std::make_unique<SegmentReader>(SegmentReader::open(source_).value());
    source_.note_reads(false);
  }

  Verdict flip(std::uint64_t bit) {
    source_.flip(bit);
    region_ = &expected_->file->region_of(bit / 8);
    verdict_ = {};
    look(bit);
    source_.flip(bit);
    return std::move(verdict_);
  }

 private:
  void wrong(std::string text) {
    if (verdict_.wrong.empty()) verdict_.wrong = std::move(text);
  }

  void expect_within(std::uint64_t offset, std::uint64_t bytes, const std::string& what) {
    verdict_.detected = true;
    const bool is_within = offset >= region_->offset && offset < region_->end() && bytes <= region_->end() - offset;
    if (!is_within)
      wrong("the damage is larger than its part: " + std::to_string(offset) + " + " + std::to_string(bytes) + ": " +
            what);
  }

  void look(std::uint64_t bit) {
    // What is not read for records is looked at by verify alone.
    const bool is_blind = region_->kind == RegionKind::catalog || region_->kind == RegionKind::checkpoint ||
                          region_->kind == RegionKind::header_copy;
    const bool verifies = is_blind ? scale_ == 1 || bit % 8 == bit / 8 % 8 : bit % (kVerifyEvery * scale_) == 0;
    // What opening does not read cannot change what it gives; now and then it is done all the same.
    if (!source_.was_read(bit / 8) && !verifies) return check_blocks(*clean_, bit);
    const auto opened = SegmentReader::open(source_);
    if (!opened) {
      verdict_.detected = true;
      return wrong("the file is refused: " + opened.error().text);
    }
    if (region_->kind == RegionKind::header && opened->damage().empty()) wrong("a changed header is believed");
    for (const Damage& damage : opened->damage()) expect_within(damage.offset, damage.length, damage.what);
    const std::uint64_t size = expected_->file->bytes.size();
    const bool is_torn = opened->valid_end() < size && opened->damage().empty();  // closed files are not
    if (is_torn) expect_within(opened->valid_end(), size - opened->valid_end(), "torn end");
    check_header(*opened);
    check_blocks(*opened, bit);
    if (verifies) verify(*opened);
  }

  void check_header(const SegmentReader& opened) {
    const SegmentReader& clean = *expected_->reader;
    if (opened.header().id != clean.header().id || opened.header().service != clean.header().service ||
        opened.header().sequence != clean.header().sequence || opened.header().uid != clean.header().uid)
      wrong("the header is another");
    const bool damaged_block = region_->kind == RegionKind::block;
    if (!verdict_.detected && opened.rings() != clean.rings()) wrong("the rings are others");
    if (!damaged_block && opened.rings() != clean.rings()) wrong("the rings are others, though no block is damaged");
    if (!verdict_.detected && opened.checkpoint().size() != clean.checkpoint().size())
      wrong("the checkpoint is another");
    if (write_whole_catalog(opened.sessions()) != expected_->catalog) wrong("the catalog is another");
  }

  void check_blocks(const SegmentReader& opened, std::uint64_t bit) {
    const auto& clean = expected_->reader->blocks();
    auto next = opened.blocks().begin();
    for (std::size_t i = 0; i < clean.size(); ++i) {
      const bool is_hit = region_->offset == clean[i].offset;
      const bool listed = next != opened.blocks().end() && *next == clean[i];
      if (!listed && is_hit && verdict_.detected) continue;
      if (!listed) return wrong("block " + std::to_string(i) + " is not listed, or is another");
      if (is_hit || bit % (kAllBlocksEvery * scale_) == 0) read(opened, *next, expected_->blocks[i], is_hit);
      ++next;
    }
    if (next != opened.blocks().end()) wrong("there is a block that nobody wrote");
  }

  void read(const SegmentReader& opened, const BlockSummary& summary, const BlockContent& content, bool is_hit) {
    const auto refuse = [&](const Error& error) {
      if (!is_hit) return wrong("an undamaged block cannot be read: " + error.text);
      expect_within(error.offset, error.length, error.text);
    };
    auto block = opened.read_block(summary);
    if (!block) return refuse(block.error());
    if (directory_bytes(*block) != content.directory) return wrong("the directory of a block says something else");
    for (std::size_t i = 0; i < content.columns.size(); ++i) {
      if (auto status = block->read_column(i, column_); !status) return refuse(status.error());
      if (!same(column_, content.columns[i])) return wrong("a column of a block holds other values");
    }
  }

  void verify(const SegmentReader& opened) {
    const auto verified = opened.verify([](std::uint64_t) {});
    if (!verified) return wrong("verification ends: " + verified.error().text);
    if (verified->damage.empty()) wrong("verification finds nothing");
    for (const Damage& damage : verified->damage) expect_within(damage.offset, damage.length, damage.what);
  }

  const Expected* expected_;
  std::uint64_t scale_ = std::max<std::uint64_t>(expected_->file->bytes.size() >> 17, 1);
  ChangingSource source_;
  std::unique_ptr<SegmentReader> clean_;  // opened before any flip
  const Region* region_ = nullptr;
  Verdict verdict_;
  Column column_;
};

bool run(const char* what, const SampleFile& file, bool closed, const FlipOptions& options, const std::string& replay) {
  const Expected expected(file);
  if (expected.reader->has_footer() != closed || !expected.reader->damage().empty()) {
    std::printf("%s: the sample itself is not good\n", what);
    return false;
  }
  return flip_all(what, file, options, replay, [&]() -> Flipper {
    auto flipper = std::make_shared<SegmentFlipper>(expected);
    return [flipper](std::uint64_t bit) { return flipper->flip(bit); };
  });
}

}  // namespace
}  // namespace lmlog::damage

int main(int argc, char** argv) {
  using namespace lmlog::damage;
  const FlipOptions options = parse_flip_options(argc, argv);
  const SampleFile closed = sample_segment(options.bytes);
  const std::string replay = "segment-flips --bytes " + std::to_string(options.bytes);
  const bool good = options.unclosed || run("closed segment", closed, true, options, replay + " --unclosed 0");
  const bool also =
      options.closed || run("segment without footer", closed.unclosed(), false, options, replay + " --unclosed 1");
  return good && also ? 0 : 1;
}
