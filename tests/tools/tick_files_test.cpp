// SPDX-License-Identifier: Apache-2.0
// Finding and ordering tick files, on small zip archives made by the test.
#include "tools/replay/tick_files.hpp"

#include <gtest/gtest.h>
#include <zip.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/rings_folder.hpp"

namespace lmlog::tools {
namespace {

constexpr std::int64_t kMidnight = 1'381'104'000'000'000'000;  // 2013-10-07T00:00:00Z
constexpr std::int64_t kDay = 86'400'000'000'000;

class TickFilesTest : public ::testing::Test {
 protected:
  std::string zip(const std::string& name, const std::string& text, int files = 1) const {
    const std::filesystem::path path = folder_.path() + '/' + name;
    std::filesystem::create_directories(path.parent_path());
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (int i = 0; i < files; ++i) {
      zip_source_t* source = zip_source_buffer(archive, text.data(), text.size(), 0);
      EXPECT_GE(zip_file_add(archive, (std::to_string(i) + ".csv").c_str(), source, 0), 0);
    }
    EXPECT_EQ(zip_close(archive), 0);
    return path.string();
  }

  [[nodiscard]] static formats::Result<std::vector<SymbolTicks>> read(const std::vector<std::string>& paths) {
    auto files = find_tick_files(paths);
    if (!files) return files.error();
    return read_ticks(*std::move(files));
  }

  /// The prices of a symbol's rows, in order: the tests number rows by their price.
  static std::vector<std::uint32_t> prices(const SymbolTicks& ticks) {
    std::vector<std::uint32_t> out;
    for (const TickRow& row : ticks.rows) out.push_back(row.price);
    return out;
  }

  testing::RingsFolder folder_;
};

TEST_F(TickFilesTest, OrdersByTimeThenQuotesBeforeTradesThenAsInTheFile) {
  zip("ibm/20131008_quote.zip", "5,8,1,0,0,Q,1,0");
  zip("ibm/20131007_trade.zip", "5,4,1,P,0,0\n5,5,1,P,0,0\n9,7,1,P,0,0");
  zip("ibm/20131007_quote.zip", "4,1,1,0,0,Q,1,0\n5,2,1,0,0,Q,1,0\n5,3,1,0,0,Q,1,0\n7,6,1,0,0,Z,1,0\n");
  const auto ticks = read({folder_.path()});
  ASSERT_TRUE(ticks.ok()) << ticks.error().text;
  ASSERT_EQ(ticks->size(), 1u);
  EXPECT_EQ(ticks->at(0).symbol, "IBM");
  EXPECT_EQ(prices(ticks->at(0)), (std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(ticks->at(0).rows.front().time_ns, static_cast<std::uint64_t>(kMidnight + 4'000'000));
  EXPECT_EQ(ticks->at(0).rows.back().time_ns, static_cast<std::uint64_t>(kMidnight + kDay + 5'000'000));
  EXPECT_EQ(ticks->at(0).exchanges[ticks->at(0).rows[5].exchange], "Z");
}

TEST_F(TickFilesTest, SortsAFileWhoseLinesAreNotInOrder) {
  zip("aig/20131007_trade.zip", "9,3,1,P,0,0\n5,1,1,P,0,0\n7,2,1,P,0,0");
  const auto ticks = read({folder_.path() + "/aig/20131007_trade.zip"});
  ASSERT_TRUE(ticks.ok());
  EXPECT_EQ(prices(ticks->at(0)), (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST_F(TickFilesTest, KeepsTheFirstOfAllSymbolsTogether) {
  zip("bac/20131007_trade.zip", "1,1,1,P,0,0\n5,2,1,P,0,0\n6,3,1,P,0,0");
  zip("aig/20131007_trade.zip", "5,1,1,P,0,0\n5,2,1,P,0,0\n9,3,1,P,0,0");
  auto ticks = read({folder_.path()});
  ASSERT_TRUE(ticks.ok());
  ASSERT_EQ(ticks->size(), 2u);
  keep_first(*ticks, 100);
  EXPECT_EQ(ticks->at(0).rows.size() + ticks->at(1).rows.size(), 6u);
  keep_first(*ticks, 4);  // 1 BAC, 5 AIG, 5 AIG, 5 BAC: equal times go by the symbol
  EXPECT_EQ(prices(ticks->at(0)), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(prices(ticks->at(1)), (std::vector<std::uint32_t>{1, 2}));
  keep_first(*ticks, 2);
  EXPECT_EQ(prices(ticks->at(0)), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(prices(ticks->at(1)), (std::vector<std::uint32_t>{1}));
}

TEST_F(TickFilesTest, NamesPathAndLineOfABadRow) {
  const std::string path = zip("aig/20131007_quote.zip", "1,1,1,1,1,Q,1,0\n2,oops\n");
  const auto ticks = read({path});
  ASSERT_FALSE(ticks.ok());
  EXPECT_EQ(ticks.error().code, formats::ErrorCode::damaged);
  EXPECT_EQ(ticks.error().text, path + ": line 2 is no quote row");
}

TEST_F(TickFilesTest, RefusesWhatIsNoArchiveWithOneWholeFile) {
  std::filesystem::create_directory(folder_.path() + "/aig");
  const std::string text = folder_.write("aig/20131007_trade.zip", {'n', 'o', 'n', 'e'});
  EXPECT_EQ(read({text}).error().code, formats::ErrorCode::damaged);
  const std::string two = zip("aig/20131008_trade.zip", "1,1,1,P,0,0", 2);
  EXPECT_EQ(read({two}).error().code, formats::ErrorCode::damaged);

  std::string rows;
  for (int i = 0; i < 5000; ++i) rows += std::to_string(i) + ",1,1,P,0,0\n";
  const std::string flipped = zip("aig/20131009_trade.zip", rows);
  std::fstream file(flipped, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(2000);
  const char byte = static_cast<char>(file.get() ^ 0x55);
  file.seekp(2000);
  file.put(byte);
  file.close();
  EXPECT_EQ(read({flipped}).error().code, formats::ErrorCode::damaged);
}

TEST_F(TickFilesTest, RefusesNamesThatAreNoTickFiles) {
  for (const char* name : {"aig/20131307_trade.zip", "aig/2013107_trade.zip", "aig/20131007_book.zip", "aig/x.csv",
                           "aig/19691231_trade.zip"}) {
    EXPECT_EQ(read({zip(name, "1,1,1,P,0,0")}).error().code, formats::ErrorCode::invalid) << name;
  }
  EXPECT_EQ(read({folder_.path()}).error().code, formats::ErrorCode::not_found);
  EXPECT_EQ(read({folder_.path() + "/none"}).error().code, formats::ErrorCode::io);
}

}  // namespace
}  // namespace lmlog::tools
