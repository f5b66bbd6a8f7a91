// SPDX-License-Identifier: Apache-2.0
// A segment in memory, written by the real writer from scripts, and what a reader must get from it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "formats/src/part.hpp"
#include "formats/src/summaries.hpp"
#include "lmlog/formats/segment_writer.hpp"
#include "tests/formats/ring_script.hpp"
#include "tests/golden/golden_session.hpp"
#include "tests/golden/shown.hpp"

namespace lmlog::golden {

/// Changes a byte of the header's body, and makes its checks good again.
void rewrite_header(std::string& segment, std::size_t offset_in_body, char value);

class SegmentFile {
 public:
  explicit SegmentFile(BlockOptions options = {});

  script::SessionScript& session(const Id128& id, ClockKind clock = ClockKind::user_ns);
  void anchors(const script::SessionScript& session, std::vector<Anchor> anchors);

  void begin(std::vector<RingPosition> checkpoint);
  void add(script::SessionScript& session, const script::RingScript& ring);
  void add_losses(script::SessionScript& session, const Id128& ring, std::uint64_t data_bytes, std::uint64_t position,
                  std::uint8_t cursor_offset, std::uint64_t time, const StateVector& begin, const LossCounts& counts);
  void end_block();

  [[nodiscard]] std::string bytes(bool closed);

  /// Without the last `lost` blocks. The footer is shown where the file is closed and its footer is good.
  [[nodiscard]] Json content(bool closed, std::size_t lost = 0, bool with_footer = true) const;

  SegmentHeader header;
  std::vector<BlockSummary> blocks;
  std::uint64_t footer_offset = 0;
  std::string version = "1.0";
  std::uint64_t compatible = 0;
  std::uint32_t skipped_parts = 0;
  bool hide_fields = false;  // the arguments of what is added are in columns that no reader of this version decodes

 private:
  [[nodiscard]] TickConverter converter(const script::SessionScript& session) const;

  BlockOptions options_;
  std::vector<std::unique_ptr<script::SessionScript>> sessions_;
  std::map<Id128, std::vector<Anchor>> anchors_;
  std::unique_ptr<SegmentWriter> writer_;
  std::unique_ptr<BlockBuilder> builder_;
  std::vector<RingPosition> checkpoint_;
  std::string bytes_;
  std::string end_;
  Json records_ = Json::array();        // of the block that is being made
  std::vector<Json> block_records_;     // of the blocks that are done
  std::vector<std::uint32_t> numbers_;  // sessions in the order of their numbers
  RingSummaries rings_;
};

}  // namespace lmlog::golden
