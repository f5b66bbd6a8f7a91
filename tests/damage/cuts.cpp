// SPDX-License-Identifier: Apache-2.0
// A segment and a journal cut at every byte: what is whole before the cut comes, the torn end is said to the byte, and
// nothing is called damage. A collector that starts on it cuts the torn end off and goes on with the rest.
// usage: file-cuts [--bytes N] [--stride BYTES]

#include <cstdio>

#include "collector/config/config_keys.hpp"
#include "collector/store/archiver.hpp"
#include "collector/store/old_journal.hpp"
#include "collector/store/segment_recovery.hpp"
#include "lmlog/formats/journal_reader.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "tests/damage/flips.hpp"
#include "tests/damage/stopped_clock.hpp"
#include "tests/fuzz/memory_files.hpp"

namespace lmlog::damage {
namespace {

/// Cuts between two of which a collector starts; it does so at all cuts near an edge.
constexpr std::uint64_t kRecoverEvery = 37;

class Cuts {
 public:
  Cuts(const char* what, const SampleFile& file) : what_(what), file_(&file) {}

  template <class Check> bool run(std::uint64_t stride, Check check) {
    const auto begun = std::chrono::steady_clock::now();
    std::uint64_t cuts = 0;
    for (at_ = 0; at_ < file_->bytes.size(); at_ += stride, ++cuts) {
      whole_ = 0;
      while (whole_ < file_->regions.size() && file_->regions[whole_].end() <= at_) ++whole_;
      check(*this);
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
    std::printf("%s of %zu bytes: %llu cuts, %llu recoveries, %llu wrong, in %.1f s\n", what_, file_->bytes.size(),
                static_cast<unsigned long long>(cuts), static_cast<unsigned long long>(recoveries_),
                static_cast<unsigned long long>(wrong_), taken.count());
    return wrong_ == 0;
  }

  /// The regions that are whole.
  [[nodiscard]] std::size_t whole() const { return whole_; }
  [[nodiscard]] std::uint64_t at() const { return at_; }
  [[nodiscard]] std::uint64_t whole_end() const { return whole_ == 0 ? 0 : file_->regions[whole_ - 1].end(); }
  [[nodiscard]] std::string bytes() const { return file_->bytes.substr(0, static_cast<std::size_t>(at_)); }
  [[nodiscard]] bool recovers() {
    const Region& region = file_->region_of(at_);
    const bool edge = at_ - region.offset < 2 || region.end() - at_ < 3;
    recoveries_ += edge || at_ % kRecoverEvery == 0 ? 1 : 0;
    return edge || at_ % kRecoverEvery == 0;
  }
  void expect(bool good, const char* promise) {
    if (good || ++wrong_ > 20) return;
    std::printf("%s cut at byte %llu: not so: %s\n", what_, static_cast<unsigned long long>(at_), promise);
  }

 private:
  const char* what_;
  const SampleFile* file_;
  std::uint64_t at_ = 0;
  std::size_t whole_ = 0;
  std::uint64_t recoveries_ = 0;
  std::uint64_t wrong_ = 0;
};

class SegmentCuts {
 public:
  explicit SegmentCuts(const SampleFile& file)
      : source_(file.bytes), blocks_(SegmentReader::open(source_).value().blocks()) {}

  void check(Cuts& cut) {
    source_.cut(cut.at());
    const auto opened = SegmentReader::open(source_);
    if (cut.whole() == 0) {
      const bool good = !opened && (opened.error().code == ErrorCode::truncated ||
                                    (cut.at() < 16 && opened.error().code == ErrorCode::not_ours));
      return cut.expect(good, "a header that is cut off is called so");
    }
    cut.expect(opened.ok(), "the file opens");
    if (!opened) return;
    cut.expect(opened->damage().empty() && !opened->has_footer(), "a torn end is no damage");
    cut.expect(opened->valid_end() == cut.whole_end(), "the torn end begins behind the last whole part");
    std::vector<BlockSummary> before;
    for (const BlockSummary& block : blocks_) {
      if (block.offset + block.bytes <= cut.at()) before.push_back(block);
    }
    cut.expect(opened->blocks() == before, "every whole block is there");
    if (cut.recovers()) recover(cut, before);
  }

 private:
  static void recover(Cuts& cut, const std::vector<BlockSummary>& before) {
    fuzz::MemoryFiles files;
    const collector::ArchiveLayout layout("/a");
    const std::string path = layout.service_folder(Tier::hot, "trading") + "/one.lms";
    files.put(path, cut.bytes());
    collector::Notices notices([](const std::string&) {});
    const auto status = collector::recover_segments(files, layout, {}, collector::Durability::write, notices);
    cut.expect(status.ok(), "a collector starts on it");
    const auto closed = files.contents.find(path);
    cut.expect((closed == files.contents.end()) == before.empty(), "a segment goes only if no block is in it");
    if (closed == files.contents.end()) return;
    cut.expect(closed->second->compare(0, cut.whole_end(), cut.bytes(), 0, cut.whole_end()) == 0,
               "what is whole stays as it is");
    const MemorySource source(*closed->second);
    const auto opened = SegmentReader::open(source);
    cut.expect(opened.ok() && opened->has_footer() && opened->blocks() == before,
               "it is closed, with every whole block");
    if (!opened) return;
    const auto verified = opened->verify([](std::uint64_t) {});
    cut.expect(verified.ok() && verified->damage.empty(), "verification finds nothing in the closed file");
  }

  ChangingSource source_;
  std::vector<BlockSummary> blocks_;
};

class JournalCuts {
 public:
  explicit JournalCuts(const SampleFile& file) : source_(file.bytes), file_(&file) {}

  void check(Cuts& cut) {
    source_.cut(cut.at());
    auto reader = JournalReader::open(source_);
    if (cut.whole() == 0) {
      cut.expect(!reader && reader.error().code == ErrorCode::truncated, "a header that is cut off is called so");
    } else if (!reader) {
      cut.expect(false, "the file opens");
    } else {
      for (std::size_t i = 1; i < cut.whole(); ++i) {
        const auto entry = reader->next();
        const bool good = entry && *entry && (*entry)->offset == file_->regions[i].offset;
        cut.expect(good, "every whole entry comes");
        if (!good) return;
      }
      const auto end = reader->next();
      cut.expect(end && !*end && reader->damage().empty(), "a torn end is no damage");
      cut.expect(reader->valid_end() == cut.whole_end(), "the torn end begins behind the last whole entry");
    }
    if (cut.recovers()) recover(cut);
  }

 private:
  static void recover(Cuts& cut) {
    fuzz::MemoryFiles files;
    const collector::ArchiveLayout layout("/a");
    const std::string path = layout.journal_file(0);
    files.put(path, cut.bytes());
    collector::Notices notices([](const std::string&) {});
    const StoppedClock clock;
    const collector::ConfigBox config(collector::default_config());
    std::uint8_t ids = 0;
    collector::Archiver archiver(files, clock, layout, [&ids] { return Id128{{++ids}}; }, config, notices, {});
    auto old = collector::read_old_journal(files, layout, collector::Durability::write);
    if (!old) return cut.expect(false, "a collector starts on it");
    const auto places = take_over(*old, files, layout, collector::Durability::write, {}, {}, notices);
    cut.expect(places.ok(), "a collector takes it over");
    archiver.follow(*old, {});
    cut.expect(archiver.pump({old->next_sequence, 0, false}), "what is whole of it is fed");
    const auto left = files.contents.find(path);
    if (cut.whole() == 0) return cut.expect(left == files.contents.end(), "a journal without a header goes");
    if (left == files.contents.end()) {
      cut.expect(archiver.counts().pending_records == 0, "only a journal without records goes");
    } else {
      cut.expect(left->second->size() == cut.whole_end(), "the torn end is cut off");
    }
    cut.expect(archiver.counts().damaged_ranges == 0, "a torn end is no damage to a collector");
  }

  ChangingSource source_;
  const SampleFile* file_;
};

}  // namespace
}  // namespace lmlog::damage

int main(int argc, char** argv) {
  using namespace lmlog::damage;
  const FlipOptions options = parse_flip_options(argc, argv);
  const SampleFile segment = sample_segment(options.bytes);
  SegmentCuts segment_cuts(segment);
  const bool good = Cuts("segment", segment).run(options.stride, [&](Cuts& cut) { segment_cuts.check(cut); });
  const SampleFile journal = sample_journal(options.bytes);
  JournalCuts journal_cuts(journal);
  const bool also = Cuts("journal", journal).run(options.stride, [&](Cuts& cut) { journal_cuts.check(cut); });
  return good && also ? 0 : 1;
}
