// SPDX-License-Identifier: Apache-2.0
// See lmlog/testing/value.hpp.
#include <lmlog/testing/value.hpp>

#include <limits>
#include <stdexcept>

#include <fmt/format.h>
#include <lmlog/formats/json_text.hpp>
#include <lmlog/testing/record.hpp>

namespace lmlog::testing {

namespace {

[[noreturn]] void refuse(const Value& value, const char* wanted) {
  throw std::logic_error("lmlog::testing: the value " + value.json() + " is no " + wanted);
}

}  // namespace

bool Value::as_bool() const {
  if (const auto* const own = std::get_if<bool>(&value_)) return *own;
  refuse(*this, "bool");
}

std::int64_t Value::as_int64() const {
  if (const auto* const own = std::get_if<std::int64_t>(&value_)) return *own;
  refuse(*this, "std::int64_t");
}

std::uint64_t Value::as_uint64() const {
  if (const auto* const own = std::get_if<std::uint64_t>(&value_)) return *own;
  if (const auto* const own = std::get_if<std::int64_t>(&value_); own != nullptr && *own >= 0)
    return static_cast<std::uint64_t>(*own);
  refuse(*this, "std::uint64_t");
}

double Value::as_double() const {
  if (const auto* const own = std::get_if<double>(&value_)) return *own;
  // JSON has no numbers for these.
  if (const auto* const own = std::get_if<std::string>(&value_)) {
    if (*own == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (*own == "Infinity") return std::numeric_limits<double>::infinity();
    if (*own == "-Infinity") return -std::numeric_limits<double>::infinity();
  }
  refuse(*this, "double");
}

const std::string& Value::as_string() const {
  if (const auto* const own = std::get_if<std::string>(&value_)) return *own;
  refuse(*this, "text");
}

std::string Value::json() const {
  struct Printer {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(std::uint64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const {
      std::string text = fmt::format("{}", value);
      if (text.find_first_of(".e") == std::string::npos) text += ".0";
      return text;
    }
    std::string operator()(const std::string& value) const { return '"' + formats::json_escaped(value) + '"'; }
    std::string operator()(const Json& value) const { return value.text; }
  };
  return std::visit(Printer{}, value_);
}

const Value& Record::field(std::string_view name) const {
  const auto at = fields.find(name);
  if (at != fields.end()) return at->second;
  std::string names;
  for (const auto& [other, value] : fields) names += (names.empty() ? "'" : ", '") + other + "'";
  throw std::out_of_range("lmlog::testing: the record '" + message + "' has no field '" + std::string(name) + "'; " +
                          (names.empty() ? "it has none" : "it has " + names));
}

}  // namespace lmlog::testing
