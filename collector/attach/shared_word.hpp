// SPDX-License-Identifier: Apache-2.0
// One field of a session or ring file, read where its writer may be changing it.
#pragma once

#include <cstdint>
#include <span>

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// False when the file is too short or cannot be read; `out` is then not to be used.
template <class T> [[nodiscard]] bool read_word(const File& file, std::uint64_t offset, T& out) {
  const auto got = file.read_at(offset, std::as_writable_bytes(std::span(&out, 1)));
  return got && *got == sizeof(out);
}

}  // namespace lmlog::collector
