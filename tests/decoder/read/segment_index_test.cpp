// SPDX-License-Identifier: Apache-2.0
// What is known of segments stays as it was found, though a collector goes on writing them.
#include "decoder/read/segment_index.hpp"

#include <gtest/gtest.h>

#include "tests/decoder/read/archive_script.hpp"

namespace lmlog::decoder {
namespace {

using formats::ClockKind;
namespace fs = formats::script;

TEST(SegmentIndexTest, GivesTheFloorOfASegmentAsItWasFoundThoughItHasGrown) {
  fs::SessionScript session(fs::id_of(1));
  fs::RingScript ring(fs::id_of(2));
  const auto statement = session.statement(formats::Level::info, "n {n}", {{formats::ArgType::u64, "n"}});
  ring.thread(1, 7, 1, "counter");
  ring.clock(1, ClockKind::user_ns, 0);
  const auto write = [&](std::uint64_t n) {
    ring.record(statement, 10 + n, fs::Arguments().fixed(n));
    return ring.head();
  };
  const std::uint64_t first = write(0);
  const std::uint64_t second = write(1);
  const auto file = [&](bool is_closed, bool is_longer) {
    std::vector<std::vector<script::Stretch>> blocks{{{&session, &ring, 0, first}}};
    if (is_longer) blocks.push_back({{&session, &ring, first, second}});
    return script::segment_file(script::segment_header(0x70), blocks, {}, is_closed);
  };
  for (const bool is_closed : {false, true}) {
    const script::Folder folder;
    folder.write("a.lms", file(false, false));
    Report report(true, -1);
    SegmentIndex index(report);
    index.add(folder.path("a.lms"), true);
    folder.write("a.lms", file(is_closed, true));
    index.settle();
    const RingKey key{script::owner(), ring.id()};
    ASSERT_NE(index.floor(key), nullptr);
    EXPECT_EQ(index.floor(key)->position, first);
    const auto state = index.floor_state(key);
    ASSERT_NE(state, nullptr) << "the ring's records behind the floor would lack their thread";
    EXPECT_EQ(state->index, script::state_at(ring, first).state.index);
    const auto opened = index.open(0);
    ASSERT_NE(opened, nullptr);
    EXPECT_EQ(opened->reader.blocks().size(), 1u);
    EXPECT_FALSE(report.damaged());
  }
}

}  // namespace
}  // namespace lmlog::decoder
