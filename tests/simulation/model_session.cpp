// SPDX-License-Identifier: Apache-2.0
// What a process does next is drawn anew at each move; what it did is in its rings' memory.
#include "tests/simulation/model_session.hpp"

#include <span>
#include <utility>

#include <lmlog/formats/file_names.hpp>

#include "tests/collector/support/hand_made_session.hpp"

namespace lmlog::collector::simulation {

using formats::ArgType;
using testing::Body;

namespace {

constexpr std::size_t kMaxRings = 3;
constexpr std::size_t kMaxStatements = 6;
// A catalog small enough that a simulated file is small.
constexpr std::uint64_t kControlWords = 64;
constexpr std::uint64_t kCatalogBytes = 16 << 10;

formats::SessionDescriptor describe(const ProcessShape& shape, const formats::Id128& id, const SimulatedClock& clock) {
  auto d = testing::session_descriptor({shape.service, shape.clock, shape.ring_bytes, shape.pid, shape.policy}, id);
  d.control_count = kControlWords;
  d.catalog_offset = d.control_offset + 8 * kControlWords;
  d.catalog_bytes = kCatalogBytes;
  d.file_bytes = d.catalog_offset + d.catalog_bytes;
  const auto anchor = clock.anchor();
  d.start_realtime_ns = anchor.realtime_ns;
  d.start_monotonic_raw_ns = anchor.monotonic_raw_ns;
  d.start_tsc = shape.clock == formats::ClockKind::tsc ? anchor.tsc : 0;
  d.tsc_hz = clock.tsc_hz();
  d.boot_id = clock.boot_id();
  return d;
}

}  // namespace

ModelSession::ModelSession(Disk& disk, Random& random, const SimulatedClock& clock, const std::string& folder,
                           const ProcessShape& shape)
    : disk_(disk),
      random_(random),
      clock_(clock),
      folder_(folder),
      shape_(shape),
      descriptor_(describe(shape, random.id(), clock)),
      name_(folder + "/" + formats::session_file_name(shape.service, shape.pid, descriptor_.session_id)) {
  node_ = disk.make(name_ + std::string(formats::kTemporarySuffix), false, true);
  node_->uid = shape.uid;
  node_->modified_ns = clock.realtime_ns();
  node_->resize(descriptor_.file_bytes);
  store(0, descriptor_);
  store(formats::kSessionStateOffset, static_cast<std::uint32_t>(formats::SessionState::open));
  add_statement();
}

void ModelSession::appear() {
  disk_.rename(name_ + std::string(formats::kTemporarySuffix), name_);
  has_appeared_ = true;
}

void ModelSession::add_statement() {
  const auto number = static_cast<std::uint32_t>(statements_.size());
  const std::uint32_t arguments = 1 + number % 3;
  const std::vector<ArgType> types{ArgType::i64, ArgType::string, ArgType::u32};
  const std::string format = "statement " + std::to_string(number) + " {a} {b} {c}";
  const auto entry = testing::statement_entry(formats::kFirstStatementId + number, format.substr(0, 11 + 4 * arguments),
                                              {types.begin(), types.begin() + arguments});
  node_->write(descriptor_.catalog_offset + catalog_head_, entry);
  catalog_head_ += entry.size();
  store(formats::kCatalogHeadOffset, catalog_head_);
  statements_.push_back(arguments);
}

void ModelSession::add_ring() {
  const auto number = static_cast<std::uint32_t>(rings.size());
  formats::RingDescriptor d{};
  d.magic = formats::kRingMagic;
  d.major = formats::kMajorVersion;
  d.data_offset = formats::kRingDataOffset;
  d.ring_id = random_.id();
  d.session_id = descriptor_.session_id;
  d.data_bytes = shape_.ring_bytes;
  d.number = number;
  d.policy = static_cast<std::uint32_t>(shape_.policy);
  if (shape_.policy == formats::RingPolicy::overwrite) d.sub_buffer_bytes = shape_.ring_bytes / 8;
  const auto node = disk_.make(folder_ + "/" + formats::ring_file_name(descriptor_.session_id, number), false, true);
  node->uid = shape_.uid;
  rings.push_back(std::make_unique<ModelRing>(node, descriptor_, d, clock_, shape_.block_timeout_ns));
  waiting_.emplace_back();
}

std::string ModelSession::random_text(std::uint64_t length) {
  // From a long text of words: compressible, and no two alike.
  static const std::string text = [] {
    Random random(1);
    std::string out;
    while (out.size() < 200'000) out += "w" + std::to_string(random.below(1000)) + " ";
    return out;
  }();
  return text.substr(static_cast<std::size_t>(random_.below(text.size() - length)), static_cast<std::size_t>(length));
}

LogCall ModelSession::next_call(ModelRing& ring) {
  const auto index = random_.below(statements_.size());
  LogCall out;
  out.statement = formats::kFirstStatementId + static_cast<std::uint32_t>(index);
  Body body;
  const std::uint32_t number = ring.next_number++;
  body.fixed(std::int64_t{number});
  out.arguments.push_back(std::to_string(number));
  if (statements_[index] > 1) {
    // Mostly short; once in a while too long for any ring.
    const std::uint64_t longest = random_.one_in(200) ? shape_.ring_bytes / 2 : shape_.payload_bytes;
    auto text = random_text(random_.below(random_.one_in(3) ? longest : 40));
    const std::uint64_t third = random_.below(1'000'000);
    if (statements_[index] > 2) body.fixed(static_cast<std::uint32_t>(third));
    body.text(text);
    out.arguments.push_back(std::move(text));
    if (statements_[index] > 2) out.arguments.push_back(std::to_string(third));
  }
  out.body = body.bytes();
  if (shape_.clock == formats::ClockKind::user_ns) out.time = 1'000'000'000 + random_.below(std::uint64_t{1} << 61);
  return out;
}

bool ModelSession::move() {
  if (!is_writing()) return false;
  if (!has_appeared_) {
    appear();
    return true;
  }
  if (rings.empty() || (rings.size() < kMaxRings && random_.one_in(40))) {
    add_ring();
    return true;
  }
  if (statements_.size() < kMaxStatements && random_.one_in(20)) add_statement();
  if (random_.one_in(30)) {
    losses[static_cast<std::size_t>(formats::LossReason::no_ring)] += 1;
    store(formats::kSessionLossesOffset + 8 * static_cast<std::size_t>(formats::LossReason::no_ring),
          losses[static_cast<std::size_t>(formats::LossReason::no_ring)]);
  }
  const auto index = static_cast<std::size_t>(random_.below(rings.size()));
  ModelRing& ring = *rings[index];
  auto& waiting = waiting_[index];
  if (!waiting && random_.one_in(25)) {
    ring.hand_over();
    return false;
  }
  for (std::uint64_t n = 1 + random_.below(8); n != 0; --n) {
    if (!waiting) waiting = next_call(ring);
    if (ring.log(*waiting) == ModelRing::Outcome::waits) break;
    waiting.reset();
  }
  return false;
}

void ModelSession::die() {
  if (!rings.empty() && random_.one_in(2)) {
    ModelRing& ring = **(rings.begin() + static_cast<std::ptrdiff_t>(random_.below(rings.size())));
    ring.tear(next_call(ring));
  }
  is_alive_ = false;
}

void ModelSession::close() {
  for (const auto& ring : rings) ring->set_free();
  store(formats::kSessionStateOffset, static_cast<std::uint32_t>(formats::SessionState::closed));
  is_closed_ = true;
}

}  // namespace lmlog::collector::simulation
