// SPDX-License-Identifier: Apache-2.0
// A disk that fails while a file is read: every read once, with an error and with fewer bytes than there are (somebody
// cuts the file meanwhile). Readers end with the error of the disk, or with less than there was; never with wrong
// records.

#include <gtest/gtest.h>

#include <functional>

#include "lmlog/formats/journal_reader.hpp"
#include "lmlog/formats/segment_reader.hpp"
#include "tests/damage/sample_files.hpp"

namespace lmlog::damage {
namespace {

enum class Failure : std::uint8_t { error, short_read, size };

/// The k-th call fails, counted from 1.
class FailingSource final : public ByteSource {
 public:
  FailingSource(const std::string& bytes, Failure how, std::uint64_t which) : bytes_(bytes), how_(how), which_(which) {}

  Result<std::uint64_t> size() const override {
    if (how_ == Failure::size && ++calls_ == which_) return Error{ErrorCode::io, "the disk says no"};
    return std::uint64_t{bytes_.size()};
  }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    const bool fails = how_ != Failure::size && ++calls_ == which_;
    if (fails && how_ == Failure::error) return Error{ErrorCode::io, "the disk says no"};
    if (offset >= bytes_.size()) return std::size_t{0};
    std::size_t n = std::min<std::size_t>(out.size(), bytes_.size() - static_cast<std::size_t>(offset));
    if (fails) n /= 2;
    if (n != 0) std::memcpy(out.data(), bytes_.data() + offset, n);
    return n;
  }
  [[nodiscard]] bool has_failed() const { return calls_ >= which_; }

 private:
  const std::string& bytes_;
  Failure how_;
  std::uint64_t which_;
  mutable std::uint64_t calls_ = 0;
};

/// Runs `read` until a run needs no more calls than succeed; gives the number of calls that failed once.
std::uint64_t each_call(const std::string& bytes, Failure how, const std::function<void(FailingSource&)>& read) {
  for (std::uint64_t which = 1;; ++which) {
    FailingSource source(bytes, how, which);
    read(source);
    if (!source.has_failed()) return which - 1;
  }
}

/// Of everything that a reader of segments does: what it gives is what is there, or an error.
void read_segment(FailingSource& source, Failure how, const std::vector<BlockSummary>& all) {
  const auto io_or_less = [how](const Error& error) {
    // Of a block that is damaged besides, it is said.
    EXPECT_TRUE(how == Failure::short_read || error.code == ErrorCode::io || error.length != 0) << error.text;
  };
  const auto opened = SegmentReader::open(source);
  if (!opened) return io_or_less(opened.error());
  for (const BlockSummary& summary : opened->blocks()) {
    EXPECT_NE(std::find(all.begin(), all.end(), summary), all.end()) << "a block that nobody wrote";
    if (const auto block = opened->read_block(summary); !block) io_or_less(block.error());
  }
  const auto verified = opened->verify([](std::uint64_t) {});
  if (!verified) return io_or_less(verified.error());
}

void read_journal(FailingSource& source, Failure how, std::size_t entries) {
  auto reader = JournalReader::open(source);
  if (!reader) {
    EXPECT_TRUE(how == Failure::short_read || reader.error().code == ErrorCode::io) << reader.error().text;
    return;
  }
  for (std::size_t i = 0; i <= entries + 1; ++i) {
    const auto entry = reader->next();
    if (!entry) {
      EXPECT_EQ(entry.error().code, ErrorCode::io);
      continue;  // it may be asked again
    }
    if (!*entry) return;
    EXPECT_LT(i, entries + 1) << "an entry that nobody wrote";
  }
}

/// The file, and the same with a byte changed in the middle, so that readers search, and in the header.
std::vector<std::string> whole_and_damaged(const SampleFile& file) {
  std::vector<std::string> out{file.bytes, file.bytes, file.bytes};
  const Region& middle = file.regions[file.regions.size() / 2];
  char& byte = out[1][static_cast<std::size_t>(middle.offset) + 9];
  byte = static_cast<char>(byte ^ 1);
  out[2][9] = static_cast<char>(out[2][9] ^ 1);
  return out;
}

TEST(FailingReads, EndTheReadingOfASegmentWithTheErrorOfTheDisk) {
  const SampleFile closed = sample_segment(12 << 10);
  for (const SampleFile& file : {closed, closed.unclosed()}) {
    const MemorySource whole(file.bytes);
    const auto blocks = SegmentReader::open(whole).value().blocks();
    for (const std::string& bytes : whole_and_damaged(file)) {
      for (const Failure how : {Failure::error, Failure::short_read, Failure::size}) {
        const auto calls = each_call(bytes, how, [&](FailingSource& source) { read_segment(source, how, blocks); });
        EXPECT_GE(calls, how == Failure::size ? 2u : 8u);
      }
    }
  }
}

TEST(FailingReads, EndTheReadingOfAJournalWithTheErrorOfTheDisk) {
  const SampleFile file = sample_journal(12 << 10);
  for (const std::string& bytes : whole_and_damaged(file)) {
    for (const Failure how : {Failure::error, Failure::short_read, Failure::size}) {
      const auto calls =
          each_call(bytes, how, [&](FailingSource& source) { read_journal(source, how, file.regions.size()); });
      EXPECT_GE(calls, 2u);
    }
  }
}

}  // namespace
}  // namespace lmlog::damage
