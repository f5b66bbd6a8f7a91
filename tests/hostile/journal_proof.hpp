// SPDX-License-Identifier: Apache-2.0
// What a drain puts into the journal was checked in a private copy, and is never read from shared memory again: so
// whatever is in there must be whole, however the files changed while they were read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace lmlog::hostile {

/// Reads entries as an archiver would. Gives what is wrong with them, or nothing; adds the records of statements that
/// it saw to `records`.
[[nodiscard]] std::optional<std::string> flaw_in_journal(std::span<const std::byte> entries, std::uint64_t& records);

}  // namespace lmlog::hostile
