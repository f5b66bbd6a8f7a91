// SPDX-License-Identifier: Apache-2.0
// The seams of the collector, filled by the test.
#include "tests/collector/support/stepped_collector.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace lmlog::collector::testing {

class GivenLives::GivenEnds final : public EndWatch {
 public:
  explicit GivenEnds(std::shared_ptr<Told> told) : told_(std::move(told)) { told_->tokens.clear(); }
  bool add(std::uint64_t token, std::uint32_t) override {
    told_->tokens.push_back(token);
    return true;
  }
  void remove(std::uint64_t token) override { std::erase(told_->tokens, token); }
  std::vector<std::uint64_t> take_ends() override {
    return std::exchange(told_->are_told, false) ? std::exchange(told_->tokens, {}) : std::vector<std::uint64_t>();
  }

 private:
  std::shared_ptr<Told> told_;
};

std::unique_ptr<EndWatch> GivenLives::make_end_watch() const {
  return can_tell_ ? std::make_unique<GivenEnds>(told_) : nullptr;
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
