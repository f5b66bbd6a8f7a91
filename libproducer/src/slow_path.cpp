// SPDX-License-Identifier: Apache-2.0
// The cold functions behind every log call, and the registrars of statements: in one object file, so that a program
// with the static library has all of them for its plugins, whichever it uses itself. A thread that stays in its session
// takes no lock here and makes no system call: it reads the tail, writes what is pending, and opens the next stretch of
// ring.
#include "libproducer/src/slow_path.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>

#include <lmlog/formats/record.hpp>
#include <lmlog/log_call.hpp>
#include <lmlog/logger_statement.hpp>
#include <lmlog/statement.hpp>

#include "libproducer/src/process.hpp"
#include "libproducer/src/ring.hpp"
#include "libproducer/src/shared_session.hpp"
#include "libproducer/src/thread_state.hpp"

namespace lmlog::detail {

namespace {

void count_without_ring(const Process* process) noexcept {
  if (process == nullptr) return;
  const SessionInUse use(*process);
  if (use.get() != nullptr) use.get()->count_loss(formats::LossReason::no_ring);
}

bool is_registered(const StatementDescription& description) noexcept {
  return description.cell->info.load(std::memory_order_relaxed) != kUnregistered;
}

/// Statement, session and ring are there and fit each other.
bool is_attached(const Process& process, const StatementDescription& description) noexcept {
  if (this_thread == nullptr || this_thread->line->live == 0 || this_thread->ring == nullptr) return false;
  const Ring& ring = *this_thread->ring;
  return process.current() == &ring.session() && !ring.is_retired() && !ring.session().is_retired() &&
         is_registered(description);
}

/// True when it was tried a moment ago, and what can be counted was: the lock is not taken for that.
bool is_too_early(const Process& process, const StatementDescription& description) noexcept {
  if (process.is_new_copy()) return false;
  const SessionInUse use(process);
  SharedSession* const session = use.get();
  if (session == nullptr) return !process.may_try_session();
  if (session->is_retired()) return false;
  if (!is_registered(description)) {
    if (session->may_try_catalog()) return false;
    session->count_loss(formats::LossReason::no_catalog);
    return true;
  }
  const bool has_ring = this_thread != nullptr && this_thread->line->live != 0 && this_thread->ring != nullptr;
  if (has_ring || session->may_try_ring()) return false;
  session->count_loss(formats::LossReason::no_ring);
  return true;
}

bool needs_session(const Process& process) noexcept {
  const SessionInUse use(process);
  return use.get() == nullptr || use.get()->is_retired();
}

std::uint64_t bytes_of_record(const StatementDescription& description, const std::size_t* lengths,
                              std::uint64_t max_string) noexcept {
  std::uint64_t bytes = description.base_bytes - formats::kRecordHeaderBytes;
  for (std::uint32_t i = 0; i < description.variable_count; ++i)
    bytes += std::min<std::uint64_t>(lengths[i], max_string);
  return formats::record_length(bytes);
}

/// Clock coarse: where take_room() may not go on, one call in 65, and when the word has moved. There is room for the
/// record, and the word has kept pace with the counter; else 0. Neither lock nor system call.
std::uint64_t coarse_time(const StatementDescription& description, const std::size_t* lengths) noexcept {
  const ThreadLine& line = *this_line;
  auto* const coarse = static_cast<CoarseReading*>(line.coarse);
  if (coarse == nullptr || description.text.time_given) return 0;
  // As in has_room(): without an id the record is as long as no room is.
  const std::uint64_t bytes = bytes_of_record(description, lengths, line.max_string);
  if (description.cell->info.load(std::memory_order_relaxed) == kUnregistered ||
      line.position + bytes > line.limit.load(std::memory_order_relaxed))
    return 0;
  const std::uint64_t word = coarse->word->load(std::memory_order_relaxed);
  if (word == coarse->last && coarse->unseen != 0) {
    --coarse->unseen;
    return word;
  }
  return coarse->look(word, read_tsc()) ? word : 0;
}

}  // namespace

bool admit(const StatementCell& cell, Level level, const LoggerState* logger) noexcept {
  const SlowPath slow;
  if (!slow.entered()) {
    const Process* const process = Process::existing();
    if (process != nullptr && level >= process->level(logger)) count_without_ring(process);
    return false;
  }
  Process& process = Process::instance();
  if (needs_session(process) && (!process.may_try_session() || process.ensure_session() == nullptr)) return false;
  // Registered statements are aimed by now. One that is not is asked by its level alone.
  const std::uint64_t word = cell.control.load(std::memory_order_acquire)->load(std::memory_order_relaxed);
  if ((word & (formats::kControlOff | formats::kControlRuleOff)) != 0) return false;
  return level >= process.level(logger);
}

std::uint64_t make_room(const StatementDescription& description, const std::size_t* lengths,
                        std::uint64_t time) noexcept {
  if (description.cell == nullptr) return 0;   // of `no_variant`: its caller tries again, or counts
  if (this_line->position == kBusyPosition) {  // out of a value that this thread is writing
    count_without_ring(Process::existing());
    return 0;
  }
  if (const std::uint64_t coarse = coarse_time(description, lengths); coarse != 0) return coarse;
  const SlowPath slow;
  if (!slow.entered()) {
    count_without_ring(Process::existing());
    return 0;
  }
  Process& process = Process::instance();
  // Each is another change of session while this thread was on its way: bounded, not reached.
  constexpr int kRounds = 100;
  for (int round = 0; round < kRounds; ++round) {
    if (!is_attached(process, description) && (is_too_early(process, description) || !process.attach(description)))
      return 0;
    ThreadLine& line = *this_thread->line;
    Ring& ring = *this_thread->ring;
    const RoomRequest request{bytes_of_record(description, lengths, line.max_string), time,
                              description.text.time_given};
    std::uint64_t record_time = 0;
    switch (ring.make_room(line, request, record_time)) {
      case Ring::Outcome::lost:
        return 0;
      case Ring::Outcome::withdrawn:
        break;
      case Ring::Outcome::ready:
        // Against Process::switch_session_locked, which stores `current`, then our limit: one of us sees the other.
        if (process.is_current(&ring.session())) return description.text.time_given ? 1 : record_time;
        shut(line);
        break;
    }
  }
  count_without_ring(&process);
  return 0;
}

Registrar::Registrar(const StatementDescription& description) noexcept : loaded_{description} {
  const InsideLibrary inside;  // also while the process's object is made
  Process::instance().add_statement(loaded_);
}

Registrar::~Registrar() { Process::instance().remove_statement(loaded_); }

constinit LoggerVariant no_variant;

LoggerVariant* make_variant(LoggerSite& site, LoggerState* logger, const StatementDescription* description) noexcept {
  const SlowPath slow;
  if (description == nullptr) description = site.description.load(std::memory_order_acquire);
  if (!slow.entered() || description == nullptr) return &no_variant;
  LoggerVariant* const variant = Process::instance().variant(site, logger, *description);
  return variant != nullptr ? variant : &no_variant;
}

void count_unregistered() noexcept {
  const Process* const process = Process::existing();
  if (process == nullptr) return;
  const SessionInUse use(*process);
  if (use.get() != nullptr) use.get()->count_loss(formats::LossReason::no_catalog);
}

LoggerRegistrar::LoggerRegistrar(LoggerSite& site, const StatementDescription& description) noexcept : site_(site) {
  site_.description.store(&description, std::memory_order_release);
}

LoggerRegistrar::~LoggerRegistrar() { Process::instance().remove_variants(site_); }

}  // namespace lmlog::detail
