// SPDX-License-Identifier: Apache-2.0
// The session file from the producer's side: header, control words, catalog, losses without a ring, and the rings that
// belong to it. Implements §2, §4 and §5 of formats/spec/shm-abi.md. Log calls do not come here: they see the control
// words through the process's ControlRange. Members are called under the process's lock unless they say otherwise; who
// is here without it says so to the process (SessionInUse).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lmlog/formats/id128.hpp>
#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/result.hpp>
#include <lmlog/formats/session_layout.hpp>
#include <lmlog/session.hpp>

#include "libproducer/src/logger_table.hpp"
#include "libproducer/src/ring.hpp"
#include "libproducer/src/ring_folder.hpp"
#include "libproducer/src/shared_file.hpp"
#include "libproducer/src/statement_table.hpp"

namespace lmlog::detail {

[[nodiscard]] constexpr formats::RingPolicy ring_policy(Policy policy) noexcept {
  switch (policy) {
    case Policy::block:
      return formats::RingPolicy::block;
    case Policy::overwrite:
      return formats::RingPolicy::overwrite;
    case Policy::drop:
      break;
  }
  return formats::RingPolicy::drop;
}

class SharedSession {
 public:
  /// `options` are checked and completed; `service` is not empty. Without a folder it goes where sessions go.
  [[nodiscard]] static formats::Result<std::unique_ptr<SharedSession>> create(
      const SessionOptions& options, std::optional<RingFolder> named = std::nullopt);

  [[nodiscard]] const SessionOptions& options() const noexcept { return options_; }
  [[nodiscard]] formats::ClockKind clock() const noexcept { return clock_; }
  [[nodiscard]] const RingFolder& folder() const noexcept { return folder_; }
  [[nodiscard]] const formats::Id128& id() const noexcept { return id_; }
  [[nodiscard]] const std::string& path() const noexcept { return file_.path(); }

  /// False when the service closed the session's descriptor, and so dropped its lock: it counts as dead. Or when
  /// somebody removed the file.
  [[nodiscard]] bool is_alive() const noexcept { return file_.has_descriptor() && file_.has_name(); }
  /// Enters all statements of the table that the catalog does not have yet; false when one did not fit.
  bool enter_statements(const StatementTable& table, const LoggerTable& loggers) noexcept;
  /// No further try for a while.
  void delay_catalog() noexcept;
  [[nodiscard]] std::uint32_t statements() const noexcept { return entered_; }
  /// Control words with pages of their own, and the descriptor of the file that they are in.
  [[nodiscard]] std::uint64_t controls_backed() const noexcept { return controls_backed_; }
  [[nodiscard]] int descriptor() const noexcept { return file_.descriptor(); }
  /// Writes into the control words which statements are below their logger's level.
  void apply_levels(const StatementTable& table, const LoggerTable& loggers) noexcept;

  /// A ring for a thread: a free one, else a new one; null when there can be none now.
  [[nodiscard]] Ring* take_ring();
  void give_ring(Ring& ring) noexcept;

  /// No thread will start to write any more: `closed` is set when the last one has left. What nobody uses is given up.
  void end() noexcept;
  /// Ended, and the last thread has left.
  [[nodiscard]] bool is_left() const noexcept { return has_ended() && in_use_ == 0; }
  /// In a forked child, of a parent's session: nothing of it is touched any more.
  void forget_mappings() noexcept;

  // From any thread, without the lock.
  [[nodiscard]] bool is_retired() const noexcept;
  [[nodiscard]] bool has_ended() const noexcept { return ended_.load(std::memory_order_relaxed); }
  void count_loss(formats::LossReason reason) noexcept;
  [[nodiscard]] bool may_try_ring() const noexcept;
  [[nodiscard]] bool may_try_catalog() const noexcept;
  /// The last anchor; a new one if that is older than `max_age` ticks by the counter's `now`. Nothing while another
  /// thread is at it: nobody waits here.
  [[nodiscard]] std::optional<formats::Anchor> anchor(std::uint64_t now, std::uint64_t max_age) noexcept;
  /// The word that a collector keeps for the coarse clock.
  [[nodiscard]] const std::atomic<std::uint64_t>& coarse_time() const noexcept {
    return field<std::uint64_t>(formats::kCoarseTimeOffset);
  }
  [[nodiscard]] const formats::Anchor& start_anchor() const noexcept { return start_anchor_; }

  /// Sums of the session and its rings.
  [[nodiscard]] LossCounts losses() const noexcept;

 private:
  SharedSession(const SessionOptions& options, RingFolder folder, SharedFile file, const formats::Id128& id) noexcept;

  template <class T> [[nodiscard]] std::atomic<T>& field(std::size_t offset) const noexcept {
    static_assert(sizeof(std::atomic<T>) == sizeof(T) && std::atomic<T>::is_always_lock_free);
    return *reinterpret_cast<std::atomic<T>*>(file_.data() + offset);
  }
  void write_descriptor() noexcept;
  void close_if_left() noexcept;
  [[nodiscard]] bool enter(const StatementTable::Entry& entry) noexcept;
  [[nodiscard]] bool enter_logger(const LoggerState& logger) noexcept;
  [[nodiscard]] bool back_catalog(std::uint64_t bytes) noexcept;
  void apply_level(std::uint32_t index, const StatementTable::Entry& entry, const LoggerTable& loggers) noexcept;

  SessionOptions options_;
  RingFolder folder_;
  SharedFile file_;
  formats::Id128 id_;
  formats::ClockKind clock_ = formats::ClockKind::tsc;

  std::uint32_t entered_ = 0;          // statements in the catalog
  std::vector<bool> entered_loggers_;  // by id
  std::uint64_t catalog_head_ = 0;     // bytes
  std::uint64_t catalog_backed_ = 0;   // bytes with pages of their own
  std::uint64_t controls_backed_ = 0;  // words

  std::vector<std::unique_ptr<Ring>> rings_;
  std::vector<Ring*> free_;
  std::uint32_t in_use_ = 0;
  std::atomic<bool> ended_{false};
  std::atomic<std::int64_t> next_ring_try_{0};     // coarse monotonic ns
  std::atomic<std::int64_t> next_catalog_try_{0};  // the same

  std::atomic_flag anchor_busy_;
  formats::Anchor anchor_{};        // guarded by anchor_busy_
  formats::Anchor start_anchor_{};  // never changed once the session is there
};

}  // namespace lmlog::detail
