// SPDX-License-Identifier: Apache-2.0
// The end of sessions: dead or closed ones are emptied, accounted for and removed; a living one never is
// (docs/decisions/alive-means-a-lock.md).
//
//   living ──lock gone, or closed and all rings free──▶ ending ──`retired` written──▶ retired
//   retired ──heads stand still, all is drained──▶ removing ──last losses are safe in the archive──▶ files gone ──▶
//   ring ends in the journal: only then checkpoints may forget the positions
//   removing ──rings of the session's user could not be served──▶ kept, until they are gone or can be served
//
// Living sessions are asked for their locks in turn, and at once when the end of their process is told (EndWatch, a
// hint). Those on their way to the end are looked at in each pass.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "collector/attach/session_table.hpp"
#include "collector/drain/drain_context.hpp"

namespace lmlog::collector {

/// Not thread-safe: the drain's thread.
class Retirement {
 public:
  using Gone = std::unordered_set<const AttachedSession*>;

  /// `make_safe` brings everything appended to the journal so far to where it is safe, and says whether it is.
  /// `let_go` is told of sessions whose rings are about to go.
  Retirement(DrainContext& context, SessionTable& table, std::function<bool()> make_safe,
             std::function<void(const Gone&)> let_go)
      : context_(context),
        table_(table),
        make_safe_(std::move(make_safe)),
        let_go_(std::move(let_go)),
        ends_(context.liveness.make_end_watch()) {}

  /// Asks the sessions whose turn it is (`all`: all), and takes each that is over as far on its way as it can go now.
  void look(bool all);

  /// Some session is dead for certain and not removed yet, or could not be looked at: looking again soon gets on.
  [[nodiscard]] bool is_busy() const noexcept { return is_busy_; }

 private:
  void ask_those_told();
  void ask_in_turn(std::int64_t now, bool all);
  void ask(AttachedSession& session, std::int64_t now);
  [[nodiscard]] bool is_over(AttachedSession& session);
  void begin(AttachedSession& session);
  /// False while there is nothing to do but to keep what could not be served.
  [[nodiscard]] static bool goes_on(AttachedSession& session, std::int64_t now);

  /// To `removing`, as far as it can. True when it can go on soon.
  [[nodiscard]] bool advance(AttachedSession& session, std::int64_t now);
  /// Nothing more will be written into it; if not, says when to ask again.
  [[nodiscard]] bool is_still(AttachedSession& session, std::int64_t now);
  /// Those in `removing`: their last losses are made safe together, then their files go. True when that is to be
  /// tried again soon.
  [[nodiscard]] bool remove_ready(std::int64_t now);
  /// False when they cannot be read now.
  [[nodiscard]] bool write_last_losses(AttachedSession& session);
  [[nodiscard]] bool remove_files(AttachedSession& session);
  /// After the files are gone.
  void write_ends(AttachedSession& session);
  void forget(const std::vector<AttachedSession*>& emptied);
  void stop_watching(AttachedSession& session);

  DrainContext& context_;
  SessionTable& table_;
  std::function<bool()> make_safe_;
  std::function<void(const Gone&)> let_go_;
  std::unique_ptr<EndWatch> ends_;
  std::unordered_map<std::uint64_t, AttachedSession*> watched_;  // by token
  std::uint64_t next_token_ = 1;
  std::vector<AttachedSession*> over_;  // on their way: ending, retired, removing
  std::int64_t asked_ns_ = 0;           // monotonic: the last turn
  bool is_busy_ = false;
  bool is_unsure_ = false;  // in this look something could not be read
};

}  // namespace lmlog::collector
