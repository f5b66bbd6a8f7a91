// SPDX-License-Identifier: Apache-2.0
// No JSON parser: the torture knows its lines to the byte, and whatever differs is an error. Millions of them are read.
#include "tests/torture/decoded_records.hpp"

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace lmlog::torture {

namespace {

/// Reads a line from left to right; what is asked for must be there.
class Line {
 public:
  explicit Line(std::string_view text) : text_(text), rest_(text) {}

  /// Goes on behind the next `part`.
  Line& behind(std::string_view part) {
    const auto at = rest_.find(part);
    if (at == std::string_view::npos) fail(part);
    rest_.remove_prefix(at + part.size());
    return *this;
  }
  template <class T> T number() {
    T value{};
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) fail("a number");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  std::string_view until(char end) {
    const auto at = rest_.find(end);
    if (at == std::string_view::npos) fail(std::string_view(&end, 1));
    const auto out = rest_.substr(0, at);
    rest_.remove_prefix(at);
    return out;
  }
  /// The next bytes must be these.
  Line& exactly(std::string_view part) {
    if (!rest_.starts_with(part)) fail(part);
    rest_.remove_prefix(part.size());
    return *this;
  }
  [[noreturn]] void fail(std::string_view part) const {
    throw std::runtime_error("no " + std::string(part) + " in the line: " + std::string(text_.substr(0, 1000)));
  }

 private:
  std::string_view text_;
  std::string_view rest_;
};

void read_fields(Line& line, std::string_view message, std::string_view kind, DecodedRecord& record) {
  record.producer = line.behind(R"("fields":{"producer":)").number<std::uint32_t>();
  record.slot = line.exactly(R"(,"slot":)").number<std::uint32_t>();
  record.sequence = line.exactly(R"(,"sequence":)").number<std::uint64_t>();
  record.check = line.exactly(R"(,"check":)").number<std::uint64_t>();
  record.text = line.exactly(R"(,"text":")").until('"');
  line.exactly("\"}");
  if (kind == "large") return;
  char expected[512];
  const int length =
      std::snprintf(expected, sizeof(expected), "record %u %u %llu %llu %.*s", record.producer, record.slot,
                    static_cast<unsigned long long>(record.sequence), static_cast<unsigned long long>(record.check),
                    static_cast<int>(record.text.size()), record.text.data());
  if (message != std::string_view(expected, static_cast<std::size_t>(length))) line.fail("message of the same values");
}

void read_line(std::string_view text, const std::function<void(const DecodedRecord&)>& record,
               const std::function<void(const DecodedLoss&)>& lost) {
  Line line(text);
  DecodedRecord out;
  out.time = line.behind(R"("time_unix_nano":")").number<std::uint64_t>();
  out.pid = line.behind(R"("pid":)").number<std::uint32_t>();
  // A loss that was noticed before its ring had a thread has none.
  std::string_view next = line.exactly(",\"").until('"');
  if (next == "tid") {
    out.tid = line.exactly("\":").number<std::uint32_t>();
    next = line.exactly(",\"").until('"');
  }
  if (next == "thread") {
    out.thread = line.exactly("\":\"").until('"');
    next = line.exactly("\",\"").until('"');
  }
  if (next != "message") line.fail("message");
  const std::string_view message = line.exactly("\":\"").until('"');
  const std::string_view shape = line.behind(R"("template":")").until('"');
  if (shape == "{count} records lost") {
    DecodedLoss loss;
    loss.pid = out.pid;
    loss.count = line.behind(R"("fields":{"count":)").number<std::uint64_t>();
    loss.reason = line.exactly(R"(,"reason":")").until('"');
    return lost(loss);
  }
  out.is_bare = shape == "bare";
  const std::string_view kind = shape.substr(0, shape.find(' '));
  if (!out.is_bare && kind != "record" && kind != "large") line.fail("template of the torture");
  if (!out.is_bare) read_fields(line, message, kind, out);
  out.ring = line.behind(R"("cursor":")").until(':');
  record(out);
}

}  // namespace

void read_decoded(std::FILE* in, const std::function<void(const DecodedRecord&)>& record,
                  const std::function<void(const DecodedLoss&)>& lost) {
  char* buffer = nullptr;
  std::size_t capacity = 0;
  try {
    for (ssize_t length; (length = ::getline(&buffer, &capacity, in)) > 0;)
      read_line(std::string_view(buffer, static_cast<std::size_t>(length)), record, lost);
  } catch (...) {
    std::free(buffer);
    throw;
  }
  std::free(buffer);
}

}  // namespace lmlog::torture
