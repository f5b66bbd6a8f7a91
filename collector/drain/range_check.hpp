// SPDX-License-Identifier: Apache-2.0
// Validates drained ring bytes in a private copy, record by record, before anything of them is kept: anybody may
// have written them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <lmlog/formats/state_vector.hpp>

#include "collector/attach/statement_catalog.hpp"

namespace lmlog::collector {

struct RangeVerdict {
  std::uint64_t valid_bytes = 0;  // a prefix that ends behind a record (and the pads behind it)
  std::uint64_t stored = 0;       // records of statements in it
  std::uint64_t refused = 0;      // records of refused statements in it: they became pads
  std::string violation;          // why the walk ended early; empty: it did not
};

/// Walks `bytes`, those of [from, from + size) of a ring of `data_bytes`, and takes each record into `state`.
/// `read_catalog` is called when a statement is not known: when it succeeds, more may be known now; when the catalog
/// cannot be read (io), the walk ends before the record. Records of refused statements are turned into pads in `bytes`.
[[nodiscard]] RangeVerdict check_range(std::span<std::byte> bytes, std::uint64_t from, std::uint64_t data_bytes,
                                       const StatementCatalog& catalog, const std::function<Status()>& read_catalog,
                                       formats::StateVector& state);

}  // namespace lmlog::collector
