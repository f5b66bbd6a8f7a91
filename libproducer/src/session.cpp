// SPDX-License-Identifier: Apache-2.0
// See lmlog/session.hpp.
#include <lmlog/session.hpp>

#include <utility>

#include "libproducer/src/process.hpp"

namespace lmlog {

using detail::Process;

Session::Session(SessionOptions options) noexcept : active_(Process::instance().begin_explicit(std::move(options))) {}

Session::~Session() {
  if (active_) Process::instance().end_explicit();
}

std::string Session::id() const { return active_ ? Process::instance().session_id() : std::string{}; }

std::string Session::path() const { return active_ ? Process::instance().session_path() : std::string{}; }

LossCounts Session::losses() const noexcept { return active_ ? Process::instance().losses() : LossCounts{}; }

void Session::set_level(Level level) noexcept {
  if (active_) Process::instance().set_level_of_session(level);
}

Level Session::level() const noexcept { return Process::instance().level(nullptr); }

}  // namespace lmlog
