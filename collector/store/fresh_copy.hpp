// SPDX-License-Identifier: Apache-2.0
// What to do with a file that could not be synced. The kernel reports a failed write once, takes the pages for clean,
// and calls the next sync of that file good: so the file is given up, and its bytes go into another one, under its
// name.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "collector/host/file_system.hpp"

namespace lmlog::collector {

/// The end of the name of a copy that is not complete; whoever finds one removes it.
inline constexpr const char* kCopySuffix = ".tmp";

/// Replaces `path` by a file with the first `bytes` of `from` and `more`, all of it safe from a loss of power, the name
/// included; gives that file. After an error `path` is what it was. Errors: io.
[[nodiscard]] Result<std::unique_ptr<File>> replace_by_copy(FileSystem& files, const std::string& path,
                                                            const formats::ByteSource& from, std::uint64_t bytes,
                                                            std::span<const std::byte> more = {});

/// Everything in a file that an earlier process wrote survives a loss of power; if it must be, in a copy, which `file`
/// is then. To be called before it is read for what it holds: what was read before may be gone from the copy. Errors:
/// io.
[[nodiscard]] Status sync_or_replace(FileSystem& files, const std::string& path, std::unique_ptr<File>& file);

}  // namespace lmlog::collector
