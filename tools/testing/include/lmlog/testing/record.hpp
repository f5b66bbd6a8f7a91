// SPDX-License-Identifier: Apache-2.0
// A captured record, decoded: what lmlog-decode says of it, as values.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

#include <lmlog/level.hpp>
#include <lmlog/testing/value.hpp>

namespace lmlog::testing {

struct Record {
  std::chrono::sys_time<std::chrono::nanoseconds> time;
  Level level = Level::info;
  std::string message;
  std::string template_text;  // the format string as written
  std::string logger;         // empty: none
  std::string thread;         // its name
  std::uint32_t tid = 0;
  std::string file;
  std::uint32_t line = 0;
  std::string function;
  std::map<std::string, Value, std::less<>> fields;  // unnamed arguments are "0", "1", …
  bool is_loss = false;  // no call, but "{count} records lost", with the fields `count` and `reason`
  std::string json;      // the line that lmlog-decode prints, without its end

  /// Throws std::out_of_range, with the names that there are, when there is no such field.
  [[nodiscard]] const Value& field(std::string_view name) const;
};

/// For the messages of test frameworks: the JSON line.
inline std::ostream& operator<<(std::ostream& out, const Record& record) { return out << record.json; }

}  // namespace lmlog::testing
