// SPDX-License-Identifier: Apache-2.0
// For lmlog::testing::Capture alone: puts a session in a folder of the caller's in the place of the process's own, and
// takes it back. No service calls this.
#pragma once

#include <cstdint>
#include <string>

#include <lmlog/export.hpp>
#include <lmlog/session.hpp>

namespace lmlog::detail {

struct CaptureSettings {
  std::string folder;  // absolute, private
  Level level = Level::trace;
  std::uint64_t ring_bytes = 0;
  Policy policy = Policy::drop;
};

/// From now on threads write to a session in the folder; the process's own waits. A second call is a further, empty
/// session in the place of the first; its folder may be another. An empty string, or why not: then nothing has changed.
[[nodiscard]] LMLOG_API std::string begin_capture(const CaptureSettings& settings) noexcept;
/// Puts the process's own session back.
LMLOG_API void end_capture() noexcept;

}  // namespace lmlog::detail
