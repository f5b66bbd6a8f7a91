// SPDX-License-Identifier: Apache-2.0
// No JSON parser: the torture knows its lines to the byte, and whatever differs is an error. Millions of them are read.
#include "tests/torture/decoded_records.hpp"

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace lmlog::torture {

namespace {

constexpr std::string_view kTemplate = R"("template":"record {producer} {thread} {sequence} {check} {payload}",)";
constexpr std::string_view kLossTemplate = R"("template":"{count} records lost",)";

/// Reads a line from left to right; what is asked for must be there.
class Line {
 public:
  explicit Line(std::string_view text) : text_(text), rest_(text) {}

  [[nodiscard]] bool has(std::string_view part) const { return rest_.find(part) != std::string_view::npos; }

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
    if (at == std::string_view::npos) fail(std::string(1, end));
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

 private:
  [[noreturn]] void fail(std::string_view part) const {
    throw std::runtime_error("no " + std::string(part) + " in the line: " + std::string(text_));
  }

  std::string_view text_;
  std::string_view rest_;
};

TortureRecord record_of(Line& line) {
  TortureRecord record;
  const auto message = line.behind(R"("message":"record )").until('"');
  record.producer = line.behind(kTemplate).behind(R"("fields":{"producer":)").number<std::uint32_t>();
  record.thread = line.exactly(R"(,"thread":)").number<std::uint32_t>();
  record.sequence = line.exactly(R"(,"sequence":)").number<std::uint64_t>();
  record.check = line.exactly(R"(,"check":)").number<std::uint64_t>();
  record.payload = line.exactly(R"(,"payload":")").until('"');
  line.exactly("\"}");
  char expected[512];
  const int length =
      std::snprintf(expected, sizeof(expected), "%u %u %llu %llu %.*s", record.producer, record.thread,
                    static_cast<unsigned long long>(record.sequence), static_cast<unsigned long long>(record.check),
                    static_cast<int>(record.payload.size()), record.payload.data());
  if (message != std::string_view(expected, static_cast<std::size_t>(length)))
    throw std::runtime_error("the message does not say what the fields do: " + std::string(message));
  return record;
}

}  // namespace

void read_decoded(std::FILE* in, const std::function<void(const TortureRecord&)>& record,
                  const std::function<void(std::uint32_t, std::uint64_t)>& lost) {
  char* buffer = nullptr;
  std::size_t capacity = 0;
  for (ssize_t length; (length = ::getline(&buffer, &capacity, in)) > 0;) {
    const std::string_view text(buffer, static_cast<std::size_t>(length));
    Line line(text);
    if (line.has(kTemplate)) {
      record(record_of(line));
    } else {
      const auto pid = line.behind(R"("pid":)").number<std::uint32_t>();
      lost(pid, line.behind(kLossTemplate).behind(R"("fields":{"count":)").number<std::uint64_t>());
    }
  }
  std::free(buffer);
}

}  // namespace lmlog::torture
