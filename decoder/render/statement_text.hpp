// SPDX-License-Identifier: Apache-2.0
// What renderers keep of a statement, a thread and a ring, so that nothing is escaped or looked up twice.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "decoder/read/session.hpp"
#include "decoder/render/message.hpp"
#include "decoder/render/values.hpp"

namespace lmlog::decoder {

/// A key of the JSON record with its value; empty values are left out of the record.
struct JsonMember {
  std::string key;
  std::string value;  // as JSON
};

struct StatementText {
  explicit StatementText(const StatementRef& reference);

  ArgumentLayout layout;
  MessageTemplate message;
  std::vector<JsonMember> source_members;     // severity … pid
  std::vector<JsonMember> statement_members;  // template … function
  std::string source;                         // the same as text between `time_unix_nano` and the thread's members
  std::string statement;                      // the same between `message` and `fields`
  std::vector<JsonMember> logger_members;     // logger, behind the thread's members
  std::string logger;                         // the same as text
  std::string logger_label;                   // ` md.itch]`: how the label of a thread ends; empty without a logger
  std::vector<std::string> field_keys;        // escaped, in quotes, with the colon behind
  std::vector<std::string> names;             // of the arguments, safe on terminals
  std::string session;                        // `,"session":"…"`
  formats::Level level;
  std::string severity;                                      // padded to six and a space
  std::vector<std::pair<std::size_t, std::string>> unshown;  // arguments that the message does not show: ` name=`
};

struct ThreadText {
  explicit ThreadText(const ThreadContext& context);

  std::vector<JsonMember> thread_members;   // tid, thread
  std::vector<JsonMember> context_members;  // context … trace_flags
  std::string thread;                       // the same as text: `,"tid":5,"thread":"worker"`
  std::string context;
  std::string label;  // `[worker]`
};

/// Prepared on first use and kept with the statement or thread.
[[nodiscard]] const StatementText& text_of(const StatementRef& reference);
[[nodiscard]] const ThreadText& text_of(const ThreadContext& context);

}  // namespace lmlog::decoder
