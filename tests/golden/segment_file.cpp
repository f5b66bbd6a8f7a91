// SPDX-License-Identifier: Apache-2.0
// Writes a segment and shows it.
#include "tests/golden/segment_file.hpp"

#include <cstring>
#include <utility>

#include "formats/src/checksum.hpp"

namespace lmlog::golden {

using namespace script;

void rewrite_header(std::string& segment, std::size_t offset_in_body, char value) {
  PartHeader header;
  std::memcpy(&header, segment.data(), sizeof(header));
  segment[sizeof(header) + offset_in_body] = value;
  const auto stored = std::as_bytes(std::span(segment.data(), segment.size()))
                          .subspan(sizeof(header), static_cast<std::size_t>(stored_body_bytes(header)));
  header.body_check = checksum(stored);
  header.header_check = checksum(bytes_of(header, offsetof(PartHeader, header_check)));
  std::memcpy(segment.data(), &header, sizeof(header));
}

SegmentFile::SegmentFile(BlockOptions options)
    : header{id_of(0xD0),           1000, 42, 1'795'000'000'500'000'000, Tier::hot, "golden", "host-1",
             "lmlog-collector 1.0", {}},
      options_(options) {}

SessionScript& SegmentFile::session(const Id128& id, ClockKind clock) {
  sessions_.push_back(std::make_unique<SessionScript>(id, clock));
  shrink(*sessions_.back(), 8, 1024);
  return *sessions_.back();
}

void SegmentFile::anchors(const SessionScript& session, std::vector<Anchor> anchors) {
  anchors_[session.descriptor().session_id] = std::move(anchors);
}

void SegmentFile::begin(std::vector<RingPosition> checkpoint) {
  writer_ = std::make_unique<SegmentWriter>(header);
  builder_ = std::make_unique<BlockBuilder>(options_);
  checkpoint_ = std::move(checkpoint);
  bytes_ = writer_->begin(checkpoint_);
}

void SegmentFile::add(SessionScript& session, const RingScript& ring) {
  builder_->add_range(session.catalog(), ring.id(), ring.data_bytes(), ring.from(), ring.bytes(), ring.records(),
                      ring.begin_state(), ring.state());
  ShownRecords shown_records(session.catalog(), converter(session), ring.begin_state());
  for (const WrittenRecord& r : ring.written())
    records_.add(shown_records.record(r.position, r.length, r.time, r.id, r.arguments, !hide_fields));
}

void SegmentFile::add_losses(SessionScript& session, const Id128& ring, std::uint64_t data_bytes,
                             std::uint64_t position, std::uint8_t cursor_offset, std::uint64_t time,
                             const StateVector& begin, const LossCounts& counts) {
  builder_->add_losses(session.catalog(), ring, data_bytes, position, cursor_offset, time, begin, counts);
  ShownRecords shown_records(session.catalog(), converter(session), begin);
  records_.add(shown_records.losses(position + cursor_offset, time, counts));
}

void SegmentFile::end_block() {
  const EncodedBlock block = builder_->finish(
      header.created_ns + 1'000'000, [this](const SessionCatalog& session) { return anchors_[session.id()]; },
      [this](const SessionCatalog& session) {
        const std::uint32_t number = writer_->number_of(session);
        if (number == numbers_.size()) {
          for (std::uint32_t i = 0; i < sessions_.size(); ++i) {
            if (sessions_[i]->descriptor().session_id == session.id()) numbers_.push_back(i);
          }
        }
        return number;
      });
  bytes_ += writer_->add_block(block);
  BlockSummary summary = block.summary;
  summary.bytes = block.bytes.size();
  summary.offset = bytes_.size() - summary.bytes;
  blocks.push_back(std::move(summary));
  for (const RingSummary& ring : block.rings) rings_.add(ring);
  block_records_.push_back(std::exchange(records_, Json::array()));
}

std::string SegmentFile::bytes(bool closed) {
  if (!closed) return bytes_;
  footer_offset = bytes_.size();
  if (end_.empty()) end_ = writer_->finish();
  return bytes_ + end_;
}

Json SegmentFile::content(bool closed, std::size_t lost, bool with_footer) const {
  constexpr std::string_view kTiers[] = {"hot", "warm", "cold"};
  Json replaces = Json::array();
  for (const Id128& id : header.replaces) replaces.add(id.hex());
  Json head = Json::object();
  head.add("version", version).add("compatible", compatible).add("segment", header.id.hex()).add("uid", header.uid);
  head.add("sequence", header.sequence).add("created_ns", header.created_ns);
  head.add("tier", kTiers[static_cast<std::size_t>(header.tier)]).add("service", header.service);
  head.add("host", header.host).add("writer", header.writer).add("replaces", replaces);

  Json checkpoint = Json::array();
  for (const RingPosition& ring : checkpoint_) {
    checkpoint.add(Json::object()
                       .add("session", ring.session.hex())
                       .add("ring", ring.ring.hex())
                       .add("data_bytes", ring.data_bytes)
                       .add("position", ring.position)
                       .add("state", shown(ring.state)));
  }
  Json sessions = Json::array();
  for (std::uint32_t number = 0; number < numbers_.size(); ++number) {
    SessionScript& session = *sessions_[numbers_[number]];
    sessions.add(Json::object()
                     .add("number", number)
                     .add("uid", header.uid)
                     .add("descriptor", shown(session.descriptor()))
                     .add("catalog", Json::object().add("statements", shown_statements(session.catalog()))));
  }
  Json shown_blocks = Json::array();
  for (std::size_t i = 0; i + lost < blocks.size(); ++i) {
    shown_blocks.add(Json::object()
                         .add("offset", blocks[i].offset)
                         .add("length", blocks[i].bytes)
                         .add("index", shown(blocks[i].ranges))
                         .add("level_mask", blocks[i].levels)
                         .add("received_ns", header.created_ns + 1'000'000)
                         .add("records", block_records_[i]));
  }
  Json out = Json::object();
  out.add("header", head).add("closed", closed).add("checkpoints", Json::array().add(checkpoint));
  out.add("sessions", sessions).add("blocks", shown_blocks).add("skipped_parts", skipped_parts);
  if (!closed || !with_footer) return out.add("footer", Json());

  std::uint64_t records = 0;
  TimeRanges ranges;
  std::uint8_t levels = 0;
  Json listed = Json::array();
  for (const BlockSummary& block : blocks) {
    records += block.records;
    ranges.add(block.ranges);
    levels = static_cast<std::uint8_t>(levels | block.levels);
    Json sites = Json::object();
    for (const auto& [hash, count] : block.sites) sites.add(hex64(hash), count);
    listed.add(Json::object()
                   .add("offset", block.offset)
                   .add("bytes", block.bytes)
                   .add("records", block.records)
                   .add("index", shown(block.ranges))
                   .add("level_mask", block.levels)
                   .add("sites", sites));
  }
  Json rings = Json::array();
  for (const RingSummary& ring : rings_.rings()) {
    rings.add(Json::object()
                  .add("session", ring.session.hex())
                  .add("ring", ring.ring.hex())
                  .add("data_bytes", ring.data_bytes)
                  .add("from", ring.from)
                  .add("to", ring.to)
                  .add("records", ring.records)
                  .add("lost", shown_by_name(ring.losses))
                  .add("state", shown(ring.end_state)));
  }
  return out.add("footer", Json::object()
                               .add("records", records)
                               .add("block_count", blocks.size())
                               .add("index", shown(blocks.empty() ? TimeRanges{0, 0, 0, 0} : ranges))
                               .add("level_mask", levels)
                               .add("blocks", listed)
                               .add("rings", rings));
}

TickConverter SegmentFile::converter(const SessionScript& session) const {
  const auto known = anchors_.find(session.descriptor().session_id);
  return TickConverter(known == anchors_.end() ? std::vector<Anchor>{} : known->second, session.descriptor().tsc_hz);
}

}  // namespace lmlog::golden
