// SPDX-License-Identifier: Apache-2.0
// A golden file in memory, and what a reader must get from it; the four makers of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lmlog/formats/result.hpp"
#include "tests/golden/json.hpp"

namespace lmlog::golden {

/// One damage of a file that is read all the same.
struct ExpectedDamage {
  std::string code;  // damaged or truncated
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct GoldenCase {
  std::string folder;  // sessions, rings, journals, segments
  std::string file;    // with its suffix
  std::string what;    // a sentence
  std::string bytes;
  std::string refused;                 // code, when the file is of no use
  std::vector<ExpectedDamage> damage;  // of a file that is of use
  std::optional<Json> content;         // unless refused

  [[nodiscard]] std::string stem() const { return file.substr(0, file.rfind('.')); }

  /// The text of CASE.json.
  [[nodiscard]] std::string json() const {
    Json out = Json::object();
    out.add("file", file).add("what", what);
    out.add("verdict", !refused.empty() ? "refused" : damage.empty() ? "good" : "damaged");
    if (!refused.empty()) out.add("code", refused);
    if (!damage.empty()) {
      Json list = Json::array();
      for (const ExpectedDamage& d : damage)
        list.add(Json::object().add("code", d.code).add("offset", d.offset).add("length", d.length));
      out.add("damage", list);
    }
    if (content) out.add("content", *content);
    return out.text() + "\n";
  }
};

[[nodiscard]] std::vector<GoldenCase> session_cases();
[[nodiscard]] std::vector<GoldenCase> ring_cases();
[[nodiscard]] std::vector<GoldenCase> journal_cases();
[[nodiscard]] std::vector<GoldenCase> segment_cases();

}  // namespace lmlog::golden
