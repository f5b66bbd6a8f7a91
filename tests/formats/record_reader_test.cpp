// SPDX-License-Identifier: Apache-2.0
// The walk over ring bytes that anybody may have written, and the heads of sub-buffers: what does not fit ends the
// walk, or is no head.
#include "lmlog/formats/record_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/sub_buffer.hpp"

namespace lmlog::formats {
namespace {

constexpr std::uint64_t kBytes = kMinRingBytes;
constexpr auto kPad = static_cast<std::uint32_t>(RecordKind::pad);

/// A record's header at `position`, and zeros up to `bytes`.
std::string record_at(std::uint64_t position, std::uint32_t id, std::uint64_t length, std::uint64_t bytes) {
  const bool extended = length > kMaxShortLength;
  ByteWriter out;
  out.put(RecordHeader{7, stamp_of(position), pack_id_and_length(id, extended ? 0 : length)});
  if (extended) out.put(length);
  std::string text = out.take();
  text.resize(static_cast<std::size_t>(bytes));
  return text;
}

struct Walk {
  std::size_t records = 0;
  WalkEnd end = WalkEnd::none;
  std::uint64_t position = 0;
};

Walk walk(const std::string& bytes, std::uint64_t from) {
  RecordReader reader(std::as_bytes(std::span(bytes)), from, kBytes);
  Walk out;
  for (RecordView record; reader.next(record);) ++out.records;
  out.end = reader.stop();
  out.position = reader.position();
  return out;
}

TEST(RecordReader, StepsOverPadsAndTheGapBeforeTheWrap) {
  const std::string bytes = record_at(kBytes - 64, kPad, 32, 32) + record_at(kBytes - 32, 64, 24, 24) +
                            std::string(8, '\xEE') + record_at(kBytes, 65, 16, 16);
  const Walk all = walk(bytes, kBytes - 64);
  EXPECT_EQ(all.records, 2u);
  EXPECT_EQ(all.end, WalkEnd::end);
  EXPECT_EQ(all.position, kBytes + 16);
}

TEST(RecordReader, EndsBeforeARecordThatIsNotThereAsAWhole) {
  const std::string short_one = record_at(0, 64, 48, 48);
  for (std::size_t size = 1; size < short_one.size(); ++size) {
    const Walk cut = walk(short_one.substr(0, size), 0);
    EXPECT_EQ(cut.end, WalkEnd::bad_length) << size;
    EXPECT_EQ(cut.position, 0u);
  }
  const std::string extended = record_at(0, kPad, 40'000, 40'000);
  EXPECT_EQ(walk(extended, 0).end, WalkEnd::end);
  for (const std::size_t size : {16u, 23u, 24u, 39'999u})
    EXPECT_EQ(walk(extended.substr(0, size), 0).end, WalkEnd::bad_length) << size;
  EXPECT_EQ(walk("gap", kBytes - 8).end, WalkEnd::bad_length);
}

TEST(RecordReader, EndsBeforeALengthThatNoRecordHas) {
  EXPECT_EQ(walk(record_at(0, 64, 8, 64), 0).end, WalkEnd::bad_length) << "shorter than a header";
  EXPECT_EQ(walk(record_at(kBytes - 32, 64, 64, 64), kBytes - 32).end, WalkEnd::bad_length) << "over the wrap";
  const std::uint64_t too_long = max_record_bytes(kBytes) + 8;
  EXPECT_EQ(walk(record_at(0, 64, too_long, too_long), 0).end, WalkEnd::bad_length);
  EXPECT_EQ(walk(record_at(0, kPad, too_long, too_long), 0).end, WalkEnd::end) << "a pad may be";
  for (const std::uint64_t length : {std::uint64_t{40'004}, std::uint64_t{48}}) {
    std::string bytes = record_at(0, kPad, 40'000, 40'008);
    std::memcpy(bytes.data() + sizeof(RecordHeader), &length, sizeof(length));
    EXPECT_EQ(walk(bytes, 0).end, WalkEnd::bad_length) << "extended to " << length;
  }
}

TEST(RecordReader, EndsBeforeAWrongStampAndAKindThatMustBeUnderstood) {
  EXPECT_EQ(walk(record_at(8, 64, 16, 16), 0).end, WalkEnd::bad_stamp);
  EXPECT_EQ(walk(record_at(0, 20, 16, 16), 0).end, WalkEnd::bad_id);
}

// ---- heads of sub-buffers

/// The parts of a head at position 8192, each of which may be made wrong.
struct HeadParts {
  std::uint32_t kind = static_cast<std::uint32_t>(RecordKind::sub_buffer);
  std::uint64_t position = 8192;
  std::uint64_t index = 5;
  std::uint32_t losses = 1;
  std::uint32_t reason = 3;
  std::uint64_t state_index = 5;
  std::uint32_t missing_state_bytes = 0;
  std::string state_behind{};
};

std::optional<SubBufferHead> parse(const HeadParts& parts, std::size_t cut = 0) {
  StateVector state;
  state.index = parts.state_index;
  ByteWriter state_bytes;
  state.write(state_bytes);
  const std::string written = state_bytes.take() + parts.state_behind;
  ByteWriter body;
  body.put(parts.position);
  body.put(parts.index);
  body.put(parts.losses);
  body.put(std::uint32_t{0});
  body.put(parts.reason);
  body.put(std::uint32_t{0});
  body.put(std::uint64_t{9});
  body.put(static_cast<std::uint32_t>(written.size()) + parts.missing_state_bytes);
  body.put(std::uint32_t{0});
  body.text(written);
  const std::string bytes = body.take();
  RecordView record{8192, 16 + bytes.size(), 7, parts.kind, std::as_bytes(std::span(bytes)).first(bytes.size() - cut)};
  return parse_sub_buffer(record);
}

TEST(SubBufferHead, SaysWhatAReaderMustKnowThatBeginsThere) {
  const auto head = parse({});
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->time, 7u);
  EXPECT_EQ(head->counters[3], 9u);
  EXPECT_EQ(head->state.index, 5u);
}

TEST(SubBufferHead, IsNoneWhereItContradictsItself) {
  EXPECT_FALSE(parse({.kind = kPad}));
  EXPECT_FALSE(parse({.position = 0}));
  EXPECT_FALSE(parse({.losses = static_cast<std::uint32_t>(kLossReasons) + 1}));
  EXPECT_FALSE(parse({.losses = 4})) << "of which there is one";
  EXPECT_FALSE(parse({.reason = static_cast<std::uint32_t>(kLossReasons)}));
  EXPECT_FALSE(parse({.state_index = 6}));
  EXPECT_FALSE(parse({.missing_state_bytes = 8}));
  EXPECT_FALSE(parse({.state_behind = std::string("\x01\0\0\0\xFF\0\0\0", 8)})) << "an item that is cut";
  for (std::size_t cut = 1; cut < 60; ++cut) EXPECT_FALSE(parse({}, cut)) << cut;
}

}  // namespace
}  // namespace lmlog::formats
