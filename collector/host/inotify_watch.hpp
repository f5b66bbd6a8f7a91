// SPDX-License-Identifier: Apache-2.0
// FolderWatch by inotify.
#pragma once

#include <string>

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

class InotifyWatch final : public FolderWatch {
 public:
  InotifyWatch();
  ~InotifyWatch() override;
  InotifyWatch(const InotifyWatch&) = delete;
  InotifyWatch& operator=(const InotifyWatch&) = delete;

  bool add(const std::string& folder) override;
  [[nodiscard]] bool take_change() override;

 private:
  int descriptor_;
};

}  // namespace lmlog::collector
