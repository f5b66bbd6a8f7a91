// SPDX-License-Identifier: Apache-2.0
// Events are not read for what they say: any of them means "scan".
#include "collector/host/inotify_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace lmlog::collector {

InotifyWatch::InotifyWatch() : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

InotifyWatch::~InotifyWatch() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool InotifyWatch::add(const std::string& folder) {
  // Sessions and rings get their names by a rename when they are complete.
  return descriptor_ >= 0 && ::inotify_add_watch(descriptor_, folder.c_str(), IN_MOVED_TO | IN_ONLYDIR) >= 0;
}

bool InotifyWatch::take_change() {
  if (descriptor_ < 0) return false;
  alignas(inotify_event) std::array<char, 4096> events;
  bool changed = false;
  while (::read(descriptor_, events.data(), events.size()) > 0) changed = true;
  return changed;
}

}  // namespace lmlog::collector
