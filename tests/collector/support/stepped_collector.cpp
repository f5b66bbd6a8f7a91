// SPDX-License-Identifier: Apache-2.0
// The seams of the collector, filled by the test.
#include "tests/collector/support/stepped_collector.hpp"

#include <algorithm>
#include <stdexcept>

namespace lmlog::collector::testing {

namespace {

class FailingFile final : public File {
 public:
  FailingFile(std::unique_ptr<File> file, std::string path, std::shared_ptr<std::string> failing)
      : file_(std::move(file)), path_(std::move(path)), failing_(std::move(failing)) {}

  Result<std::uint64_t> size() const override { return file_->size(); }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    return file_->read_at(offset, out);
  }
  Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    if (failing_->empty() || path_.find(*failing_) == std::string::npos) return file_->write_at(offset, bytes);
    // As a full disk does: a part comes through.
    (void)file_->write_at(offset, bytes.first(bytes.size() / 2));
    return Error{ErrorCode::io, "cannot write " + path_ + ": No space left on device"};
  }
  Status sync() override { return file_->sync(); }
  Status truncate(std::uint64_t bytes) override { return file_->truncate(bytes); }
  Result<FileInfo> info() const override { return file_->info(); }
  int descriptor() const noexcept override { return file_->descriptor(); }

 private:
  std::unique_ptr<File> file_;
  std::string path_;
  std::shared_ptr<std::string> failing_;
};

}  // namespace

Result<std::unique_ptr<File>> FailingFiles::open(const std::string& path, OpenFor purpose) {
  auto file = files_.open(path, purpose);
  if (!file) return file.error();
  return std::unique_ptr<File>(std::make_unique<FailingFile>(std::move(file).value(), path, failing_));
}

SteppedCollector::SteppedCollector(std::string archive, std::string rings)
    : archive_(std::move(archive)), rings_(std::move(rings)) {}

void SteppedCollector::start() {
  notices = std::make_unique<Notices>([this](const std::string& line) { sentences.push_back(line); });
  box = std::make_unique<ConfigBox>(config);
  auto opened = Collector::open({files, clock, lives, *notices, random_id}, *box, archive_, {rings_});
  if (!opened) throw std::runtime_error(opened.error().text);
  collector = std::move(opened).value();
}

void SteppedCollector::kill() { collector.reset(); }

Status SteppedCollector::end() {
  collector->stop();
  const auto status = collector->finish();
  collector.reset();
  return status;
}

void SteppedCollector::step(int rounds) {
  for (int i = 0; i < rounds; ++i) collector->step();
}

void SteppedCollector::step_for(std::int64_t duration) {
  for (std::int64_t done = 0; done < duration; done += 100 * kNsPerMs) {
    clock.advance(100 * kNsPerMs);
    step();
  }
}

bool SteppedCollector::said(const std::string& part) const {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const auto& line) { return line.find(part) != std::string::npos; });
}

}  // namespace lmlog::collector::testing
