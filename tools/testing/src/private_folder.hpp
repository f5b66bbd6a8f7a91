// SPDX-License-Identifier: Apache-2.0
// A capture's folder: made on a tmpfs for the process alone, and removed with all that is in it.
#pragma once

#include <sys/types.h>

#include <string>

namespace lmlog::testing {

class PrivateFolder {
 public:
  /// Also removes what killed processes of this user have left. Throws std::runtime_error if there can be none.
  PrivateFolder();
  /// Nothing in a forked child: the folder is its parent's.
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool is_ours() const noexcept;

 private:
  std::string path_;
  int descriptor_ = -1;  // locked: says that the folder is in use
  pid_t owner_;
};

}  // namespace lmlog::testing
