// SPDX-License-Identifier: Apache-2.0
// The clock anchors known of one session, and the few of them that a block needs to convert ticks (registry.md, "Ticks
// to time").
#pragma once

#include <cstdint>
#include <vector>

#include <lmlog/formats/session_layout.hpp>

namespace lmlog::collector {

/// Not thread-safe.
class AnchorHistory {
 public:
  /// `start` is that of the session's descriptor; tsc 0: none.
  explicit AnchorHistory(const formats::Anchor& start);

  /// Takes a reading in any order; one that equals a known tsc, or has none, is ignored.
  void add(const formats::Anchor& anchor);

  /// Those that reproduce all known readings by interpolation to within 100 ns, sorted by tsc.
  [[nodiscard]] std::vector<formats::Anchor> for_block() const;

  /// Forgets all but the first and the newest: a block was cut. Some stay, because records drained late are older than
  /// the cut.
  void trim();

 private:
  std::vector<formats::Anchor> anchors_;  // sorted by tsc
};

}  // namespace lmlog::collector
