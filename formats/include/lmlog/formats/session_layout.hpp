// SPDX-License-Identifier: Apache-2.0
// The header page of a session file as it lies in shared memory, and where its parts are.
// Implements formats/spec/shm-abi.md §2 and §5. Little-endian hosts only.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/registry.hpp"

namespace lmlog::formats {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian, and so must be the host");

inline constexpr std::uint64_t kSessionMagic = 0x534553474F4C4D4CULL;  // "LMLOGSES"
inline constexpr std::uint32_t kHeaderBytes = 4096;    // one page: the changing part never shares one with data
inline constexpr std::uint64_t kControlCount = 65536;  // one word for each statement of a process
inline constexpr std::uint64_t kCatalogBytes = std::uint64_t{16} << 20;
inline constexpr std::size_t kNameBytes = 64;         // service, host, program
inline constexpr std::size_t kDescriptorBytes = 360;  // static part that journal and segments carry
inline constexpr std::uint64_t kAnchorCheck = 0x4C4D4C4F47414E43ULL;

enum class SessionState : std::uint32_t { open = 1, closed = 2 };

/// The static part: written before the file gets its name, never changed. Also the "descriptor" of journal and
/// segments.
struct SessionDescriptor {
  std::uint64_t magic;
  std::uint16_t major;
  std::uint16_t minor;
  std::uint32_t header_bytes;
  std::uint64_t incompatible;
  std::uint64_t compatible;
  Id128 session_id;
  std::uint64_t file_bytes;
  std::uint32_t pid;
  std::uint32_t clock;  // ClockKind
  std::int64_t start_realtime_ns;
  std::uint64_t start_tsc;
  std::int64_t start_monotonic_raw_ns;
  std::uint64_t tsc_hz;
  std::uint64_t control_offset;
  std::uint64_t control_count;
  std::uint64_t catalog_offset;
  std::uint64_t catalog_bytes;
  Id128 boot_id;
  std::uint64_t ring_bytes;
  std::uint32_t policy;  // RingPolicy
  std::uint32_t process_start;
  std::uint16_t service_length;
  std::uint16_t host_length;
  std::uint16_t program_length;
  std::uint16_t reserved;
  char service[kNameBytes];
  char host[kNameBytes];
  char program[kNameBytes];
};

static_assert(sizeof(SessionDescriptor) == kDescriptorBytes && std::is_trivially_copyable_v<SessionDescriptor>);
static_assert(offsetof(SessionDescriptor, session_id) == 32 && offsetof(SessionDescriptor, file_bytes) == 48);
static_assert(offsetof(SessionDescriptor, start_realtime_ns) == 64 &&
              offsetof(SessionDescriptor, control_offset) == 96);
static_assert(offsetof(SessionDescriptor, boot_id) == 128 && offsetof(SessionDescriptor, service_length) == 160);
static_assert(offsetof(SessionDescriptor, service) == 168 && offsetof(SessionDescriptor, program) == 296);

/// Offsets of the changing fields, each on a line of its own; who writes them and in which order: shm-abi.md §2.
inline constexpr std::size_t kSessionStateOffset = 512;
inline constexpr std::size_t kCatalogHeadOffset = 576;
inline constexpr std::size_t kSessionLossesOffset = 640;
inline constexpr std::size_t kRingsMadeOffset = 896;
inline constexpr std::size_t kSessionRetiredOffset = 960;
inline constexpr std::size_t kCoarseTimeOffset = 1024;
inline constexpr std::size_t kAnchorOffset = 1088;

inline constexpr std::uint64_t kControlOff = 1;               // P: below the process's level
inline constexpr std::uint64_t kControlAttention = 2;         // P: take the slow path
inline constexpr std::uint64_t kControlRuleOff = 1ULL << 32;  // C: switched off by a rule
inline constexpr unsigned kControlThresholdShift = 40;        // C: 24 bits of keep threshold

/// A clock reading of three clocks at one instant.
struct Anchor {
  std::uint64_t tsc;
  std::int64_t realtime_ns;
  std::int64_t monotonic_raw_ns;
  friend bool operator==(const Anchor&, const Anchor&) = default;
};

static_assert(sizeof(Anchor) == 24 && std::is_trivially_copyable_v<Anchor>);

}  // namespace lmlog::formats
