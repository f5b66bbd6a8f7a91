// SPDX-License-Identifier: Apache-2.0
// Whether the body of a record kind holds what its kind needs, within the kind's bounds: asked before anything of it
// becomes state, because state is kept and written again. Implements "Record kinds" of formats/spec/registry.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/registry.hpp"

namespace lmlog::formats {

inline constexpr std::size_t kMaxThreadName = 64;
inline constexpr std::size_t kMaxContextBytes = 1u << 16;  // with its padding: one of each thread is kept
inline constexpr std::size_t kMaxContextValues = 64;
inline constexpr std::size_t kMaxSpanBytes = 4096;  // with its padding: up to kMaxOpenSpans of each thread are kept
inline constexpr std::size_t kMaxBacktrace = 128;

/// A record of a statement cannot stand for less than one call, nor for more than can be counted.
[[nodiscard]] inline bool is_weight(double value) noexcept {
  return value >= 1 && value <= std::numeric_limits<double>::max();
}

/// Longer bodies are good; kinds that this version does not know hold anything.
[[nodiscard]] inline bool body_holds_its_kind(std::uint32_t kind, std::span<const std::byte> body) noexcept {
  ByteReader in(body);
  const auto string = [&in] { (void)in.bytes(in.take<std::uint32_t>() & kLengthMask); };
  const auto losses = [&in] {
    const auto n = in.take<std::uint32_t>();
    (void)in.take<std::uint32_t>();
    bool good = n <= kLossReasons;
    for (std::uint32_t i = 0; good && i < n && in.ok(); ++i) {
      good = in.take<std::uint64_t>() % (std::uint64_t{1} << 32) < kLossReasons;
      (void)in.take<std::uint64_t>();
    }
    return good;
  };
  switch (static_cast<RecordKind>(kind)) {
    case RecordKind::thread: {
      (void)in.bytes(8);
      const auto length = in.take<std::uint32_t>();
      (void)in.bytes(length);
      return in.ok() && length <= kMaxThreadName;
    }
    case RecordKind::context: {
      (void)in.bytes(28);
      const auto n = in.take<std::uint32_t>();
      if (n > kMaxContextValues || body.size() > kMaxContextBytes) return false;
      for (std::uint32_t i = 0; i < 2 * n; ++i) string();
      return in.ok();
    }
    case RecordKind::clock: {
      const auto clock = in.take<std::uint32_t>();
      (void)in.bytes(28);
      return in.ok() && clock >= 1 && clock <= 4;
    }
    case RecordKind::weight:
      (void)in.bytes(8);
      return is_weight(in.take<double>()) && in.ok();
    case RecordKind::loss:
      return losses() && in.ok();
    case RecordKind::span_begin:
      (void)in.bytes(32);
      string();
      return in.ok() && body.size() <= kMaxSpanBytes;
    case RecordKind::span_end:
      (void)in.bytes(16);
      return in.ok();
    case RecordKind::backtrace: {
      const auto n = in.take<std::uint32_t>();
      (void)in.bytes(4 + std::uint64_t{8} * n);
      return in.ok() && n <= kMaxBacktrace;
    }
    case RecordKind::sub_buffer: {
      (void)in.bytes(16);
      const bool good = losses();
      const auto state = in.take<std::uint32_t>();
      (void)in.bytes(4 + std::uint64_t{state});
      return good && in.ok();
    }
    default:
      return true;
  }
}

}  // namespace lmlog::formats
