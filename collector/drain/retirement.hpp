// SPDX-License-Identifier: Apache-2.0
// The end of sessions: dead or closed ones are emptied, accounted for and removed; a living one never is
// (docs/decisions/alive-means-a-lock.md).
//
//   living ──lock gone, or closed and all rings free──▶ ending ──`retired` written──▶ retired
//   retired ──heads stand still, all is drained──▶ removing ──last losses are safe in the archive──▶ files gone ──▶
//   ring ends in the journal: only then checkpoints may forget the positions
//   removing ──rings of the session's user could not be served──▶ kept, until they are gone or can be served
#pragma once

#include <cstdint>
#include <functional>

#include "collector/attach/session_table.hpp"
#include "collector/drain/drain_context.hpp"

namespace lmlog::collector {

/// Not thread-safe: the drain's thread.
class Retirement {
 public:
  /// `make_safe` brings everything appended to the journal so far to where it is safe, and says whether it is.
  Retirement(DrainContext& context, SessionTable& table, std::function<bool()> make_safe)
      : context_(context), table_(table), make_safe_(std::move(make_safe)) {}

  /// Takes each session as far on its way as it can go now.
  void look();

  /// Some session is dead for certain and not removed yet: looking again soon gets on.
  [[nodiscard]] bool is_busy() const noexcept { return is_busy_; }

 private:
  [[nodiscard]] bool look_at(AttachedSession& session);
  [[nodiscard]] bool is_over(AttachedSession& session) const;
  [[nodiscard]] bool is_still(AttachedSession& session) const;
  void begin(AttachedSession& session);
  /// False while there is nothing to do but to keep what could not be served.
  [[nodiscard]] static bool goes_on(AttachedSession& session, std::int64_t now);
  void write_last_losses(AttachedSession& session);
  /// After the files are gone.
  void write_ends(AttachedSession& session);
  [[nodiscard]] bool remove_files(AttachedSession& session);

  DrainContext& context_;
  SessionTable& table_;
  std::function<bool()> make_safe_;
  bool is_busy_ = false;
};

}  // namespace lmlog::collector
