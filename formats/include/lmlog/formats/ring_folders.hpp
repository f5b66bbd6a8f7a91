// SPDX-License-Identifier: Apache-2.0
// Where rings are looked for when nobody names a folder: the one list that producer, collector, decoder and tools
// share. A pure function of the environment's values; trying the folders out is the caller's part.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmlog::formats {

struct RingFolder {
  enum class Kind : std::uint8_t {
    named,    // by a person or by LMLOG_RING_DIR: served even if it is no tmpfs, with a warning
    shared,   // the drop box of a system-wide collector
    private_  // of one user: to be used only if it is a real directory of that user with mode 0700 and no default ACL
  };

  std::string path;
  Kind kind = Kind::named;

  friend bool operator==(const RingFolder&, const RingFolder&) = default;
};

inline constexpr std::string_view kSharedRingFolder = "/run/lmlog/rings";

/// The folders to try, best first. `lmlog_ring_dir` and `xdg_runtime_dir` are the values of the environment variables
/// (empty when they are unset; from secure_getenv), `uid` is the effective user id. A producer takes the first that
/// is, or can be made, a folder on a tmpfs; readers look into all that exist. A relative XDG_RUNTIME_DIR is invalid by
/// the rules of that variable and is passed over.
[[nodiscard]] inline std::vector<RingFolder> ring_folders(std::string_view lmlog_ring_dir,
                                                          std::string_view xdg_runtime_dir, std::uint32_t uid) {
  if (!lmlog_ring_dir.empty()) return {{std::string(lmlog_ring_dir), RingFolder::Kind::named}};
  std::vector<RingFolder> out{{std::string(kSharedRingFolder), RingFolder::Kind::shared}};
  if (xdg_runtime_dir.starts_with('/'))
    out.push_back({std::string(xdg_runtime_dir) + "/lmlog", RingFolder::Kind::private_});
  out.push_back({"/dev/shm/lmlog-" + std::to_string(uid), RingFolder::Kind::private_});
  return out;
}

}  // namespace lmlog::formats
