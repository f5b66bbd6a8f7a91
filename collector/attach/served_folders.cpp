// SPDX-License-Identifier: Apache-2.0
// The list is formats' own, so that producers, readers and this program agree; trying it out is done here.
#include "collector/attach/served_folders.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <lmlog/formats/ring_folders.hpp>

namespace lmlog::collector {

namespace {

using Kind = formats::RingFolder::Kind;

constexpr std::uint32_t kPrivateMode = 0700;

/// An empty text when the folder may be used as what it is on the list, else what is wrong with it.
std::string objection(FileSystem& files, const formats::RingFolder& folder, std::uint32_t uid) {
  const auto info = files.info(folder.path);
  if (!info) return "it does not exist";
  if (!info->is_folder) return "it is no folder";
  const auto tmpfs = files.is_tmpfs(folder.path);
  if (!tmpfs || !*tmpfs) return "it is no tmpfs";
  if (info->uid != uid) return "it belongs to another user";
  if (folder.kind != Kind::private_) return {};
  if (info->mode != kPrivateMode) return "its mode is not 0700";
  const auto acl = files.has_default_acl(folder.path);
  return acl && *acl ? "it has a default access list" : std::string();
}

Error unusable(const std::string& path, const Error& error) {
  return {ErrorCode::io, "the rings folder " + path + " cannot be used: " + error.text +
                             "; make it a folder that this user may read, or name another one with --rings"};
}

Result<std::vector<std::string>> named_folders(FileSystem& files, const std::vector<std::string>& named,
                                               Notices& notices) {
  std::vector<std::string> out;
  for (const auto& path : named) {
    if (!files.info(path)) {
      const std::string parent = parent_folder(path);
      if (!files.info(parent))
        return Error{ErrorCode::io, "the rings folder " + path + " cannot be made: " + parent +
                                        " does not exist; make it, or name another folder with --rings"};
      if (auto status = files.make_folder(path, kPrivateMode); !status) return unusable(path, status.error());
    }
    if (auto names = files.list(path); !names) return unusable(path, names.error());
    const auto tmpfs = files.is_tmpfs(path);
    if (tmpfs && !*tmpfs)
      notices.warn_once(
          path + " tmpfs",
          "the rings folder " + path +
              " is no tmpfs: rings there cost disk writes; mount a tmpfs on it, or use one below /dev/shm");
    if (std::find(out.begin(), out.end(), path) == out.end()) out.push_back(path);
  }
  return out;
}

}  // namespace

FolderEnvironment folder_environment() {
  const auto value = [](const char* name) {
    const char* text = ::secure_getenv(name);
    return std::string(text == nullptr ? "" : text);
  };
  return {value("LMLOG_RING_DIR"), value("XDG_RUNTIME_DIR"), ::geteuid()};
}

Result<std::vector<std::string>> served_folders(FileSystem& files, const std::vector<std::string>& named,
                                                const FolderEnvironment& environment, Notices& notices) {
  if (!named.empty()) return named_folders(files, named, notices);
  const auto list = formats::ring_folders(environment.lmlog_ring_dir, environment.xdg_runtime_dir, environment.uid);
  if (list.front().kind == Kind::named) return named_folders(files, {list.front().path}, notices);

  std::vector<std::string> out;
  std::string objections;
  for (const auto& folder : list) {
    const std::string wrong = objection(files, folder, environment.uid);
    if (wrong.empty()) {
      out.push_back(folder.path);
    } else {
      objections += (objections.empty() ? "" : "; ") + folder.path + ": " + wrong;
    }
  }
  if (!out.empty()) return out;
  for (const auto& folder : list) {
    const auto tmpfs = files.is_tmpfs(parent_folder(folder.path));
    if (folder.kind != Kind::private_ || files.info(folder.path) || !tmpfs || !*tmpfs) continue;
    if (files.make_folder(folder.path, kPrivateMode)) return std::vector{folder.path};
  }
  return Error{ErrorCode::io, "there is no folder for rings (" + objections +
                                  "). Mount a tmpfs on one of them, or name a folder with --rings"};
}

}  // namespace lmlog::collector
