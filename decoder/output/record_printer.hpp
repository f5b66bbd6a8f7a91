// SPDX-License-Identifier: Apache-2.0
// From a record of the merge to its text in the chosen form, if its message is wanted.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "decoder/query/message_pattern.hpp"
#include "decoder/read/report.hpp"
#include "decoder/read/row_batch.hpp"
#include "decoder/render/json.hpp"
#include "decoder/render/text.hpp"
#include "decoder/render/values.hpp"

namespace lmlog::decoder {

enum class OutputFormat : std::uint8_t { json, json_pretty, text };

struct PrinterOptions {
  OutputFormat format = OutputFormat::json;
  bool color = false;
  bool int64_as_string = false;
  std::shared_ptr<const MessagePattern> pattern;  // null: every message
};

/// Not thread-safe. Borrows the report.
class RecordPrinter {
 public:
  RecordPrinter(const PrinterOptions& options, Report& report);

  /// Appends the record to `out`; false, and nothing appended, when the pattern does not match. Losses always match.
  [[nodiscard]] bool print(std::string& out, const Record& record);

 private:
  PrinterOptions options_;
  Report* report_;
  JsonRenderer json_;
  TextRenderer text_;
  std::unique_ptr<Values> values_;  // some kilobytes
  std::string message_;
};

}  // namespace lmlog::decoder
