// SPDX-License-Identifier: Apache-2.0
// What the library says to people: one line on stderr, once for each topic of the process's life. Allocates nothing by
// itself and works from any thread.
#pragma once

#include <string_view>

namespace lmlog::detail {

enum class Topic : unsigned {
  level,
  folder,
  folder_kind,
  session,
  ring,
  catalog,
  second_session,
  ring_bytes,
  service,
  fork,
  loggers,
  statement
};

/// Writes "lmlog: TEXT" unless something was said of the topic already.
void complain_once(Topic topic, std::string_view text) noexcept;

}  // namespace lmlog::detail
