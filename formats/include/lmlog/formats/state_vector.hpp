// SPDX-License-Identifier: Apache-2.0
// The state vector: what a reader must know before the records of a ring at a position. Parsed, applied record by
// record, and written again. Implements "State vector" and the state records of formats/spec/registry.md.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/record.hpp"
#include "lmlog/formats/record_bodies.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/result.hpp"

namespace lmlog::formats {

inline constexpr std::size_t kMaxOpenSpans = 64;   // deeper nesting keeps the outermost: bounded state
inline constexpr std::size_t kMaxWeights = 65536;  // one for each statement
inline constexpr std::size_t kMaxStateBytes = 4u << 20;

using LossCounts = std::array<std::uint64_t, kLossReasons>;

struct ThreadState {
  std::uint32_t tid = 0;
  std::uint32_t epoch = 0;
  std::string name;
  friend bool operator==(const ThreadState&, const ThreadState&) = default;
};

/// Body of a thread record (kind 2).
[[nodiscard]] inline std::optional<ThreadState> parse_thread(std::span<const std::byte> body) {
  ByteReader in(body);
  ThreadState out;
  out.tid = in.take<std::uint32_t>();
  out.epoch = in.take<std::uint32_t>();
  const auto length = in.take<std::uint32_t>();
  if (length > kMaxThreadName) return std::nullopt;
  out.name = in.text(length);
  if (!in.ok()) return std::nullopt;
  return out;
}

/// Body of a loss record (kind 6): cumulative counts; reasons that are not named keep their value in `counts`, and so
/// does one that would go back.
[[nodiscard]] inline bool parse_losses(std::span<const std::byte> body, LossCounts& counts) {
  ByteReader in(body);
  const auto n = in.take<std::uint32_t>();
  (void)in.take<std::uint32_t>();
  if (!in.ok() || n > kLossReasons) return false;
  LossCounts parsed = counts;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto reason = in.take<std::uint32_t>();
    (void)in.take<std::uint32_t>();
    const auto count = in.take<std::uint64_t>();
    if (!in.ok() || reason >= kLossReasons) return false;
    parsed[reason] = std::max(parsed[reason], count);
  }
  counts = parsed;
  return true;
}

/// The body of a loss record with all counts that are not zero.
inline void write_losses(const LossCounts& counts, ByteWriter& out) {
  out.put(static_cast<std::uint32_t>(std::count_if(counts.begin(), counts.end(), [](auto c) { return c != 0; })));
  out.put(std::uint32_t{0});
  for (std::uint32_t reason = 0; reason < kLossReasons; ++reason) {
    if (counts[reason] == 0) continue;
    out.put(reason);
    out.put(std::uint32_t{0});
    out.put(counts[reason]);
  }
}

struct StateVector {
  ThreadState thread;
  std::uint32_t clock_kind = 0;  // 0: the session's
  std::uint32_t clock_epoch = 0;
  std::string context;                      // body of the last context record; empty: none
  std::vector<std::string> spans;           // bodies of the open span_begin records, outermost first
  std::map<std::uint32_t, double> weights;  // by statement id; absent: 1
  LossCounts losses{};
  std::uint64_t sort_key = 0;
  std::uint64_t index = 0;
  std::vector<std::pair<std::uint16_t, std::string>> carried;  // items of newer versions, in order of tag

  friend bool operator==(const StateVector&, const StateVector&) = default;

  /// Takes the record into the state. False when the body of a state record is malformed: the state is then as before,
  /// but for sort key and index.
  bool apply(const RecordView& record) {
    if (record.id >= kFirstStatementId) ++index;
    bool good = record.id >= kFirstStatementId || body_holds_its_kind(record.id, record.body);
    bool new_epoch = false;
    switch (record.id >= kFirstStatementId || !good ? 0 : record.id) {
      case static_cast<std::uint32_t>(RecordKind::thread):
        thread = *parse_thread(record.body);
        context.clear();
        spans.clear();
        break;
      case static_cast<std::uint32_t>(RecordKind::context):
        // All zero and without values: no context.
        if (std::all_of(record.body.begin(), record.body.begin() + 32, [](std::byte b) { return b == std::byte{}; }))
          context.clear();
        else
          context.assign(reinterpret_cast<const char*>(record.body.data()), record.body.size());
        break;
      case static_cast<std::uint32_t>(RecordKind::clock): {
        ByteReader in(record.body);
        const auto kind = in.take<std::uint32_t>();
        const auto epoch = in.take<std::uint32_t>();
        new_epoch = epoch != clock_epoch;
        clock_kind = kind;
        clock_epoch = epoch;
        break;
      }
      case static_cast<std::uint32_t>(RecordKind::weight): {
        ByteReader in(record.body);
        const auto id = in.take<std::uint32_t>();
        (void)in.take<std::uint32_t>();
        const auto weight = in.take<double>();
        good = weights.size() < kMaxWeights || weights.contains(id);
        if (good && weight == 1) weights.erase(id);
        if (good && weight > 1) weights[id] = weight;
        break;
      }
      case static_cast<std::uint32_t>(RecordKind::loss):
        good = parse_losses(record.body, losses);
        break;
      case static_cast<std::uint32_t>(RecordKind::span_begin):
        if (spans.size() < kMaxOpenSpans)
          spans.emplace_back(reinterpret_cast<const char*>(record.body.data()), record.body.size());
        break;
      case static_cast<std::uint32_t>(RecordKind::span_end): {
        // An end closes its span and every span opened inside it.
        for (std::size_t i = spans.size(); i-- > 0;) {
          if (std::memcmp(spans[i].data() + 16, record.body.data(), 8) != 0) continue;
          spans.resize(i);
          break;
        }
        break;
      }
      default:
        break;
    }
    sort_key = new_epoch ? record.time : std::max(sort_key, record.time);
    return good;
  }

  void write(ByteWriter& out) const {
    const auto item = [&out](StateTag tag, const ByteWriter& payload) {
      put_item(out, static_cast<std::uint16_t>(tag), payload.str_ref());
    };
    if (thread != ThreadState{}) {
      ByteWriter p;
      p.put(thread.tid);
      p.put(thread.epoch);
      p.put(static_cast<std::uint32_t>(thread.name.size()));
      p.text(thread.name);
      item(StateTag::thread, p);
    }
    if (clock_kind != 0) {
      ByteWriter p;
      p.put(clock_kind);
      p.put(clock_epoch);
      item(StateTag::clock, p);
    }
    if (!context.empty()) put_item(out, static_cast<std::uint16_t>(StateTag::context), context);
    if (!spans.empty()) {
      ByteWriter p;
      p.put(static_cast<std::uint32_t>(spans.size()));
      p.put(std::uint32_t{0});
      for (const auto& span : spans) {
        p.put(static_cast<std::uint32_t>(span.size()));
        p.text(span);
      }
      item(StateTag::spans, p);
    }
    if (!weights.empty()) {
      ByteWriter p;
      p.put(static_cast<std::uint32_t>(weights.size()));
      p.put(std::uint32_t{0});
      for (const auto& [id, weight] : weights) {
        p.put(id);
        p.put(std::uint32_t{0});
        p.put(weight);
      }
      item(StateTag::weights, p);
    }
    if (losses != LossCounts{}) {
      ByteWriter p;
      write_losses(losses, p);
      item(StateTag::losses, p);
    }
    if (sort_key != 0) {
      ByteWriter p;
      p.put(sort_key);
      item(StateTag::sort_key, p);
    }
    if (index != 0) {
      ByteWriter p;
      p.put(index);
      item(StateTag::index, p);
    }
    for (const auto& [tag, payload] : carried) put_item(out, tag, payload);
  }

  [[nodiscard]] static Result<StateVector> parse(std::span<const std::byte> bytes) {
    StateVector out;
    if (bytes.size() > kMaxStateBytes) return Error{ErrorCode::too_large, "a state vector is longer than any can be"};
    ByteReader in(bytes);
    std::uint32_t last_tag = 0;
    while (in.ok() && in.left() != 0) {
      const auto tag = in.take<std::uint16_t>();
      (void)in.take<std::uint16_t>();
      const auto length = in.take<std::uint32_t>();
      const auto payload = in.bytes(length);
      (void)in.bytes(round_up_8(length) - length);
      if (!in.ok() || tag <= last_tag) return bad();
      last_tag = tag;
      if (tag >= kFirstSkippableTag) {
        out.carried.emplace_back(tag, std::string(reinterpret_cast<const char*>(payload.data()), payload.size()));
      } else if (!out.parse_item(static_cast<StateTag>(tag), payload)) {
        return bad();
      }
    }
    if (!in.ok()) return bad();
    return out;
  }

 private:
  static Error bad() { return {ErrorCode::damaged, "a state vector is malformed"}; }

  static void put_item(ByteWriter& out, std::uint16_t tag, std::string_view payload) {
    out.put(tag);
    out.put(std::uint16_t{0});
    out.put(static_cast<std::uint32_t>(payload.size()));
    out.text(payload);
    for (std::uint64_t i = payload.size(); i < round_up_8(payload.size()); ++i) out.put(std::uint8_t{0});
  }

  [[nodiscard]] bool parse_item(StateTag tag, std::span<const std::byte> payload) {
    ByteReader in(payload);
    switch (tag) {
      case StateTag::thread: {
        auto parsed = parse_thread(payload);
        if (!parsed) return false;
        thread = *std::move(parsed);
        return true;
      }
      case StateTag::clock:
        clock_kind = in.take<std::uint32_t>();
        clock_epoch = in.take<std::uint32_t>();
        return in.ok() && clock_kind >= 1 && clock_kind <= 4;
      case StateTag::context:
        context.assign(reinterpret_cast<const char*>(payload.data()), payload.size());
        return body_holds_its_kind(static_cast<std::uint32_t>(RecordKind::context), payload);
      case StateTag::spans: {
        const auto n = in.take<std::uint32_t>();
        (void)in.take<std::uint32_t>();
        if (n > kMaxOpenSpans) return false;
        for (std::uint32_t i = 0; i < n && in.ok(); ++i) {
          const auto length = in.take<std::uint32_t>();
          const auto span = in.bytes(length);
          if (!body_holds_its_kind(static_cast<std::uint32_t>(RecordKind::span_begin), span)) return false;
          spans.emplace_back(reinterpret_cast<const char*>(span.data()), span.size());
        }
        return in.ok();
      }
      case StateTag::weights: {
        const auto n = in.take<std::uint32_t>();
        (void)in.take<std::uint32_t>();
        if (n > kMaxWeights || n > in.left() / 16) return false;
        for (std::uint32_t i = 0; i < n; ++i) {
          const auto id = in.take<std::uint32_t>();
          (void)in.take<std::uint32_t>();
          const auto weight = in.take<double>();
          if (!is_weight(weight)) return false;
          weights[id] = weight;
        }
        return in.ok();
      }
      case StateTag::losses:
        return parse_losses(payload, losses);
      case StateTag::sort_key:
        sort_key = in.take<std::uint64_t>();
        return in.ok();
      case StateTag::index:
        index = in.take<std::uint64_t>();
        return in.ok();
    }
    return false;  // a tag below 32768 that this version does not know: must be understood
  }
};

}  // namespace lmlog::formats
