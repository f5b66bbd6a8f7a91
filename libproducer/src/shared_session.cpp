// SPDX-License-Identifier: Apache-2.0
// See shared_session.hpp.
#include "libproducer/src/shared_session.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <lmlog/formats/catalog.hpp>
#include <lmlog/formats/file_names.hpp>

#include "libproducer/src/clock_source.hpp"
#include "libproducer/src/complaint.hpp"
#include "libproducer/src/environment.hpp"

namespace lmlog::detail {

using formats::ClockKind;
using formats::LossReason;
using formats::Result;

namespace {

constexpr std::int64_t kRetryNs = 1'000'000'000;   // a full tmpfs is asked again once a second
constexpr std::uint64_t kCatalogChunk = 64 << 10;  // backed at a time: some hundred statements
constexpr std::uint64_t kControlChunk = 4096 / 8;  // words of one page
constexpr std::uint64_t kFileBytes = formats::kHeaderBytes + 8 * formats::kControlCount + formats::kCatalogBytes;
constexpr std::uint64_t kCatalogOffset = formats::kHeaderBytes + 8 * formats::kControlCount;

ClockKind clock_kind(Clock wanted) noexcept {
  if (wanted == Clock::user_ns) return ClockKind::user_ns;
  if (wanted == Clock::coarse) return ClockKind::coarse;
  return tsc_is_invariant() ? ClockKind::tsc : ClockKind::realtime;
}

std::uint16_t put_name(char (&field)[formats::kNameBytes], const std::string& text) noexcept {
  const std::string cut = cut_text(text, sizeof(field));
  std::memcpy(field, cut.data(), cut.size());
  return static_cast<std::uint16_t>(cut.size());
}

}  // namespace

Result<std::unique_ptr<SharedSession>> SharedSession::create(const SessionOptions& options,
                                                             std::optional<RingFolder> named) {
  auto folder = named ? Result<RingFolder>(*std::move(named)) : find_ring_folder();
  if (!folder) return folder.error();
  if (!folder->on_tmpfs)
    complain_once(Topic::folder_kind,
                  "LMLOG_RING_DIR: " + folder->path +
                      " is on no tmpfs: records survive the service there, but may wait for a disk");
  const formats::Id128 id = random_id();
  const std::string name = formats::session_file_name(options.service, static_cast<std::uint32_t>(::getpid()), id);
  auto file = SharedFile::create(*folder, name, kFileBytes, formats::kHeaderBytes);
  if (!file) return file.error();
  std::unique_ptr<SharedSession> session(new SharedSession(options, std::move(*folder), std::move(*file), id));
  session->file_.prefault(0, formats::kHeaderBytes);
  session->write_descriptor();
  if (!session->file_.lock())
    return formats::Error{formats::ErrorCode::io, session->path() +
                                                      ": cannot be locked: a collector would take this "
                                                      "process for dead; use a local tmpfs"};
  if (auto published = session->file_.publish(); !published) return published.error();
  return session;
}

SharedSession::SharedSession(const SessionOptions& options, RingFolder folder, SharedFile file,
                             const formats::Id128& id) noexcept
    : options_(options),
      folder_(std::move(folder)),
      file_(std::move(file)),
      id_(id),
      clock_(clock_kind(options.clock)) {}

void SharedSession::write_descriptor() noexcept {
  anchor_ = start_anchor_ = take_anchor();
  formats::SessionDescriptor d{};
  d.magic = formats::kSessionMagic;
  d.major = formats::kMajorVersion;
  d.minor = formats::kMinorVersion;
  d.header_bytes = formats::kHeaderBytes;
  d.session_id = id_;
  d.file_bytes = kFileBytes;
  d.pid = static_cast<std::uint32_t>(::getpid());
  d.clock = static_cast<std::uint32_t>(clock_);
  d.start_realtime_ns = anchor_.realtime_ns;
  d.start_tsc = anchor_.tsc;
  d.start_monotonic_raw_ns = anchor_.monotonic_raw_ns;
  d.tsc_hz = tsc_hz();
  d.control_offset = formats::kHeaderBytes;
  d.control_count = formats::kControlCount;
  d.catalog_offset = kCatalogOffset;
  d.catalog_bytes = formats::kCatalogBytes;
  d.boot_id = boot_id();
  d.ring_bytes = options_.ring_bytes;
  d.policy = static_cast<std::uint32_t>(ring_policy(options_.policy));
  d.service_length = put_name(d.service, options_.service);
  d.host_length = put_name(d.host, host_name());
  d.program_length = put_name(d.program, program_name());
  std::memcpy(file_.data(), &d, sizeof(d));
  field<std::uint32_t>(formats::kSessionStateOffset)
      .store(static_cast<std::uint32_t>(formats::SessionState::open), std::memory_order_release);
}

bool SharedSession::enter_statements(const StatementTable& table, const LoggerTable& loggers) noexcept {
  while (entered_ < table.size()) {
    if (!may_try_catalog()) return false;
    const StatementTable::Entry& entry = table.entry(entered_);
    if (!enter(entry)) {
      delay_catalog();
      complain_once(Topic::catalog, path() +
                                        ": no room for more statements in the catalog: their records are lost, and "
                                        "counted; make room on the tmpfs, or use fewer statements");
      return false;
    }
    apply_level(entered_, entry, loggers);
    ++entered_;
  }
  return true;
}

void SharedSession::delay_catalog() noexcept {
  if (may_try_catalog()) next_catalog_try_.store(coarse_monotonic_ns() + kRetryNs, std::memory_order_relaxed);
}

// A page that is read or written in a hole of a full tmpfs is a SIGBUS: back it first.
bool SharedSession::back_catalog(std::uint64_t bytes) noexcept {
  if (catalog_head_ + bytes > formats::kCatalogBytes) return false;
  while (catalog_head_ + bytes > catalog_backed_) {
    const std::uint64_t chunk = std::min(kCatalogChunk, formats::kCatalogBytes - catalog_backed_);
    if (!file_.back(kCatalogOffset + catalog_backed_, chunk)) return false;
    catalog_backed_ += chunk;
  }
  return true;
}

bool SharedSession::enter(const StatementTable::Entry& entry) noexcept {
  if (entered_ >= controls_backed_) {
    const std::uint64_t words = std::min(kControlChunk, formats::kControlCount - controls_backed_);
    if (!file_.back(formats::kHeaderBytes + 8 * controls_backed_, 8 * words)) return false;
    file_.prefault(formats::kHeaderBytes + 8 * controls_backed_, 8 * words);
    controls_backed_ += words;
  }
  if (entry.logger != nullptr && !enter_logger(*entry.logger)) return false;
  if (!back_catalog(entry.bytes.size())) return false;
  std::memcpy(file_.data() + kCatalogOffset + catalog_head_, entry.bytes.data(), entry.bytes.size());
  catalog_head_ += entry.bytes.size();
  field<std::uint64_t>(formats::kCatalogHeadOffset).store(catalog_head_, std::memory_order_release);
  return true;
}

bool SharedSession::enter_logger(const LoggerState& logger) noexcept {
  try {
    if (entered_loggers_.size() <= logger.id) entered_loggers_.resize(logger.id + 1);
  } catch (const std::bad_alloc&) {
    return false;
  }
  if (entered_loggers_[logger.id]) return true;
  const formats::LoggerEntry entry{logger.id, logger.name};
  const std::size_t bytes = formats::logger_entry_bytes(entry);
  if (!back_catalog(bytes)) return false;
  formats::write_logger_entry(entry, file_.data() + kCatalogOffset + catalog_head_);
  catalog_head_ += bytes;
  field<std::uint64_t>(formats::kCatalogHeadOffset).store(catalog_head_, std::memory_order_release);
  entered_loggers_[logger.id] = true;
  return true;
}

void SharedSession::apply_levels(const StatementTable& table, const LoggerTable& loggers) noexcept {
  for (std::uint32_t i = 0; i < entered_; ++i) apply_level(i, table.entry(i), loggers);
}

void SharedSession::apply_level(std::uint32_t index, const StatementTable::Entry& entry,
                                const LoggerTable& loggers) noexcept {
  // The low half alone: the high one is the collector's.
  auto& word = field<std::uint32_t>(formats::kHeaderBytes + std::size_t{8} * index);
  const std::uint32_t off =
      entry.level < loggers.level(entry.logger) ? static_cast<std::uint32_t>(formats::kControlOff) : 0;
  // Where nothing changes nothing is stored: other threads read the line.
  if (word.load(std::memory_order_relaxed) != off) word.store(off, std::memory_order_relaxed);
}

Ring* SharedSession::take_ring() {
  if (!free_.empty()) {
    Ring* const ring = free_.back();
    free_.pop_back();
    ++in_use_;
    return ring;
  }
  if (!may_try_ring()) return nullptr;
  free_.reserve(rings_.size() + 1);  // so that giving a ring back never allocates
  auto ring = Ring::create(*this, static_cast<std::uint32_t>(rings_.size()));
  if (!ring) {
    next_ring_try_.store(coarse_monotonic_ns() + kRetryNs, std::memory_order_relaxed);
    complain_once(Topic::ring,
                  ring.error().text + "; until then records of threads without a ring are lost, and counted");
    return nullptr;
  }
  rings_.push_back(std::move(*ring));
  field<std::uint64_t>(formats::kRingsMadeOffset).store(rings_.size(), std::memory_order_relaxed);
  ++in_use_;
  return rings_.back().get();
}

void SharedSession::give_ring(Ring& ring) noexcept {
  --in_use_;
  if (has_ended())
    std::erase_if(rings_, [&](const auto& one) { return one.get() == &ring; });
  else
    free_.push_back(&ring);
  close_if_left();
}

void SharedSession::end() noexcept {
  ended_.store(true, std::memory_order_relaxed);
  std::sort(free_.begin(), free_.end());
  std::erase_if(rings_, [&](const auto& ring) { return std::binary_search(free_.begin(), free_.end(), ring.get()); });
  free_.clear();
  file_.keep_only(formats::kHeaderBytes);
  close_if_left();
}

void SharedSession::close_if_left() noexcept {
  if (!is_left()) return;
  field<std::uint32_t>(formats::kSessionStateOffset)
      .store(static_cast<std::uint32_t>(formats::SessionState::closed), std::memory_order_release);
}

void SharedSession::forget_mappings() noexcept {
  file_.forget_mapping();
  for (const auto& ring : rings_) ring->forget_mapping();
}

bool SharedSession::is_retired() const noexcept {
  return field<std::uint32_t>(formats::kSessionRetiredOffset).load(std::memory_order_relaxed) != 0;
}

void SharedSession::count_loss(LossReason reason) noexcept {
  field<std::uint64_t>(formats::kSessionLossesOffset + 8 * static_cast<std::size_t>(reason))
      .fetch_add(1, std::memory_order_relaxed);
}

bool SharedSession::may_try_ring() const noexcept {
  const std::int64_t next = next_ring_try_.load(std::memory_order_relaxed);
  return next == 0 || coarse_monotonic_ns() >= next;
}

bool SharedSession::may_try_catalog() const noexcept {
  const std::int64_t next = next_catalog_try_.load(std::memory_order_relaxed);
  return next == 0 || coarse_monotonic_ns() >= next;
}

std::optional<formats::Anchor> SharedSession::anchor(std::uint64_t now, std::uint64_t max_age) noexcept {
  if (anchor_busy_.test_and_set(std::memory_order_acquire)) return std::nullopt;
  if (now > anchor_.tsc && now - anchor_.tsc > max_age) anchor_ = take_anchor();
  const formats::Anchor anchor = anchor_;
  anchor_busy_.clear(std::memory_order_release);
  return anchor;
}

LossCounts SharedSession::losses() const noexcept {
  LossCounts counts{};
  for (std::uint32_t reason = 0; reason < counts.size(); ++reason) {
    counts[reason] =
        field<std::uint64_t>(formats::kSessionLossesOffset + std::size_t{8} * reason).load(std::memory_order_relaxed);
    for (const auto& ring : rings_) counts[reason] += ring->losses(reason);
  }
  return counts;
}

}  // namespace lmlog::detail
