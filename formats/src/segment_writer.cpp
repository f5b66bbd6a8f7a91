// SPDX-License-Identifier: Apache-2.0
// The segment writer: parts in order, and the footer from what went by.
#include "lmlog/formats/segment_writer.hpp"

#include <cassert>
#include <set>
#include <utility>

#include "formats/src/part.hpp"
#include "formats/src/segment_bodies.hpp"
#include "formats/src/summaries.hpp"

namespace lmlog::formats {
namespace {

struct CatalogSession {
  std::uint32_t uid = 0;
  std::string descriptor;
  std::vector<bool> written{};  // by statement id
  std::set<std::uint32_t> loggers{};
};

}  // namespace

struct SegmentWriter::Progress {
  Deflater deflater{kPartLevel};
  std::vector<CatalogSession> sessions;
  std::size_t sessions_in_file = 0;
  std::vector<std::pair<std::uint32_t, std::string>> entries;  // session number, raw entry: all in the file
  std::unordered_map<Id128, std::uint32_t> numbers;
  Footer footer;
  RingSummaries rings;
};

SegmentWriter::SegmentWriter(SegmentHeader header)
    : header_(std::move(header)), progress_(std::make_unique<Progress>()) {}
SegmentWriter::~SegmentWriter() = default;
SegmentWriter::SegmentWriter(SegmentWriter&&) noexcept = default;
SegmentWriter& SegmentWriter::operator=(SegmentWriter&&) noexcept = default;

std::string SegmentWriter::begin(const std::vector<RingPosition>& checkpoint) {
  std::string out;
  const std::string header = write_segment_header(header_);
  append_part(PartType::header, header, progress_->deflater, out);
  append_part(PartType::header_copy, header, progress_->deflater, out);
  append_part(PartType::checkpoint, write_checkpoint(checkpoint), progress_->deflater, out);
  bytes_ += out.size();
  return out;
}

std::uint32_t SegmentWriter::number_of(const SessionCatalog& session) {
  Progress& p = *progress_;
  const auto [number, is_new] = p.numbers.try_emplace(session.id(), static_cast<std::uint32_t>(p.sessions.size()));
  if (is_new) {
    const auto* descriptor = reinterpret_cast<const char*>(&session.descriptor());
    p.sessions.push_back({session.uid(), std::string(descriptor, kDescriptorBytes), {}});
  }
  return number->second;
}

std::string SegmentWriter::add_block(const EncodedBlock& block) {
  Progress& p = *progress_;
  std::vector<CatalogItem> sessions;
  for (std::size_t i = p.sessions_in_file; i < p.sessions.size(); ++i)
    sessions.push_back({static_cast<std::uint32_t>(i), p.sessions[i].uid, p.sessions[i].descriptor, {}});
  p.sessions_in_file = p.sessions.size();
  const std::size_t known_entries = p.entries.size();
  for (const auto& [index, id] : block.statements) {
    const SessionCatalog& session = *block.sessions[index];
    const std::uint32_t number = number_of(session);
    std::vector<bool>& written = p.sessions[number].written;
    if (id < written.size() && written[id]) continue;
    if (id >= written.size()) written.resize(id + 1);
    written[id] = true;
    // find(): what the builder took had a statement
    const std::uint32_t logger = session.find(id)->logger_id;
    if (const auto raw = session.raw_logger(logger); !raw.empty() && p.sessions[number].loggers.insert(logger).second)
      p.entries.emplace_back(number, raw);
    p.entries.emplace_back(number, session.raw_entry(id));
  }
  std::vector<CatalogItem> entries;
  for (std::size_t i = known_entries; i < p.entries.size(); ++i)
    entries.push_back({p.entries[i].first, 0, {}, p.entries[i].second});

  std::string out;
  if (!sessions.empty() || !entries.empty()) {
    // Twice: until there is a footer, this block and many to come hang on these few bytes.
    append_part(PartType::catalog, write_catalog(sessions, entries), p.deflater, out);
    out += std::string(out);
  }
  BlockSummary summary = block.summary;
  summary.offset = bytes_ + out.size();
  summary.bytes = block.bytes.size();
  out += block.bytes;
  bytes_ += out.size();
  p.footer.records += summary.records;
  p.footer.ranges.add(summary.ranges);
  p.footer.levels = static_cast<std::uint8_t>(p.footer.levels | summary.levels);
  p.footer.blocks.push_back(std::move(summary));
  for (const RingSummary& ring : block.rings) p.rings.add(ring);
  return out;
}

std::string SegmentWriter::finish() {
  Progress& p = *progress_;
  std::vector<CatalogItem> sessions;
  for (std::size_t i = 0; i < p.sessions.size(); ++i)
    sessions.push_back({static_cast<std::uint32_t>(i), p.sessions[i].uid, p.sessions[i].descriptor, {}});
  std::vector<CatalogItem> entries;
  for (const auto& [number, raw] : p.entries) entries.push_back({number, 0, {}, raw});
  p.footer.rings = p.rings.rings();
  std::string out;
  append_part(PartType::footer, write_footer(p.footer, write_catalog(sessions, entries)), p.deflater, out);
  append_end(bytes_, out);
  bytes_ += out.size();
  return out;
}

std::uint64_t SegmentWriter::records() const noexcept { return progress_->footer.records; }

std::uint64_t SegmentWriter::blocks() const noexcept { return progress_->footer.blocks.size(); }

bool SegmentWriter::full() const noexcept {
  return progress_->sessions.size() >= kMaxSegmentSessions / 2 ||
         progress_->rings.rings().size() >= kMaxSegmentRings / 2;
}

}  // namespace lmlog::formats
