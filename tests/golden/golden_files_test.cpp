// SPDX-License-Identifier: Apache-2.0
// Every golden file is what the writers write today, byte for byte. LMLOG_ACCEPT=1 rewrites them instead.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "tests/golden/golden_case.hpp"

namespace lmlog::golden {
namespace {

namespace fs = std::filesystem;

std::vector<GoldenCase> all_cases() {
  std::vector<GoldenCase> out;
  for (auto* const make : {session_cases, ring_cases, journal_cases, segment_cases}) {
    for (GoldenCase& one : make()) out.push_back(std::move(one));
  }
  return out;
}

fs::path folder() {
  const char* root = std::getenv("LMLOG_SOURCE_ROOT");
  return fs::path(root == nullptr ? "." : root) / "tests" / "golden";
}

bool accepting() {
  const char* accept = std::getenv("LMLOG_ACCEPT");
  return accept != nullptr && std::string_view(accept) == "1";
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(GoldenFiles, AreWhatTheWritersWriteToday) {
  for (const GoldenCase& one : all_cases()) {
    const fs::path file = folder() / one.folder / one.file;
    const fs::path json = folder() / one.folder / (one.stem() + ".json");
    if (accepting()) {
      write(file, one.bytes);
      write(json, one.json());
      continue;
    }
    EXPECT_TRUE(read(file) == one.bytes) << file << " differs; if that is meant, run this test with LMLOG_ACCEPT=1";
    EXPECT_EQ(read(json), one.json()) << json << " differs; if that is meant, run this test with LMLOG_ACCEPT=1";
  }
}

TEST(GoldenFiles, AreAllOfCasesThatTheWritersKnow) {
  std::set<fs::path> known;
  for (const GoldenCase& one : all_cases()) {
    EXPECT_TRUE(known.insert(folder() / one.folder / one.file).second) << one.file << " is made twice";
    known.insert(folder() / one.folder / (one.stem() + ".json"));
  }
  for (const char* kind : {"sessions", "rings", "journals", "segments"}) {
    for (const auto& entry : fs::directory_iterator(folder() / kind))
      EXPECT_TRUE(known.contains(entry.path())) << entry.path() << " is of no case: remove it";
  }
}

}  // namespace
}  // namespace lmlog::golden
