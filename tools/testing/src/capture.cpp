// SPDX-License-Identifier: Apache-2.0
// See lmlog/testing/capture.hpp.
#include <lmlog/testing/capture.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include <lmlog/capture_session.hpp>

#include "tools/testing/src/decoded_folder.hpp"
#include "tools/testing/src/private_folder.hpp"

namespace lmlog::testing {

namespace {

/// One capture in the process.
class Turn {
 public:
  Turn() {
    if (taken_.test_and_set())
      throw std::logic_error(
          "lmlog::testing: there is a Capture already, and a process has one at a time: end that one first, by stop() "
          "or "
          "its destructor");
  }
  ~Turn() { taken_.clear(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static inline std::atomic_flag taken_;
};

}  // namespace

class Capture::State {
 public:
  explicit State(const CaptureOptions& options) : options_(options) { begin(); }
  ~State() {
    if (folder_ != nullptr && folder_->is_ours()) detail::end_capture();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[nodiscard]] std::vector<Record> records() const {
    const std::lock_guard lock(mutex_);
    return folder_ != nullptr ? decode_folder(folder_->path()) : kept_;
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    kept_.clear();
    if (folder_ != nullptr && folder_->is_ours()) begin();
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    if (folder_ == nullptr) return;
    if (folder_->is_ours()) detail::end_capture();
    const auto folder = std::move(folder_);
    turn_.reset();
    kept_ = decode_folder(folder->path());
  }

 private:
  void begin() {
    auto folder = std::make_unique<PrivateFolder>();
    const std::string problem =
        detail::begin_capture({folder->path(), options_.level, options_.ring_bytes, options_.policy});
    if (!problem.empty()) throw std::runtime_error("lmlog::testing: there can be no Capture: " + problem);
    // Of the old folder nothing is made any more: the files lose their names, and the memory when their threads leave.
    folder_ = std::move(folder);
  }

  std::optional<Turn> turn_{std::in_place};
  const CaptureOptions options_;
  mutable std::mutex mutex_;
  std::unique_ptr<PrivateFolder> folder_;  // null: stopped
  std::vector<Record> kept_;               // then the records
};

Capture::Capture(const CaptureOptions& options) : state_(std::make_unique<State>(options)) {}
Capture::~Capture() = default;

std::vector<Record> Capture::records() const { return state_->records(); }

std::vector<std::string> Capture::messages() const {
  std::vector<std::string> out;
  for (auto& record : records())
    if (!record.is_loss) out.push_back(std::move(record.message));
  return out;
}

bool Capture::contains(std::string_view text) const {
  const auto all = messages();
  return std::any_of(all.begin(), all.end(),
                     [text](const auto& message) { return message.find(text) != message.npos; });
}

std::size_t Capture::count(Level level) const {
  const auto all = records();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [level](const Record& record) { return !record.is_loss && record.level == level; }));
}

std::uint64_t Capture::lost() const {
  std::uint64_t sum = 0;
  for (const auto& record : records())
    if (record.is_loss) sum += record.field("count").as_uint64();
  return sum;
}

void Capture::clear() { state_->clear(); }
void Capture::stop() { state_->stop(); }

}  // namespace lmlog::testing
