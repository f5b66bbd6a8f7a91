// SPDX-License-Identifier: Apache-2.0
// See decoded_folder.hpp. What lmlog-decode does for `cat -o json`, without its command line.
#include "tools/testing/src/decoded_folder.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include "decoder/query/record_filter.hpp"
#include "decoder/read/archive.hpp"
#include "decoder/read/merge.hpp"
#include "decoder/read/report.hpp"
#include "decoder/render/json.hpp"
#include "decoder/render/statement_text.hpp"
#include "decoder/render/values.hpp"
#include "tools/testing/src/json_line.hpp"

namespace lmlog::testing {

namespace {

/// Takes what the reader says of damage, which would go to stderr.
class Words {
 public:
  Words() : descriptor_(::memfd_create("lmlog-capture-words", MFD_CLOEXEC)) {}
  ~Words() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] std::string text() const {
    std::array<char, 1000> text{};
    const ssize_t length = ::pread(descriptor_, text.data(), text.size(), 0);
    return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
  }

 private:
  int descriptor_;
};

/// The reader lets its process open as many files as it may. That is the program's own affair here.
class DescriptorLimitKept {
 public:
  DescriptorLimitKept() { has_limit_ = ::getrlimit(RLIMIT_NOFILE, &limit_) == 0; }
  ~DescriptorLimitKept() {
    if (has_limit_) ::setrlimit(RLIMIT_NOFILE, &limit_);
  }
  DescriptorLimitKept(const DescriptorLimitKept&) = delete;
  DescriptorLimitKept& operator=(const DescriptorLimitKept&) = delete;

 private:
  rlimit limit_{};
  bool has_limit_;
};

}  // namespace

std::vector<Record> decode_folder(const std::string& folder) {
  const DescriptorLimitKept limit;
  const Words words;
  decoder::Report report(true, words.descriptor());
  decoder::Archive archive({folder}, report);
  const decoder::RecordFilter filter;
  decoder::Merge merge(archive, filter, report);
  decoder::JsonRenderer renderer({});
  const auto values = std::make_unique<decoder::Values>();
  std::vector<Record> records;
  std::string message;
  decoder::Record record;
  while (merge.next(record)) {
    const decoder::StatementText& statement = decoder::text_of(*record.row->statement);
    if (!values->load(statement.layout, record.body(), record.unreadable()))
      throw std::runtime_error("lmlog::testing: the arguments of a record do not fit its statement");
    message.clear();
    statement.message.append(message, *values);
    std::string line;
    renderer.append(line, record, *values, message);
    line.pop_back();  // its end
    records.push_back(record_of_line(std::move(line), record.row->statement->is_loss));
  }
  if (report.damaged() || report.io_failed())
    throw std::runtime_error("lmlog::testing: what was captured cannot be read: " + words.text());
  return records;
}

}  // namespace lmlog::testing
