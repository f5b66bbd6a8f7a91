// SPDX-License-Identifier: Apache-2.0
// A statement's format string, taken apart once, and the rendering of its messages exactly as libfmt does it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/render/described_text.hpp"
#include "decoder/render/values.hpp"
#include "lmlog/formats/catalog.hpp"

namespace lmlog::decoder {

/// Never throws on any format string or value: the catalog may be anybody's. What libfmt refuses is shown as the plain
/// value; a format string that is none is shown as it is.
class MessageTemplate {
 public:
  explicit MessageTemplate(const formats::Statement& statement);

  /// Appends the raw message: not escaped, perhaps not UTF-8.
  void append(std::string& out, Values& values) const;

  /// The format string is none: the message is the string itself, and shows no argument.
  [[nodiscard]] bool is_malformed() const noexcept { return is_malformed_; }

 private:
  struct Piece {
    std::string literal;                               // comes first
    int argument = -1;                                 // then this argument, if any
    std::string format;                                // "{:spec}"; empty: plain {}
    std::unique_ptr<const DescribedFormat> described;  // instead, of an argument with a description
  };

  [[nodiscard]] bool parse(const formats::Statement& statement);

  std::vector<Piece> pieces_;
  bool is_malformed_ = false;
};

/// Appends the value as `{}` does.
void append_plain(std::string& out, Values& values, std::size_t index);

}  // namespace lmlog::decoder
