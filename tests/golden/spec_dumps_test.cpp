// SPDX-License-Identifier: Apache-2.0
// The annotated dumps in the spec pages show the bytes of the golden files. LMLOG_ACCEPT=1 rewrites them instead.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/golden/field_dump.hpp"

namespace lmlog::golden {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBegin = "```\n# ";
constexpr std::string_view kEnd = "```\n";

fs::path root() {
  const char* folder = std::getenv("LMLOG_SOURCE_ROOT");
  return folder == nullptr ? "." : folder;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Compares the fenced block behind the last heading of a page with the dump, or puts it there.
void compare(const char* page_name, const std::string& dump) {
  const fs::path path = root() / "formats" / "spec" / page_name;
  std::string page = read(path);
  const std::size_t begin = page.rfind(kBegin);
  ASSERT_NE(begin, std::string::npos) << path << " has no dump";
  const std::size_t end = page.find(kEnd, begin + 4);
  ASSERT_NE(end, std::string::npos);
  const char* accept = std::getenv("LMLOG_ACCEPT");
  if (accept != nullptr && std::string_view(accept) == "1") {
    page.replace(begin + 4, end - begin - 4, dump);
    std::ofstream(path, std::ios::binary) << page;
    return;
  }
  EXPECT_EQ(page.substr(begin + 4, end - begin - 4), dump)
      << path << ": the dump is another; if that is meant, run this test with LMLOG_ACCEPT=1";
}

/// Bytes of all rows that are not indented, in their order.
std::string bytes_of_dump(const std::string& dump) {
  std::string out;
  std::size_t at = 0;
  while (at < dump.size()) {
    const std::size_t end = dump.find('\n', at);
    const std::string row = dump.substr(at, end - at);
    at = end + 1;
    if (row[0] == ' ' || row[0] == '#') continue;
    const std::string cells = row.substr(6, 36);
    if (const std::size_t times = cells.find("×"); times != std::string::npos) {
      out.append(std::stoul(cells.substr(times + 3)), '\0');
      continue;
    }
    for (std::size_t i = 0; i + 1 < cells.size() && cells[i] != ' '; i += 3)
      out.push_back(static_cast<char>(std::stoi(cells.substr(i, 2), nullptr, 16)));
  }
  return out;
}

TEST(SpecDumps, OfTheSmallestSessionShowsEveryByteOfIt) {
  const std::string file = read(root() / "tests/golden/sessions/smallest.session");
  const std::string dump = session_dump(file);
  EXPECT_TRUE(bytes_of_dump(dump) == file);
  compare("shm-abi.md", dump);
}

TEST(SpecDumps, OfTheSmallestSegmentShowsEveryByteOfIt) {
  const std::string file = read(root() / "tests/golden/segments/smallest.lms");
  const std::string dump = segment_dump(file);
  EXPECT_TRUE(bytes_of_dump(dump) == file);
  compare("segment-format.md", dump);
}

}  // namespace
}  // namespace lmlog::golden
