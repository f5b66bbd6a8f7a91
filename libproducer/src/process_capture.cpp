// SPDX-License-Identifier: Apache-2.0
// A capture's session in the place of the process's own, which waits meanwhile: open, locked, without threads. See
// lmlog/capture_session.hpp.
#include <lmlog/capture_session.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "libproducer/src/process.hpp"
#include "libproducer/src/process_lock.hpp"

namespace lmlog::detail {

std::string Process::begin_capture(const CaptureSettings& settings) noexcept {
  try {
    Locked lock(*this);
    if (inert_ || memory_.is_guest()) return "this process does not log";
    auto capture = std::make_unique<SessionCapture>(SessionCapture{settings, own_session_locked()});
    const bool is_further = capture_ != nullptr;
    std::swap(capture_, capture);
    loggers_.override_all(settings.level);
    auto session = make_session_locked();
    if (!session) {
      std::swap(capture_, capture);
      loggers_.override_all(is_further ? std::optional(capture_->settings.level) : std::nullopt);
      return session.error().text;
    }
    if (is_further) {
      replace_session_locked(std::move(*session));
    } else {
      SharedSession* const next = session->get();
      sessions_.push_back(std::move(*session));
      switch_session_locked(next);
    }
    next_session_try_ = 0;
    return {};
  } catch (const std::exception& exception) {
    return exception.what();
  }
}

void Process::end_capture() noexcept {
  Locked lock(*this);
  if (inert_ || memory_.is_guest() || capture_ == nullptr) return;
  const auto capture = std::exchange(capture_, nullptr);
  loggers_.override_all(std::nullopt);
  SharedSession* const captured = current();
  SharedSession* const own = capture->suspended;
  const bool is_over = own != nullptr && (own->is_retired() || !own->is_alive());
  if (own != nullptr && !is_over) {
    own->apply_levels(statements_, loggers_);
    (void)own->enter_statements(statements_, loggers_);  // those of code that came meanwhile
  }
  switch_session_locked(is_over ? nullptr : own);
  if (captured != nullptr) captured->end();
  if (is_over) own->end();
  give_up_sessions_locked();
}

/// The process's own session changes while a capture stands in for it: the next one is made when the capture is over.
void Process::end_suspended_locked() noexcept {
  if (capture_ == nullptr || capture_->suspended == nullptr) return;
  std::exchange(capture_->suspended, nullptr)->end();
  give_up_sessions_locked();
}

std::string begin_capture(const CaptureSettings& settings) noexcept {
  return Process::instance().begin_capture(settings);
}

void end_capture() noexcept { Process::instance().end_capture(); }

}  // namespace lmlog::detail
