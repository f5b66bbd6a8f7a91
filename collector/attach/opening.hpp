// SPDX-License-Identifier: Apache-2.0
// Opens session and ring files, which anybody may have made, and checks them before they are served
// (formats/spec/shm-abi.md §1).
#pragma once

#include <memory>
#include <string>

#include "collector/attach/attached.hpp"
#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// Errors say what is wrong with the file and what to do. unsupported: of a newer version; not_found: gone meanwhile.
[[nodiscard]] Result<std::unique_ptr<AttachedSession>> open_session(FileSystem& files, const std::string& folder,
                                                                    const std::string& name);

/// The ring must name the session and belong to its owner. Position and state are left at their defaults.
[[nodiscard]] Result<std::unique_ptr<AttachedRing>> open_ring(FileSystem& files, const AttachedSession& session,
                                                              const std::string& name);

/// How far collectors said that the ring is drained, checked against its head. Errors: damaged, io.
[[nodiscard]] Result<formats::TailLine> read_tail(const AttachedRing& ring);

}  // namespace lmlog::collector
