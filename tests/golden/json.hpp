// SPDX-License-Identifier: Apache-2.0
// A JSON value that keeps the order of its keys, for the CASE.json files beside the golden files.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmlog::golden {

class Json {
 public:
  Json() : text_("null") {}
  Json(bool value) : text_(value ? "true" : "false") {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Json(T value) : text_(std::to_string(value)) {}
  Json(double value) : text_(number(value)) {}
  Json(std::string_view value) : text_(quoted(value)) {}
  Json(const std::string& value) : text_(quoted(value)) {}
  Json(const char* value) : text_(quoted(value)) {}

  [[nodiscard]] static Json object() { return Json(Shape::object); }
  [[nodiscard]] static Json array() { return Json(Shape::array); }

  Json& add(std::string_view key, Json value) {
    members_.emplace_back(key, std::move(value));
    return *this;
  }
  Json& add(Json value) {
    members_.emplace_back(std::string(), std::move(value));
    return *this;
  }
  [[nodiscard]] bool empty() const { return members_.empty(); }
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] const Json& operator[](std::size_t index) const { return members_.at(index).second; }
  /// The value of a key; null when there is none.
  [[nodiscard]] Json operator[](std::string_view key) const {
    for (const auto& [name, value] : members_) {
      if (name == key) return value;
    }
    return {};
  }

  /// Objects and arrays whose line would be short are on one line.
  [[nodiscard]] std::string text(std::size_t indent = 0) const {
    if (shape_ == Shape::scalar) return text_;
    const std::string line = one_line();
    if (line.size() + indent <= 140) return line;
    std::string out(1, shape_ == Shape::object ? '{' : '[');
    for (std::size_t i = 0; i < members_.size(); ++i) {
      out += (i == 0 ? "\n" : ",\n") + std::string(indent + 1, ' ') + key_text(i) + members_[i].second.text(indent + 1);
    }
    return out + "\n" + std::string(indent, ' ') + (shape_ == Shape::object ? '}' : ']');
  }

 private:
  enum class Shape : std::uint8_t { scalar, object, array };
  explicit Json(Shape shape) : shape_(shape) {}

  [[nodiscard]] std::string key_text(std::size_t i) const {
    return shape_ == Shape::object ? quoted(members_[i].first) + ": " : std::string();
  }

  [[nodiscard]] std::string one_line() const {
    if (shape_ == Shape::scalar) return text_;
    std::string out(1, shape_ == Shape::object ? '{' : '[');
    for (std::size_t i = 0; i < members_.size(); ++i)
      out += (i == 0 ? "" : ", ") + key_text(i) + members_[i].second.one_line();
    return out + (shape_ == Shape::object ? '}' : ']');
  }

  static std::string number(double value) {
    if (std::isnan(value)) return "\"NaN\"";
    if (std::isinf(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
    std::string out(text, end);
    return out.find_first_of(".e") == out.npos ? out + ".0" : out;
  }

  static std::string quoted(std::string_view value) {
    std::string out = "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') {
        out += {'\\', c};
      } else if (static_cast<unsigned char>(c) < 0x20) {
        char escape[8];
        std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c));
        out += escape;
      } else {
        out.push_back(c);
      }
    }
    return out + '"';
  }

  Shape shape_ = Shape::scalar;
  std::string text_;
  std::vector<std::pair<std::string, Json>> members_;
};

}  // namespace lmlog::golden
