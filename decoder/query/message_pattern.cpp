// SPDX-License-Identifier: Apache-2.0
// Wraps RE2, and keeps its header out of the others.
#include "decoder/query/message_pattern.hpp"

#include <re2/re2.h>

namespace lmlog::decoder {

MessagePattern::MessagePattern(std::unique_ptr<re2::RE2> expression) : expression_(std::move(expression)) {}
MessagePattern::~MessagePattern() = default;

formats::Result<std::shared_ptr<const MessagePattern>> MessagePattern::compile(const std::string& expression) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<re2::RE2>(expression, options);
  if (!compiled->ok()) {
    return formats::Error{formats::ErrorCode::invalid, "'" + expression + "' is no regular expression: " +
                                                           compiled->error() + " (RE2 syntax; no backreferences)"};
  }
  return std::shared_ptr<const MessagePattern>(new MessagePattern(std::move(compiled)));
}

bool MessagePattern::matches(std::string_view message) const {
  return re2::RE2::PartialMatch(re2::StringPiece(message.data(), message.size()), *expression_);
}

}  // namespace lmlog::decoder
