// SPDX-License-Identifier: Apache-2.0
// Checks of the static parts of session and ring files, from a private copy. Implements shm-abi.md §2 and §3 for
// readers.
#pragma once

#include <bit>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/result.hpp"
#include "lmlog/formats/ring_layout.hpp"
#include "lmlog/formats/session_layout.hpp"

namespace lmlog::formats {

namespace detail {
inline Error newer_version(const char* what, unsigned major, unsigned minor, std::uint64_t flags) {
  return {ErrorCode::unsupported, std::string(what) + " has format version " + std::to_string(major) + "." +
                                      std::to_string(minor) + " with incompatible flags " + std::to_string(flags) +
                                      "; this program reads version " + std::to_string(kMajorVersion) + "." +
                                      std::to_string(kMinorVersion) + " with flags 0: use a newer lmlog"};
}

inline Error bad_session(std::string text) { return {ErrorCode::damaged, std::move(text), 0, kDescriptorBytes}; }
}  // namespace detail

/// `bytes` holds at least the descriptor; `file_bytes` is the length of the file as fstat gives it, or 0 when it is no
/// file.
[[nodiscard]] inline Result<SessionDescriptor> parse_session_descriptor(std::span<const std::byte> bytes,
                                                                        std::uint64_t file_bytes = 0) {
  if (bytes.size() < kDescriptorBytes)
    return Error{ErrorCode::truncated, "the session file is shorter than its header"};
  SessionDescriptor d;
  std::memcpy(&d, bytes.data(), sizeof(d));
  if (d.magic != kSessionMagic) return Error{ErrorCode::not_ours, "this is no session file (wrong magic)"};
  if (d.major != kMajorVersion || d.incompatible != 0)
    return detail::newer_version("the session", d.major, d.minor, d.incompatible);
  const bool shape = d.header_bytes == kHeaderBytes && d.control_offset == kHeaderBytes &&
                     d.control_count <= kControlCount && d.catalog_offset == d.control_offset + 8 * d.control_count &&
                     d.catalog_bytes <= kCatalogBytes && d.file_bytes >= d.catalog_offset + d.catalog_bytes;
  if (!shape)
    return detail::bad_session("the parts of the session's file, as its header has them, contradict each other");
  if (d.clock < 1 || d.clock > 4)
    return detail::bad_session("the session's header has no clock of a known kind (" + std::to_string(d.clock) + ")");
  if (d.policy < 1 || d.policy > 3)
    return detail::bad_session("the session's header has no known policy (" + std::to_string(d.policy) + ")");
  if (d.service_length == 0) return detail::bad_session("the session's header names no service");
  for (const auto& [what, length] : {std::pair("service", d.service_length), std::pair("host", d.host_length),
                                     std::pair("program", d.program_length)}) {
    if (length > kNameBytes)
      return detail::bad_session(std::string("the name of the ") + what + " in the session's header has " +
                                 std::to_string(length) + " bytes; " + std::to_string(kNameBytes) + " are the most");
  }
  if (file_bytes != 0 && file_bytes < d.file_bytes)
    return Error{ErrorCode::truncated, "the session file is shorter than its header says", file_bytes,
                 d.file_bytes - file_bytes};
  return d;
}

[[nodiscard]] inline std::string_view service_of(const SessionDescriptor& d) noexcept {
  return {d.service, d.service_length};
}
[[nodiscard]] inline std::string_view host_of(const SessionDescriptor& d) noexcept { return {d.host, d.host_length}; }
[[nodiscard]] inline std::string_view program_of(const SessionDescriptor& d) noexcept {
  return {d.program, d.program_length};
}

/// As for sessions. `session` is the id that the ring must name.
[[nodiscard]] inline Result<RingDescriptor> parse_ring_descriptor(std::span<const std::byte> bytes,
                                                                  std::uint64_t file_bytes) {
  if (bytes.size() < sizeof(RingDescriptor))
    return Error{ErrorCode::truncated, "the ring file is shorter than its header"};
  RingDescriptor d;
  std::memcpy(&d, bytes.data(), sizeof(d));
  if (d.magic != kRingMagic) return Error{ErrorCode::not_ours, "this is no ring file (wrong magic)"};
  if (d.major != kMajorVersion || d.incompatible != 0)
    return detail::newer_version("the ring", d.major, d.minor, d.incompatible);
  const bool overwrite = d.policy == static_cast<std::uint32_t>(RingPolicy::overwrite);
  const bool sub_buffers = overwrite ? std::has_single_bit(d.sub_buffer_bytes) &&
                                           d.sub_buffer_bytes <= d.data_bytes / 8 && d.sub_buffer_bytes >= 4096
                                     : d.sub_buffer_bytes == 0;
  if (d.data_offset != kRingDataOffset || !is_valid_ring_size(d.data_bytes) || d.policy < 1 || d.policy > 3 ||
      !sub_buffers)
    return Error{ErrorCode::damaged, "the ring's header contradicts itself", 0, sizeof(d)};
  if (file_bytes > d.data_offset + d.data_bytes)
    return Error{ErrorCode::damaged,
                 "the ring file has " + std::to_string(file_bytes) + " bytes, " +
                     std::to_string(d.data_offset + d.data_bytes) + " by its header",
                 0, sizeof(d)};
  if (file_bytes < d.data_offset + d.data_bytes)
    return Error{ErrorCode::truncated, "the ring file is shorter than its header says", file_bytes,
                 d.data_offset + d.data_bytes - file_bytes};
  return d;
}

}  // namespace lmlog::formats
