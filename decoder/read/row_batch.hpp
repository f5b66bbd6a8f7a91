// SPDX-License-Identifier: Apache-2.0
// Records on their way from a source to a renderer: rows of one ring in order of position, with their argument bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "decoder/read/session.hpp"

namespace lmlog::decoder {

/// By argument: its value cannot be read, because its column has an encoding of a newer version.
using UnreadableArguments = std::vector<bool>;

/// The position of a record in a ring where no one can tell it.
inline constexpr std::uint64_t kUnknownPosition = ~std::uint64_t{0};

/// 64 bytes: a line of the cache.
struct Row {
  std::uint64_t key = 0;       // sort key, ns since the epoch
  std::uint64_t time = 0;      // ns since the epoch
  std::uint64_t position = 0;  // of the cursor
  const StatementRef* statement = nullptr;
  const ThreadContext* thread = nullptr;
  std::size_t body_offset = 0;  // in the batch's bytes: arguments as registry.md lays them out
  std::uint32_t body_bytes = 0;
  std::uint32_t unreadable = 0;  // 0: nothing; else index + 1 in the batch's list
  double weight = 1;
};

/// Reused from one filling to the next, so that a steady merge allocates nothing.
struct RowBatch {
  std::vector<Row> rows;
  std::string bytes;
  std::shared_ptr<const RingIdentity> ring;
  std::vector<std::shared_ptr<const ThreadContext>> threads;  // keeps what rows point to alive
  std::vector<std::shared_ptr<const UnreadableArguments>> unreadable;

  void clear() {
    rows.clear();
    bytes.clear();
    threads.clear();
    unreadable.clear();
  }

  /// Memory that a batch of so many bytes is counted with.
  [[nodiscard]] std::size_t size_bytes() const noexcept { return rows.size() * sizeof(Row) + bytes.size(); }
};

/// One record out of the merge; valid until the next one is asked for.
struct Record {
  const Row* row = nullptr;
  const RowBatch* batch = nullptr;

  [[nodiscard]] const RingIdentity& ring() const noexcept { return *batch->ring; }
  [[nodiscard]] const Session& session() const noexcept { return *row->statement->session; }
  /// Null: every argument can be read.
  [[nodiscard]] const UnreadableArguments* unreadable() const noexcept {
    return row->unreadable == 0 ? nullptr : batch->unreadable[row->unreadable - 1].get();
  }
  [[nodiscard]] std::span<const std::byte> body() const noexcept {
    return {reinterpret_cast<const std::byte*>(batch->bytes.data()) + row->body_offset, row->body_bytes};
  }
};

}  // namespace lmlog::decoder
