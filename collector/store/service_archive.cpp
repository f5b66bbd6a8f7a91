// SPDX-License-Identifier: Apache-2.0
// Encoding and writing are two steps: a full disk stops the second, which is repeated as it is until there is room.
#include "collector/store/service_archive.hpp"

#include <utility>

#include <lmlog/formats/mutant.hpp>

#include "collector/store/fresh_copy.hpp"
#include "lmlog_version.hpp"

namespace lmlog::collector {

ServiceArchive::ServiceArchive(ArchiveTools& tools, ServiceKey key, std::string host, std::uint64_t next_sequence)
    : tools_(tools), key_(std::move(key)), host_(std::move(host)), next_sequence_(next_sequence) {}

void ServiceArchive::note_pending(std::uint64_t journal_sequence, const Config& config) {
  if (oldest_journal_) return;
  formats::BlockOptions options;
  options.zstd_level = static_cast<int>(config.hot_zstd_level);
  options.block_records = config.hot_block_records;
  builder_ = formats::BlockBuilder(options);  // a reload may have changed them
  oldest_journal_ = journal_sequence;
  pending_since_ns_ = tools_.clock.monotonic_ns();
}

std::vector<formats::RingSummary> ServiceArchive::cut(
    const std::function<std::vector<formats::RingPosition>()>& checkpoint) {
  const std::int64_t now = tools_.clock.realtime_ns();
  if (!writer_) {
    formats::SegmentHeader header;
    header.id = tools_.new_id();
    header.uid = key_.uid;
    header.sequence = next_sequence_++;
    header.created_ns = now;
    header.service = key_.service;
    header.host = host_;
    header.writer = std::string("lmlog-collector ") + LMLOG_VERSION;
    path_ = tools_.layout.service_folder(formats::Tier::hot, key_.service) + "/" +
            segment_file_name(now, header.sequence, header.id);
    begun_ns_ = tools_.clock.monotonic_ns();
    writer_.emplace(std::move(header));
    unwritten_ = writer_->begin(checkpoint());
  }
  const formats::EncodedBlock block = builder_.finish(
      now, [this](const formats::SessionCatalog& session) { return tools_.anchors_of(session); },
      [this](const formats::SessionCatalog& session) { return writer_->number_of(session); });
  unwritten_ += writer_->add_block(block);
  unwritten_records_ += statement_records(block.summary);
  pending_statements_ = 0;
  return block.rings;
}

void ServiceArchive::seal() {
  unwritten_ += writer_->finish();
  sealed_ = true;
}

Status ServiceArchive::open_file() {
  const std::string folder = tools_.layout.service_folder(formats::Tier::hot, key_.service);
  if (auto status = tools_.files.make_folder(folder, 0750); !status) return status;
  auto file = tools_.files.open(unfinished_name(path_), OpenFor::creating);
  if (!file) return file.error();
  file_ = std::move(file).value();
  file_bytes_ = 0;
  has_name_ = false;
  written_.segments += 1;
  return Done{};
}

Status ServiceArchive::name_file(bool sync) {
  if (!has_name_) {
    const Status status = tools_.files.rename(unfinished_name(path_), path_);
    if (!status && !formats::mutant(formats::Mutant::segment_rename_unchecked)) return status;
    has_name_ = true;
  }
  if (!sync) return Done{};
  // The name must survive too, and that of its folder, before the journal goes.
  for (const auto& folder : {tools_.layout.tier_folder(formats::Tier::hot),
                             tools_.layout.service_folder(formats::Tier::hot, key_.service)}) {
    if (auto status = tools_.files.sync_folder(folder); !status) return status;
  }
  return Done{};
}

Status ServiceArchive::write_and_sync(std::span<const std::byte> bytes) {
  if (is_given_up_) {
    auto fresh = replace_by_copy(tools_.files, path_, *file_, file_bytes_, bytes);
    if (!fresh) return fresh.error();
    file_ = std::move(fresh).value();
    is_given_up_ = false;
    has_name_ = true;
    return file_bytes_ == 0 ? name_file(true) : Done{};
  }
  if (auto status = file_->write_at(file_bytes_, bytes); !status) return status;
  Status status = file_->sync();
  if (status && file_bytes_ == 0) status = name_file(true);
  if (status || formats::mutant(formats::Mutant::failed_sync_trusted)) return status;
  is_given_up_ = true;
  // So that no later collector takes what only seems to be there for safe. A file without a safe name is whole: cut,
  // and the name back after a loss of power, it would be none.
  if (has_name_ && file_bytes_ == 0) {
    (void)tools_.files.rename(path_, unfinished_name(path_));
  } else {
    (void)file_->truncate(file_bytes_);
  }
  return status;
}

Status ServiceArchive::write_out(bool sync) {
  if (is_written()) return Done{};
  if (file_ == nullptr) {
    if (auto status = open_file(); !status) return status;
  }
  const auto bytes = std::as_bytes(std::span(unwritten_));
  if (auto status = sync ? write_and_sync(bytes) : file_->write_at(file_bytes_, bytes); !status) return status;
  if (!sync && file_bytes_ == 0) {
    if (auto status = name_file(false); !status) return status;
  }
  file_bytes_ += unwritten_.size();
  written_.bytes += unwritten_.size();
  written_.records += std::exchange(unwritten_records_, 0);
  unwritten_ = std::string();  // a block's worth of memory for each service would add up
  if (builder_.empty()) oldest_journal_.reset();
  if (sealed_) {
    writer_.reset();
    file_.reset();
    sealed_ = false;
  }
  return Done{};
}

bool ServiceArchive::is_due_for_rotation(const Config& config) const {
  if (!writer_) return false;
  return writer_->full() || writer_->bytes() >= config.segment_bytes ||
         tools_.clock.monotonic_ns() - begun_ns_ >= config.segment_age_ns;
}

TierCounts ServiceArchive::take_written() { return std::exchange(written_, TierCounts{}); }

}  // namespace lmlog::collector
