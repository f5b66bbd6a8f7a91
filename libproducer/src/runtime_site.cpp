// SPDX-License-Identifier: Apache-2.0
// See lmlog/runtime_site.hpp. What the templates of log_call.hpp do with constants, this does with the declaration.
#include <lmlog/runtime_site.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lmlog/clock.hpp>
#include <lmlog/format_string.hpp>
#include <lmlog/formats/site_hash.hpp>
#include <lmlog/log_call.hpp>
#include <lmlog/statement.hpp>

#include "libproducer/src/inside_library.hpp"

namespace lmlog {

using detail::ArgumentShape;
using detail::FormatVerdict;

namespace {

constexpr std::string_view kNoMemory = "there is no memory for the statement";
constexpr std::string_view kMovedAway = "the statement was moved to another object";

/// In the words of statement.hpp's assertions, which the compiler wants as literals there.
std::string_view text_of(FormatVerdict verdict) noexcept {
  switch (verdict) {
    case FormatVerdict::good:
      return {};
    case FormatVerdict::unbalanced_braces:
      return "a brace of the format string has no partner: write '{{' or '}}' for the character itself";
    case FormatVerdict::positional_index:
      return "placeholders take their arguments in order: write '{}' or '{name}' instead of '{0}'";
    case FormatVerdict::nested_field:
      return "a width or precision cannot be an argument: write the number into the format spec";
    case FormatVerdict::bad_name:
      return "a placeholder's name is made of letters, digits and '_', and does not begin with a digit";
    case FormatVerdict::too_few_arguments:
      return "the format string has more placeholders than there are arguments";
    case FormatVerdict::too_many_arguments:
      return "there are more arguments than placeholders: add one, or give the argument a field's name";
    case FormatVerdict::bad_spec:
      return "a format spec is malformed: see the rules of libfmt";
    case FormatVerdict::spec_does_not_fit:
      return "a format spec does not fit the type of its argument";
    case FormatVerdict::bad_field_name:
      return "the name of a field must be UTF-8 of 1 to 255 bytes";
    case FormatVerdict::duplicate_name:
      return "two arguments have the same name";
    case FormatVerdict::too_long:
      return "the format string is longer than 65535 bytes";
    case FormatVerdict::too_many:
      return "there are more than 255 arguments";
    default:  // of types that have no place in a declaration
      return "an argument has no type that can be declared: bool, char, integers, floats, pointer or string";
  }
}

bool is_declarable(ValueType type) noexcept { return type >= ValueType::boolean && type <= ValueType::string; }

std::byte* put_fixed(std::byte* at, ValueType type, const RuntimeValue& value) noexcept {
  const std::size_t bytes = formats::fixed_size(type);
  std::uint64_t bits = value.bits();
  if (type == ValueType::f32) {
    double whole = 0;
    std::memcpy(&whole, &bits, sizeof(whole));
    const auto rounded = static_cast<float>(whole);
    std::memcpy(&bits, &rounded, sizeof(rounded));
  }
  // Little-endian: the low bytes. Constant lengths, so that nothing is called.
  switch (bytes) {
    case 1:
      std::memcpy(at, &bits, 1);
      break;
    case 2:
      std::memcpy(at, &bits, 2);
      break;
    case 4:
      std::memcpy(at, &bits, 4);
      break;
    case 8:
      std::memcpy(at, &bits, 8);
      break;
    default:  // a string: it follows in the variable part
      break;
  }
  return at + bytes;
}

}  // namespace

struct RuntimeSite::Made {
  std::string text;  // format, file, function, names of fields, one behind the other
  std::vector<ArgumentShape> shapes;
  detail::StatementCell cell{};
  detail::StatementDescription description{};
  std::optional<detail::Registrar> registrar;

  [[nodiscard]] FormatVerdict fill(Level level, std::string_view format, std::span<const RuntimeArgument> arguments,
                                   const RuntimeSiteOptions& options);
  [[nodiscard]] bool take(std::span<const RuntimeValue> values) const noexcept;
  [[nodiscard]] std::uint64_t text_bytes(std::span<const RuntimeValue> values, std::uint64_t max_string) const noexcept;
  [[nodiscard]] LogOutcome write(std::uint64_t time, std::span<const RuntimeValue> values) const noexcept;
};

FormatVerdict RuntimeSite::Made::fill(Level level, std::string_view format, std::span<const RuntimeArgument> arguments,
                                      const RuntimeSiteOptions& options) {
  if (format.size() > detail::kMaxFormatBytes) return FormatVerdict::too_long;
  if (arguments.size() > detail::kMaxArguments) return FormatVerdict::too_many;
  constexpr std::size_t kMaxPlace = 65535;
  const std::string_view file = options.file.substr(0, kMaxPlace);
  const std::string_view function = options.function.substr(0, kMaxPlace);
  text.append(format).append(file).append(function);
  for (const RuntimeArgument& argument : arguments) {
    if (argument.field.size() > detail::kMaxFieldName) return FormatVerdict::bad_field_name;
    text.append(argument.field);
  }
  // From here on the text stays where it is: views of it.
  std::size_t next = 0;
  const auto take_text = [&](std::size_t bytes) {
    next += bytes;
    return std::string_view(text).substr(next - bytes, bytes);
  };
  description.text = {take_text(format.size()), take_text(file.size()), take_text(function.size()), options.line, level,
                      options.time_given};
  shapes.resize(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const ValueType type = arguments[i].type;
    shapes[i].type = is_declarable(type) ? type : ValueType{};
    shapes[i].is_field = !arguments[i].field.empty();
    shapes[i].name = take_text(arguments[i].field.size());
  }
  const FormatVerdict verdict = detail::FormatParser(description.text.format, shapes).parse();
  if (verdict != FormatVerdict::good) return verdict;
  description.cell = &cell;
  description.arguments = shapes.data();
  description.argument_count = static_cast<std::uint32_t>(shapes.size());
  description.base_bytes = formats::kRecordHeaderBytes;
  formats::SiteHasher hasher(static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(shapes.size()));
  for (const ArgumentShape& shape : shapes) {
    const std::size_t fixed = formats::fixed_size(shape.type);
    description.variable_count += fixed == 0 ? 1 : 0;
    description.base_bytes += static_cast<std::uint32_t>(fixed == 0 ? sizeof(std::uint32_t) : fixed);
    hasher.argument(static_cast<std::uint8_t>(shape.type), detail::argument_flags(shape), shape.name);
  }
  description.site_hash = hasher.finish(description.text.format);
  description.logger = options.logger.state();
  return FormatVerdict::good;
}

bool RuntimeSite::Made::take(std::span<const RuntimeValue> values) const noexcept {
  return values.size() == shapes.size() &&
         std::equal(values.begin(), values.end(), shapes.begin(),
                    [](const RuntimeValue& value, const ArgumentShape& shape) { return value.fits(shape.type); });
}

std::uint64_t RuntimeSite::Made::text_bytes(std::span<const RuntimeValue> values,
                                            std::uint64_t max_string) const noexcept {
  std::uint64_t bytes = 0;
  for (const RuntimeValue& value : values) bytes += std::min<std::uint64_t>(value.text().size(), max_string);
  return bytes;
}

LogOutcome RuntimeSite::Made::write(std::uint64_t time, std::span<const RuntimeValue> values) const noexcept {
  const bool varies = description.variable_count != 0;
  detail::ThreadLine* line = detail::this_line;
  std::uint64_t info = info_of(cell);
  const auto record_bytes = [&] {
    return formats::round_up_8((info >> 32) + (varies ? text_bytes(values, line->max_string) : 0));
  };
  std::uint64_t bytes = record_bytes();
  const auto& limit = description.text.time_given ? line->limit : line->clock_limit;
  if (line->position + bytes > limit.load(std::memory_order_relaxed) || bytes > formats::kMaxShortLength) {
    std::array<std::size_t, detail::kMaxArguments> lengths;
    std::size_t strings = 0;
    for (const RuntimeValue& value : values) {
      if (value.type() == ValueType::string) lengths[strings++] = value.text().size();
    }
    const detail::Room made = detail::find_room(description, lengths.data(), time);
    if (made.time == 0) return LogOutcome::lost;
    if (!description.text.time_given) time = made.time;
    line = detail::this_line;
    info = made.info;
    bytes = record_bytes();
  } else if (!description.text.time_given) {
    time = detail::read_tsc();
  }
  const bool is_long = bytes > formats::kMaxShortLength;
  if (is_long)
    bytes = formats::round_up_8((info >> 32) + formats::kExtendedHeaderBytes - formats::kRecordHeaderBytes +
                                text_bytes(values, line->max_string));
  const std::uint64_t length_bits = !varies || is_long ? 0 : bytes << 17;  // length / 8 in bits 20–31
  std::byte* at = detail::start_record(*line, line->position, time,
                                       (is_long ? info & formats::kIdMask : info) | length_bits, bytes);
  if (is_long) {
    std::memcpy(at, &bytes, sizeof(bytes));
    at += sizeof(bytes);
  }
  for (std::size_t i = 0; i < values.size(); ++i) at = put_fixed(at, shapes[i].type, values[i]);
  detail::Encoder encoder(at, line->max_string);
  for (const RuntimeValue& value : values) {
    if (value.type() == ValueType::string) encoder.variable(value.text());
  }
  detail::publish(*line, line->position + bytes);
  return LogOutcome::stored;
}

RuntimeSite::RuntimeSite(Level level, std::string_view format, std::span<const RuntimeArgument> arguments,
                         const RuntimeSiteOptions& options) noexcept {
  const detail::InsideLibrary inside;  // an allocator that logs
  if (static_cast<std::uint8_t>(level) >= formats::kLevelCount) {
    error_ = "the level is none of trace, debug, info, notice, warn, error, fatal";
    return;
  }
  try {
    auto made = std::make_unique<Made>();
    error_ = text_of(made->fill(level, format, arguments, options));
    if (!error_.empty()) return;
    made->registrar.emplace(made->description);
    made_ = std::move(made);
  } catch (const std::bad_alloc&) {
    error_ = kNoMemory;
  }
}

RuntimeSite::~RuntimeSite() = default;

RuntimeSite::RuntimeSite(RuntimeSite&& other) noexcept
    : made_(std::move(other.made_)), error_(std::exchange(other.error_, kMovedAway)) {}

RuntimeSite& RuntimeSite::operator=(RuntimeSite&& other) noexcept {
  if (this == &other) return *this;
  made_ = std::move(other.made_);
  error_ = std::exchange(other.error_, kMovedAway);
  return *this;
}

std::string_view RuntimeSite::error() const noexcept { return error_; }

bool RuntimeSite::is_on() const noexcept {
  return made_ != nullptr && detail::is_on(made_->cell, made_->description.text.level, made_->description.logger);
}

LogOutcome RuntimeSite::log(std::span<const RuntimeValue> values) const noexcept {
  if (made_ == nullptr) return LogOutcome::refused;
  if (!is_on()) return LogOutcome::off;
  if (!made_->take(values)) return LogOutcome::refused;
  return made_->write(made_->description.text.time_given ? ticks() : 0, values);
}

LogOutcome RuntimeSite::log_at(std::uint64_t time, std::span<const RuntimeValue> values) const noexcept {
  if (made_ == nullptr || !made_->description.text.time_given) return LogOutcome::refused;
  if (!is_on()) return LogOutcome::off;
  if (!made_->take(values)) return LogOutcome::refused;
  return made_->write(time, values);
}

}  // namespace lmlog
