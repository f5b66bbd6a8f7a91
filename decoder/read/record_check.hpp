// SPDX-License-Identifier: Apache-2.0
// What a record's body must hold beyond what the walk checks: the second half of step 4 of "Reading" in
// formats/spec/shm-abi.md §6, for rings and journals alike.
#pragma once

#include <cstdint>

#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/session_catalog.hpp"

namespace lmlog::decoder {

inline constexpr const char* kBadState = "a state record is malformed";

struct ArgumentCheck {
  const char* problem = nullptr;  // null: there is none
  std::uint64_t bytes = 0;        // that the arguments take
};

/// A record of a statement against its entry in the catalog; null: the catalog does not have it.
[[nodiscard]] inline ArgumentCheck check_arguments(const formats::RecordView& record,
                                                   const formats::Statement* statement) noexcept {
  if (statement == nullptr) return {"a record is of a statement that the session's catalog does not have", 0};
  const std::uint64_t bytes =
      formats::argument_bytes(record.body, statement->fixed_bytes, statement->variable_arguments);
  if (bytes == formats::kBadArguments) return {"a record's arguments do not fit in it", 0};
  return {nullptr, bytes};
}

}  // namespace lmlog::decoder
