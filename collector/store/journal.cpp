// SPDX-License-Identifier: Apache-2.0
// Session numbers and catalogs are those of one file: a new file begins only when nothing is buffered.
#include "collector/store/journal.hpp"

#include <algorithm>
#include <chrono>

#include <lmlog/formats/catalog.hpp>
#include <lmlog/formats/journal_layout.hpp>
#include <lmlog/formats/journal_reader.hpp>
#include <lmlog/formats/mutant.hpp>

#include "collector/store/bounded_source.hpp"

namespace lmlog::collector {

namespace {

// Far below the bound of an entry's body, and large enough that a catalog takes few entries.
constexpr std::size_t kCatalogPieceBytes = std::size_t{4} << 20;

// A file with less in it is not worth replacing because of its age.
constexpr std::uint64_t kMinAgedBytes = std::uint64_t{64} << 10;

}  // namespace

Journal::Journal(FileSystem& files, const Clock& clock, ArchiveLayout layout, std::uint64_t first_sequence,
                 Durability durability)
    : files_(files),
      clock_(clock),
      layout_(std::move(layout)),
      keeps_until_synced_(durability == Durability::fsync),
      sequence_(first_sequence) {
  front_.sequence = first_sequence;
}

void Journal::declare(JournalMark& mark, std::uint32_t uid, const formats::SessionDescriptor& descriptor,
                      std::span<const std::byte> catalog) {
  if (mark.file != sequence_) {
    mark = JournalMark{sequence_, sessions_++, 0, 0};
    // Twice, as the catalog below: all ranges of the session in this file hang on these few bytes.
    for (int copy = 0; copy < 2; ++copy) writer_.session(mark.number, uid, descriptor);
  }
  while (mark.catalog_bytes < catalog.size()) {
    const auto rest = catalog.subspan(static_cast<std::size_t>(mark.catalog_bytes));
    std::size_t piece = 0;
    while (piece < rest.size() && piece < kCatalogPieceBytes) {
      const auto next = formats::next_catalog_entry(rest.subspan(piece));
      if (!next) break;
      piece += next->second;
    }
    if (piece == 0) return;  // cannot be: the catalog was checked when it was read
    for (int copy = 0; copy < 2; ++copy) writer_.catalog(mark.number, mark.catalog_bytes, rest.first(piece));
    mark.catalog_bytes += piece;
  }
}

Status Journal::open_file() {
  auto file = files_.open(layout_.journal_file(sequence_), OpenFor::creating);
  if (!file) return file.error();
  file_ = std::move(file).value();
  folder_synced_ = false;
  return Done{};
}

Status Journal::flush() {
  const auto bytes = writer_.bytes().subspan(flushed_);
  if (bytes.empty()) return Done{};
  if (abandoned_ != nullptr) {
    if (auto status = leave_abandoned(); !status) return status;
    if (auto status = carry_declarations(); !status) return status;
  }
  if (file_ == nullptr) {
    if (auto status = open_file(); !status) return status;
    begun_ns_ = clock_.monotonic_ns();
  }
  if (bytes_ == 0) {
    // The header goes out by itself, so that a failed flush can be repeated as it is.
    formats::JournalWriter header;
    header.header(sequence_, clock_.realtime_ns());
    if (auto status = file_->write_at(0, header.bytes()); !status) return status;
    bytes_ = header.bytes().size();
  }
  if (!carried_is_flushed_ && !carried_.empty()) {
    if (auto status = file_->write_at(bytes_, std::as_bytes(std::span(carried_))); !status) return status;
    bytes_ += carried_.size();
    carried_is_flushed_ = true;
  }
  if (auto status = file_->write_at(bytes_, bytes); !status && !formats::mutant(formats::Mutant::journal_error_ignored))
    return status;
  bytes_ += bytes.size();
  flushed_ += bytes.size();
  if (keeps_until_synced_) return Done{};
  forget_flushed();
  publish(false);
  return Done{};
}

void Journal::turn_over(std::int64_t max_age_ns) {
  if (file_ == nullptr || !writer_.bytes().empty()) return;
  const bool aged = bytes_ > kMinAgedBytes && clock_.monotonic_ns() - begun_ns_ > max_age_ns;
  if (bytes_ < kFileBytes && !aged) return;
  file_.reset();
  ++sequence_;
  bytes_ = 0;
  synced_ = 0;
  sessions_ = 0;
  publish(false);
}

Status Journal::sync() {
  if (flushed_ == 0) return Done{};
  Status status = file_->sync();
  if (status && !folder_synced_ && !formats::mutant(formats::Mutant::folder_not_synced)) {
    status = files_.sync_folder(layout_.journal_folder());
    folder_synced_ = static_cast<bool>(status);
  }
  if (!status) {
    if (!formats::mutant(formats::Mutant::failed_sync_trusted)) abandon_file();
    return status;
  }
  carried_.clear();
  if (buffered_bytes() == 0) forget_flushed();
  synced_ = bytes_;
  publish(false);
  return Done{};
}

void Journal::abandon_file() {
  abandoned_ = std::move(file_);
  abandoned_bytes_ = bytes_ - flushed_ - (carried_is_flushed_ ? carried_.size() : 0);
  if (abandoned_bytes_ <= formats::kJournalHeaderBytes) abandoned_bytes_ = 0;
  is_cut_ = false;
  flushed_ = 0;
  carried_is_flushed_ = false;
  (void)leave_abandoned();
}

Status Journal::leave_abandoned() {
  if (is_cut_) return Done{};
  // So that nobody takes what only seems to be there for safe, nor what the kernel dropped for damage.
  if (auto status = abandoned_->truncate(abandoned_bytes_); !status) return status;
  is_cut_ = true;
  ++sequence_;
  bytes_ = 0;
  synced_ = 0;
  publish(false);
  return Done{};
}

Status Journal::carry_declarations() {
  if (abandoned_bytes_ == 0) {
    abandoned_.reset();  // what had come along into it still waits
    return Done{};
  }
  BoundedSource safe(*abandoned_);
  safe.set_limit(abandoned_bytes_);
  auto reader = formats::JournalReader::open(safe);
  if (!reader) return reader.error();
  std::string carried;
  for (;;) {
    const auto next = reader->next();
    if (!next) return next.error();
    if (!*next) break;
    const auto& entry = **next;
    if (entry.type != formats::JournalEntryType::session && entry.type != formats::JournalEntryType::catalog) continue;
    const std::size_t at = carried.size();
    carried.resize(at + static_cast<std::size_t>(entry.length));
    const auto out = std::as_writable_bytes(std::span(carried)).subspan(at);
    const auto got = abandoned_->read_at(entry.offset, out);
    if (!got) return got.error();
  }
  carried_ = std::move(carried);
  abandoned_.reset();
  return Done{};
}

void Journal::forget_flushed() {
  writer_.clear();
  flushed_ = 0;
}

Status Journal::finish() {
  auto status = flush();
  if (status) publish(true);
  return status;
}

void Journal::publish(bool finished) {
  {
    const std::lock_guard lock(mutex_);
    front_ = {sequence_, keeps_until_synced_ ? synced_ : bytes_, finished};
  }
  moved_.notify_all();
}

JournalFront Journal::front() const {
  const std::lock_guard lock(mutex_);
  return front_;
}

void Journal::wait_beyond(const JournalFront& seen, std::uint64_t bytes, std::int64_t timeout_ns) const {
  std::unique_lock lock(mutex_);
  moved_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), [&] {
    return front_.finished || front_.sequence != seen.sequence || front_.bytes >= seen.bytes + bytes;
  });
}

}  // namespace lmlog::collector
