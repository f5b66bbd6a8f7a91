// SPDX-License-Identifier: Apache-2.0
// The message is rendered once, and serves pattern and output.
#include "decoder/output/record_printer.hpp"

#include "decoder/render/statement_text.hpp"

namespace lmlog::decoder {

RecordPrinter::RecordPrinter(const PrinterOptions& options, Report& report)
    : options_(options),
      report_(&report),
      json_({options.format == OutputFormat::json_pretty, options.int64_as_string}),
      text_(options.color),
      values_(std::make_unique<Values>()) {}

bool RecordPrinter::print(std::string& out, const Record& record) {
  const StatementText& statement = text_of(*record.row->statement);
  if (!values_->load(statement.layout, record.body(), record.unreadable())) {
    report_->damage(record.ring().hex, record.row->position, 0, "the record's arguments do not fit its statement");
    return false;
  }
  message_.clear();
  statement.message.append(message_, *values_);
  if (options_.pattern && !record.row->statement->is_loss && !options_.pattern->matches(message_)) return false;
  if (options_.format == OutputFormat::text) {
    text_.append(out, record, *values_, message_);
  } else {
    json_.append(out, record, *values_, message_);
  }
  return true;
}

}  // namespace lmlog::decoder
