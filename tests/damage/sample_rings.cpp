// SPDX-License-Identifier: Apache-2.0
// The rings of the damage tests.
#include "tests/damage/sample_rings.hpp"

#include <utility>

namespace lmlog::damage {

using namespace script;

SampleRings::SampleRings() {
  for (std::uint8_t i = 0; i < 3; ++i) {
    Session session;
    session.script = std::make_unique<SessionScript>(id_of(static_cast<std::uint8_t>(1 + 16 * i)), ClockKind::user_ns,
                                                     i == 2 ? "pricing" : "trading");
    SessionScript& script = *session.script;
    session.tick = script.statement(Level::info, "tick {seq} {side}", {{ArgType::i32, "seq"}, {ArgType::u8, "side"}});
    session.order = script.statement(
        Level::warn, "order {id} of {symbol} at {px}",
        {{ArgType::i64, "id"}, {ArgType::string, "symbol"}, {ArgType::f64, "px"}, {ArgType::u64, "account"}});
    session.text = script.statement(Level::error, "{text}", {{ArgType::string, "text"}});
    session.mark = script.statement(Level::debug, "mark", {});
    session.newest = session.mark;
    sessions_.push_back(std::move(session));
    for (std::uint8_t ring = 0; ring < 2; ++ring)
      rings_.push_back({i, id_of(static_cast<std::uint8_t>(0x80 + 32 * i + 16 * ring)), 0, 1'000'000, {}});
  }
}

std::vector<Stretch> SampleRings::next(std::uint32_t records) {
  if (round_ % 3 == 2) {
    Session& session = sessions_[round_ % sessions_.size()];
    session.newest = session.script->statement(Level::notice, "seen first in round " + std::to_string(round_),
                                               {{ArgType::u16, "round"}}, "later.cpp", round_);
  }
  std::vector<Stretch> out;
  for (Ring& ring : rings_) {
    Stretch stretch{ring.session, RingScript(ring.id, kMinRingBytes, ring.head, ring.state)};
    const Session& session = sessions_[ring.session];
    if (round_ == 0) stretch.ring.thread(ring.time, 4242 + ring.session, 0, "worker");
    for (std::uint32_t i = 0; i < records; ++i) write(stretch.ring, session, ring.time, i);
    ring.head = stretch.ring.head();
    ring.state = stretch.ring.state();
    if (round_ % 4 == 1 && ring.id == rings_[0].id) {
      LossCounts counts = ring.state.losses;
      counts[1] += 7;
      stretch.losses = counts;
      ring.state.losses = counts;
      ring.state.sort_key = std::max(ring.state.sort_key, ring.time);
    }
    out.push_back(std::move(stretch));
  }
  ++round_;
  return out;
}

void SampleRings::write(RingScript& ring, const Session& session, std::uint64_t& time, std::uint32_t number) {
  static constexpr std::string_view kSymbols[] = {"AAPL", "MSFT", "NVDA", "ASML"};
  time += 1000 + random_() % 64;
  switch (number % 8) {
    case 0:
      return ring.record(session.order, time,
                         Arguments()
                             .fixed(static_cast<std::int64_t>(random_()))
                             .fixed(static_cast<double>(random_() % 10'000) / 64)
                             .fixed(std::uint64_t{77})
                             .string(kSymbols[random_() % 4]));
    case 1: {
      std::string text(8 + random_() % 40, ' ');
      for (char& c : text) c = static_cast<char>('!' + random_() % 90);
      return ring.record(session.text, time, Arguments().string(text, random_() % 8 == 0));
    }
    case 2:
      return ring.record(session.mark, time);
    case 3:
      if (session.newest != session.mark)
        return ring.record(session.newest, time, Arguments().fixed(static_cast<std::uint16_t>(round_)));
      [[fallthrough]];
    default:
      return ring.record(session.tick, time,
                         Arguments().fixed(static_cast<std::int32_t>(number)).fixed(std::uint8_t{1}));
  }
}

}  // namespace lmlog::damage
