// SPDX-License-Identifier: Apache-2.0
// A block's directory comes back as it was written, and every way in which it may contradict itself is found before
// anything is believed.
#include <functional>

#include <gtest/gtest.h>

#include "formats/src/block_directory.hpp"
#include "lmlog/formats/ring_layout.hpp"
#include "tests/formats/ring_script.hpp"

namespace lmlog::formats {
namespace {

using script::id_of;

/// Two sites of one run: two arguments and four records, none and one record; one record made by the collector.
BlockDirectory sample() {
  BlockDirectory d;
  d.records = 6;
  d.ranges = {1, 2, 3, 4};
  d.received_ns = -9;
  d.levels = 4;
  d.frames = {{100, 1000, 77}, {5, 50, 78}};
  d.sessions = {{3, {{1, 2, 3}}}, {0, {}}};
  BlockRun run;
  run.ring = id_of(16);
  run.data_bytes = kMinRingBytes;
  run.from = 64;
  run.to = 64 + 5 * 32;
  run.records = 5;
  run.losses = {{0, 5}, {7, 1}};
  run.end_state.index = 9;
  BlockRun made;
  made.session = 1;
  made.ring = id_of(32);
  made.made_by_collector = true;
  made.cursor_offset = 2;
  made.from = made.to = 640;
  made.records = 1;
  d.runs = {run, made};
  d.sites = {{0xABCDEF, 2, 4}, {0x123456, 2, 1}, {6, kNoLevel, 1}};
  d.statements = {{0, 64, 0}, {0, 65, 1}, {1, 6, 2}};
  const auto column = [&d](std::uint32_t site, std::uint32_t run_index, std::uint32_t argument, ArgType type,
                           std::uint64_t values) {
    d.columns.push_back({site, run_index, argument, static_cast<std::uint8_t>(type), 0, 0, 10, 90, values, "stats"});
  };
  column(0, 0, 0, ArgType::u32, 6);
  column(0, 0, 1, ArgType::u64, 6);
  column(0, 0, 2, ArgType::u64, 6);
  column(0, 0, 3, ArgType::i64, 6);
  column(1, 1, 0, ArgType::i32, 4);
  column(1, 1, 1, ArgType::string, 4);
  column(3, 0, 0, ArgType::string, 1);
  return d;
}

Result<BlockDirectory> parse(const std::string& body) {
  return parse_block_directory(std::as_bytes(std::span(body.data(), body.size())));
}

TEST(Directory, ComesBackAsItWasWritten) {
  const std::string body = write_block_directory(sample());
  const auto parsed = parse(body);
  ASSERT_TRUE(parsed.ok()) << parsed.error().text;
  EXPECT_EQ(write_block_directory(*parsed), body);
  EXPECT_EQ(parsed->received_ns, -9);
  EXPECT_EQ(parsed->runs[1].cursor_offset, 2);
  EXPECT_EQ(parsed->columns[5].statistics, "stats");
  EXPECT_TRUE(parse(body + "what a later version adds").ok());
}

TEST(Directory, CutAnywhereIsRefused) {
  const std::string body = write_block_directory(sample());
  for (std::size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(parse(body.substr(0, size)).ok()) << size;
}

struct Contradiction {
  const char* what;
  std::function<void(BlockDirectory&)> change;
};

TEST(Directory, ThatContradictsItselfIsRefused) {
  const std::vector<Contradiction> all = {
      {"more records than any block", [](auto& d) { d.records = kMaxBlockRecords + 1; }},
      {"more frames than any block", [](auto& d) { d.frames.resize(kMaxBlockColumns + 1); }},
      {"more sessions than any block", [](auto& d) { d.sessions.resize(kMaxBlockRuns + 1); }},
      {"more runs than any block", [](auto& d) { d.runs.resize(kMaxBlockRuns + 1); }},
      {"more sites than any block", [](auto& d) { d.sites.resize(kMaxBlockRecords + 1); }},
      {"more statements than any block", [](auto& d) { d.statements.resize(kMaxBlockRecords + 1); }},
      {"more columns than any block", [](auto& d) { d.columns.resize(kMaxBlockColumns + 1); }},
      {"more records than its runs", [](auto& d) { d.records = 7; }},
      {"fewer records than its runs", [](auto& d) { d.records = 5; }},
      {"a frame that is too large", [](auto& d) { d.frames[0].inflated_bytes = kMaxInflatedBytes + 1; }},
      {"frames whose sum overflows", [](auto& d) { d.frames[0].stored_bytes = ~std::uint64_t{0}; }},
      {"frames that are too large together", [](auto& d) { d.frames[0].stored_bytes = kMaxBlockBytes; }},
      {"frames that are too large together inflated",
       [](auto& d) {
         d.frames.resize(kMaxBlockBytes / kMaxInflatedBytes + 3, {5, kMaxInflatedBytes, 78});
       }},
      {"a run of no session", [](auto& d) { d.runs[0].session = 2; }},
      {"a run that goes back", [](auto& d) { d.runs[0].from = 8000; }},
      {"a run at no multiple of 8", [](auto& d) { d.runs[0].to += 4; }},
      {"a run from no multiple of 8", [](auto& d) { d.runs[0].from -= 4; }},
      {"a run with more records than the block", [](auto& d) { d.runs[0].records = 7; }},
      {"a run of an impossible ring", [](auto& d) { d.runs[0].data_bytes = 65'000; }},
      {"more records than fit in the run", [](auto& d) { d.runs[0].to = 64 + 64; }},
      {"records of a loss run", [](auto& d) { d.runs[1].to += 8; }},
      {"two records of a loss run",
       [](auto& d) {
         d.runs[0].records = 4;
         d.runs[1].records = 2;
       }},
      {"a cursor offset without a loss run", [](auto& d) { d.runs[0].cursor_offset = 1; }},
      {"a site of no level", [](auto& d) { d.sites[0].level = 7; }},
      {"a kind with the hash of a site", [](auto& d) { d.sites[2].hash = 64; }},
      {"sites with too many records", [](auto& d) { d.sites[1].records = 2; }},
      {"a site with more records than the block", [](auto& d) { d.sites[1].records = 7; }},
      {"sites with too few records", [](auto& d) { d.sites[1].records = 0; }},
      {"a statement of no session", [](auto& d) { d.statements[0].session = 2; }},
      {"a statement of no site", [](auto& d) { d.statements[0].site = 3; }},
      {"a statement with the site of a kind", [](auto& d) { d.statements[0].site = 2; }},
      {"a kind with another kind's site", [](auto& d) { d.statements[2].id = 2; }},
      {"an impossible statement id", [](auto& d) { d.statements[0].id = kStatementIdLimit; }},
      {"a column of no site", [](auto& d) { d.columns[4].site = 4; }},
      {"a column of no run", [](auto& d) { d.columns[4].run = 3; }},
      {"a column of no frame", [](auto& d) { d.columns[4].frame = 2; }},
      {"a column past its frame", [](auto& d) { d.columns[4].offset = 911; }},
      {"a column behind its frame", [](auto& d) { d.columns[4].offset = 1001; }},
      {"a column whose end overflows", [](auto& d) { d.columns[4].bytes = ~std::uint64_t{0} - 5; }},
      {"a column of no type", [](auto& d) { d.columns[4].type = 0; }},
      {"a column without values", [](auto& d) { d.columns[6].values = 0; }},
      {"a column with too many values", [](auto& d) { d.columns[5].values = 5; }},
      {"columns with too few values", [](auto& d) { d.columns[4].values = d.columns[5].values = 3; }},
      {"an argument twice", [](auto& d) { d.columns[5].argument = 0; }},
      {"an argument left out", [](auto& d) { d.columns[5].argument = 2; }},
      {"arguments of one record in two sets", [](auto& d) { d.columns[5].run = 0; }},
      {"two sets of different types",
       [](auto& d) {
         d.columns[4].values = d.columns[5].values = 2;
         d.columns.push_back({1, 0, 0, static_cast<std::uint8_t>(ArgType::i64), 0, 0, 0, 1, 2, {}});
         d.columns.push_back({1, 0, 1, static_cast<std::uint8_t>(ArgType::string), 0, 0, 0, 1, 2, {}});
       }},
      {"a set with fewer arguments than the other",
       [](auto& d) {
         d.columns[4].values = d.columns[5].values = 2;
         d.columns.push_back({1, 2, 0, static_cast<std::uint8_t>(ArgType::i32), 0, 0, 0, 1, 2, {}});
       }},
      {"a set with more arguments than the other",
       [](auto& d) {
         d.columns[4].values = d.columns[5].values = 2;
         d.columns.push_back({1, 0, 0, static_cast<std::uint8_t>(ArgType::i32), 0, 0, 0, 1, 2, {}});
       }},
      {"sets with too many values together",
       [](auto& d) {
         for (const std::uint32_t argument : {0u, 1u}) {
           d.columns.push_back(d.columns[4 + argument]);
           d.columns.back().run = 2;
         }
       }},
      {"a block column missing", [](auto& d) { d.columns.erase(d.columns.begin() + 3); }},
      {"a block column of another type", [](auto& d) { d.columns[1].type = static_cast<std::uint8_t>(ArgType::i64); }},
      {"a block column of a run", [](auto& d) { d.columns[1].run = 1; }},
      {"a fifth block column",
       [](auto& d) {
         d.columns.push_back({0, 0, 4, 8, 0, 0, 0, 1, 6, {}});
       }},
      {"loss reasons out of order",
       [](auto& d) {
         d.runs[0].losses = {{7, 1}, {0, 5}};
       }},
      {"an impossible loss reason",
       [](auto& d) {
         d.runs[0].losses = {{32, 1}};
       }},
  };
  for (const Contradiction& one : all) {
    BlockDirectory d = sample();
    one.change(d);
    EXPECT_FALSE(parse(write_block_directory(d)).ok()) << one.what;
  }
}

}  // namespace
}  // namespace lmlog::formats
