// SPDX-License-Identifier: Apache-2.0
// Records as lines for people: time, severity, thread, message, and the fields that the message does not show.
#pragma once

#include <string>
#include <string_view>

#include "decoder/read/row_batch.hpp"
#include "decoder/render/time_text.hpp"
#include "decoder/render/values.hpp"

namespace lmlog::decoder {

/// Not thread-safe.
class TextRenderer {
 public:
  explicit TextRenderer(bool color) : color_(color) {}

  /// Appends one line. Nothing in it can move a terminal's cursor or change its state, but for our own colours.
  void append(std::string& out, const Record& record, Values& values, std::string_view message);

 private:
  void append_truncated(std::string& out, const StatementText& statement, const Values& values) const;

  bool color_;
  TimeText time_;
  std::string value_;
};

}  // namespace lmlog::decoder
