// SPDX-License-Identifier: Apache-2.0
// The regular expression of --grep. RE2: its time is linear in the message, whatever the expression is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "lmlog/formats/result.hpp"

namespace re2 {
class RE2;
}

namespace lmlog::decoder {

class MessagePattern {
 public:
  /// Errors: invalid, with what is wrong in the expression.
  [[nodiscard]] static formats::Result<std::shared_ptr<const MessagePattern>> compile(const std::string& expression);
  ~MessagePattern();

  /// True when the expression occurs anywhere in the message. Thread-safe.
  [[nodiscard]] bool matches(std::string_view message) const;

 private:
  explicit MessagePattern(std::unique_ptr<re2::RE2> expression);
  std::unique_ptr<re2::RE2> expression_;
};

}  // namespace lmlog::decoder
