// SPDX-License-Identifier: Apache-2.0
// A hint that names appeared in the rings folders (inotify). Folders are scanned every second all the same: a hint may
// be lost.
#pragma once

#include <string>

namespace lmlog::collector {

class FolderWatch {
 public:
  FolderWatch();
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  /// False when the folder cannot be watched: the scan alone finds what is new.
  bool add(const std::string& folder);

  /// True when something happened since the last call. Never blocks.
  [[nodiscard]] bool take_change();

 private:
  int descriptor_;
};

}  // namespace lmlog::collector
