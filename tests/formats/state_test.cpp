// SPDX-License-Identifier: Apache-2.0
// State records of a ring that anybody may have written: what is short, out of bounds or no number changes nothing, and
// what is kept of them always fits where it is written again.
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "lmlog/formats/state_vector.hpp"

namespace lmlog::formats {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

bool apply(StateVector& state, RecordKind kind, const std::string& body) {
  return state.apply({.length = 16 + body.size(),
                      .time = state.sort_key,
                      .id = static_cast<std::uint32_t>(kind),
                      .body = bytes_of(body)});
}

template <class... T> std::string body_of(const T&... values) {
  ByteWriter out;
  (out.put(values), ...);
  return out.take();
}

std::string zeros(std::size_t bytes) { return std::string(bytes, '\0'); }

std::string context_of(std::size_t value_bytes) {
  return "trace-id-16-byte" + zeros(12) + body_of(std::uint32_t{1}, std::uint32_t{1}) + "k" +
         body_of(static_cast<std::uint32_t>(value_bytes)) + std::string(value_bytes, 'v');
}

std::string span_of(std::uint64_t number, std::size_t name_bytes) {
  return zeros(16) + body_of(number, std::uint64_t{0}, static_cast<std::uint32_t>(name_bytes)) +
         std::string(name_bytes, 's');
}

std::string weight_of(std::uint32_t id, double weight) { return body_of(id, std::uint32_t{0}, weight); }

std::string losses_of(std::uint32_t reason, std::uint64_t count) {
  return body_of(std::uint32_t{1}, std::uint32_t{0}, reason, std::uint32_t{0}, count);
}

/// One good body of each kind, of the least length that will do.
std::vector<std::pair<RecordKind, std::string>> least_bodies() {
  return {
      {RecordKind::thread, body_of(std::uint32_t{7}, std::uint32_t{1}, std::uint32_t{2}) + "md"},
      {RecordKind::context, context_of(3)},
      {RecordKind::clock, body_of(std::uint32_t{4}, std::uint32_t{1}) + zeros(24)},
      {RecordKind::weight, weight_of(64, 2)},
      {RecordKind::loss, losses_of(3, 9)},
      {RecordKind::span_begin, span_of(1, 4)},
      {RecordKind::span_end, body_of(std::uint64_t{1}, std::uint64_t{0})},
      {RecordKind::backtrace, body_of(std::uint32_t{2}, std::uint32_t{0}) + zeros(16)},
      {RecordKind::sub_buffer, zeros(16) + losses_of(0, 1) + body_of(std::uint32_t{8}, std::uint32_t{0}) + zeros(8)},
  };
}

TEST(State, TakesABodyThatHoldsItsKindAndWhatAnotherVersionAppended) {
  for (const auto& [kind, body] : least_bodies()) {
    StateVector state;
    StateVector longer;
    EXPECT_TRUE(apply(state, kind, body)) << static_cast<std::uint32_t>(kind);
    EXPECT_TRUE(apply(longer, kind, body + zeros(24))) << static_cast<std::uint32_t>(kind);
  }
}

TEST(State, IsNotChangedByABodyThatIsCutAnywhere) {
  for (const auto& [kind, body] : least_bodies()) {
    for (std::size_t bytes = 0; bytes < body.size(); ++bytes) {
      StateVector state;
      EXPECT_FALSE(apply(state, kind, body.substr(0, bytes))) << static_cast<std::uint32_t>(kind) << ' ' << bytes;
      EXPECT_EQ(state, StateVector{});
    }
  }
}

TEST(State, TakesNothingOutOfBounds) {
  const std::string name(65, 'n');
  const std::vector<std::pair<RecordKind, std::string>> bad{
      {RecordKind::thread, body_of(std::uint32_t{7}, std::uint32_t{1}, std::uint32_t{65}) + name},
      {RecordKind::context, context_of(kMaxContextBytes)},
      {RecordKind::context, zeros(28) + body_of(std::uint32_t{65}) + zeros(8 * 65)},
      {RecordKind::clock, body_of(std::uint32_t{5}, std::uint32_t{1}) + zeros(24)},
      {RecordKind::weight, weight_of(64, 0.5)},
      {RecordKind::weight, weight_of(64, std::nan(""))},
      {RecordKind::weight, weight_of(64, std::numeric_limits<double>::infinity())},
      {RecordKind::loss, losses_of(32, 1)},
      {RecordKind::loss, body_of(std::uint32_t{33}, std::uint32_t{0}) + zeros(33 * 16)},
      {RecordKind::span_begin, span_of(1, kMaxSpanBytes)},
      {RecordKind::backtrace, body_of(std::uint32_t{129}, std::uint32_t{0}) + zeros(129 * 8)},
  };
  for (const auto& [kind, body] : bad) {
    StateVector state;
    EXPECT_FALSE(apply(state, kind, body)) << static_cast<std::uint32_t>(kind) << " of " << body.size();
    EXPECT_EQ(state, StateVector{});
  }
}

TEST(State, ThatIsAsFullAsItCanBeFitsWhereItIsWritten) {
  StateVector state;
  EXPECT_TRUE(apply(state, RecordKind::thread,
                    body_of(std::uint32_t{7}, std::uint32_t{1}, std::uint32_t{64}) + std::string(64, 'n')));
  EXPECT_TRUE(apply(state, RecordKind::context, context_of(kMaxContextBytes - 41)));
  for (std::uint64_t i = 0; i < 2 * kMaxOpenSpans; ++i)
    EXPECT_TRUE(apply(state, RecordKind::span_begin, span_of(i, kMaxSpanBytes - 36)));
  for (std::uint32_t id = 0; id < kMaxWeights; ++id) EXPECT_TRUE(apply(state, RecordKind::weight, weight_of(id, 2)));
  EXPECT_FALSE(apply(state, RecordKind::weight, weight_of(kMaxWeights, 2)));
  for (std::uint32_t reason = 0; reason < kLossReasons; ++reason)
    EXPECT_TRUE(apply(state, RecordKind::loss, losses_of(reason, 1)));
  ByteWriter out;
  state.write(out);
  const std::string written = out.take();
  EXPECT_LE(written.size(), kMaxStateBytes);
  const auto again = StateVector::parse(bytes_of(written));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, state);
}

TEST(State, RefusesItemsThatNoRecordCouldHaveMade) {
  const auto refused = [](StateTag tag, const std::string& payload) {
    ByteWriter out;
    out.put(static_cast<std::uint16_t>(tag));
    out.put(std::uint16_t{0});
    out.put(static_cast<std::uint32_t>(payload.size()));
    out.text(payload);
    out.text(zeros(static_cast<std::size_t>(round_up_8(payload.size())) - payload.size()));
    return !StateVector::parse(bytes_of(out.take()));
  };
  const std::string one = body_of(std::uint32_t{1}, std::uint32_t{0});
  const std::string span = span_of(1, 4);
  EXPECT_FALSE(refused(StateTag::weights, one + weight_of(64, 2)));
  EXPECT_TRUE(refused(StateTag::weights, one + weight_of(64, std::nan(""))));
  EXPECT_FALSE(refused(StateTag::spans, one + body_of(static_cast<std::uint32_t>(span.size())) + span));
  EXPECT_TRUE(refused(StateTag::spans, one + body_of(std::uint32_t{3}) + "abc"));
  EXPECT_FALSE(refused(StateTag::context, context_of(3)));
  EXPECT_TRUE(refused(StateTag::context, context_of(3).substr(0, 35)));
}

TEST(State, TakesTheLargestOfCountsThatAreSaidTwice) {
  StateVector state;
  const std::string body = body_of(std::uint32_t{2}, std::uint32_t{0}, std::uint32_t{0}, std::uint32_t{0},
                                   std::uint64_t{9}, std::uint32_t{0}, std::uint32_t{0}, std::uint64_t{4});
  EXPECT_TRUE(apply(state, RecordKind::loss, body));
  EXPECT_EQ(state.losses[0], 9u);
}

}  // namespace
}  // namespace lmlog::formats
