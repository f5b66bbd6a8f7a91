// SPDX-License-Identifier: Apache-2.0
// What the merge takes rows from: a stretch of one ring, in order of position, filled on demand.
#pragma once

#include <cstddef>

#include "decoder/read/row_batch.hpp"

namespace lmlog::decoder {

class RunCursor {
 public:
  virtual ~RunCursor() = default;

  /// Replaces the batch's rows by the next ones, about `budget` bytes of them. An empty batch with true: ask again.
  /// False: there are no more.
  [[nodiscard]] virtual bool fill(RowBatch& batch, std::size_t budget) = 0;
};

}  // namespace lmlog::decoder
