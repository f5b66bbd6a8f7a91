// SPDX-License-Identifier: Apache-2.0
// A ring file in memory: header page and data, from the records of a RingScript.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "lmlog/formats/ring_layout.hpp"
#include "lmlog/formats/sub_buffer.hpp"
#include "tests/formats/ring_script.hpp"
#include "tests/golden/shown.hpp"

namespace lmlog::golden {

struct RingFile {
  script::RingScript ring;
  RingDescriptor descriptor{};
  std::uint64_t tail = 0;
  std::uint64_t drained = 0;
  LossCounts losses{};
  std::uint32_t retired = 0;
  std::uint64_t floor = 0;
  std::uint32_t owner = 1;
  OwnerThread thread{17, 4, "main"};

  RingFile(script::RingScript script, const Id128& session, std::uint32_t number = 0)
      : ring(std::move(script)), tail(ring.from()) {
    descriptor = {kRingMagic,
                  kMajorVersion,
                  kMinorVersion,
                  kRingDataOffset,
                  0,
                  0,
                  ring.id(),
                  session,
                  ring.data_bytes(),
                  number,
                  static_cast<std::uint32_t>(RingPolicy::drop),
                  0};
  }

  [[nodiscard]] std::size_t offset_of(std::uint64_t position) const {
    return static_cast<std::size_t>(descriptor.data_offset + position % descriptor.data_bytes);
  }

  [[nodiscard]] std::string bytes() const {
    std::string out(static_cast<std::size_t>(descriptor.data_offset + descriptor.data_bytes), '\0');
    const auto put = [&out](std::size_t at, const auto& value) { std::memcpy(out.data() + at, &value, sizeof(value)); };
    put(0, descriptor);
    put(kHeadOffset, ring.head());
    put(kTailOffset, TailLine::of(tail, drained));
    put(kRingRetiredOffset, retired);
    put(kRingLossesOffset, losses);
    put(kFloorOffset, floor);
    put(kOwnerOffset, owner);
    put(kOwnerThreadOffset, thread);
    const auto data = ring.bytes();
    for (std::size_t i = 0; i < data.size(); ++i)
      out[offset_of(ring.from() + i)] = static_cast<char>(std::to_integer<unsigned char>(data[i]));
    return out;
  }

  /// `end`: where a reader must stop; the records from `start` on are shown. `begin`: the state there.
  [[nodiscard]] Json content(const SessionCatalog& session, const TickConverter& converter, std::uint64_t start,
                             std::uint64_t end, const StateVector& begin) const {
    constexpr std::string_view kPolicies[] = {"", "drop", "block", "overwrite"};
    const Json header = Json::object()
                            .add("version", std::to_string(descriptor.major) + "." + std::to_string(descriptor.minor))
                            .add("compatible", descriptor.compatible)
                            .add("data_offset", descriptor.data_offset)
                            .add("ring", descriptor.ring_id.hex())
                            .add("session", descriptor.session_id.hex())
                            .add("data_bytes", descriptor.data_bytes)
                            .add("number", descriptor.number)
                            .add("policy", kPolicies[descriptor.policy])
                            .add("sub_buffer_bytes", descriptor.sub_buffer_bytes)
                            .add("head", ring.head())
                            .add("tail", tail)
                            .add("drained", drained)
                            .add("retired", retired)
                            .add("floor", floor)
                            .add("owner", owner)
                            .add("owner_tid", thread.tid)
                            .add("owner_name", std::string_view(thread.name, thread.name_length))
                            .add("losses", shown_counts(losses));
    ShownRecords shown_records(session, converter, begin);
    Json records = Json::array();
    for (const auto& r : ring.written()) {
      if (r.position >= start && r.position < end)
        records.add(shown_records.record(r.position, r.length, r.time, r.id, r.arguments));
    }
    Json content = Json::object();
    content.add("header", header);
    if (floor != 0) content.add("lost_at_start", overwritten(start, begin));
    content.add("records", records).add("lost_at_head", lost(shown_records.state()));
    return content.add("state_at_head", shown(shown_records.state()));
  }

 private:
  /// What a reader that begins at `start` never saw.
  [[nodiscard]] Json overwritten(std::uint64_t start, const StateVector& begin) const {
    const LossList list{{static_cast<std::uint32_t>(LossReason::overwritten), begin.index}};
    const std::string cursor = descriptor.ring_id.hex() + ":" + std::to_string(start + kJumpCursor);
    return Json::object().add("cursor", cursor).add("lost", shown_by_name(list));
  }

  /// What the counters of the header are ahead of the last loss record.
  [[nodiscard]] Json lost(const StateVector& state) const {
    LossList list;
    for (std::uint32_t i = 0; i < losses.size(); ++i) {
      if (losses[i] > state.losses[i]) list.emplace_back(i, losses[i] - state.losses[i]);
    }
    if (list.empty()) return {};
    const std::string cursor = descriptor.ring_id.hex() + ":" + std::to_string(ring.head() + 2);
    return Json::object().add("cursor", cursor).add("lost", shown_by_name(list));
  }
};

}  // namespace lmlog::golden
