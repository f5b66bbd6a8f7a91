// SPDX-License-Identifier: Apache-2.0
// Takes the body of a journal entry apart. Implements the entry table of formats/spec/journal-format.md for the reader.
#pragma once

#include <cstddef>
#include <span>

#include "lmlog/formats/journal_reader.hpp"

namespace lmlog::formats {

/// Fills the members that `entry.type` has from `body`, into which its spans point. False: the body contradicts itself.
[[nodiscard]] bool parse_journal_body(std::span<const std::byte> body, JournalEntry& entry);

[[nodiscard]] bool is_known(JournalEntryType type) noexcept;

}  // namespace lmlog::formats
