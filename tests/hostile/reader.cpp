// SPDX-License-Identifier: Apache-2.0
// Sessions that broke the protocol are opened anew at the next round, as by a collector that was started again.
#include "tests/hostile/reader.hpp"

#include <fcntl.h>

#include <sstream>
#include <stdexcept>

#include "collector/attach/opening.hpp"
#include "collector/config/config_keys.hpp"
#include "decoder/read/ring_snapshot.hpp"
#include "tests/hostile/journal_proof.hpp"

namespace lmlog::hostile {

namespace {

// Snapshots copy whole rings: one in so many rounds, or they would be all that is measured.
constexpr std::uint64_t kRoundsPerSnapshot = 64;
// What is collected before it is looked through.
constexpr std::uint64_t kProvenBytes = std::uint64_t{1} << 20;
// A session that nobody broke is opened anew after so many rounds.
constexpr std::uint32_t kRoundsPerOpening = 200;

}  // namespace

PassCounts& PassCounts::operator+=(const PassCounts& other) {
  passes += other.passes;
  opened += other.opened;
  refused += other.refused;
  catalogs += other.catalogs;
  turns += other.turns;
  moved += other.moved;
  quarantined += other.quarantined;
  snapshots += other.snapshots;
  damaged += other.damaged;
  proven += other.proven;
  return *this;
}

std::string PassCounts::json(std::uint64_t seed, double seconds) const {
  std::ostringstream out;
  out << "{\"passes\":" << passes << ",\"seconds\":" << seconds << ",\"seed\":" << seed << ",\"opened\":" << opened
      << ",\"refused\":" << refused << ",\"catalogs\":" << catalogs << ",\"turns\":" << turns << ",\"moved\":" << moved
      << ",\"quarantined\":" << quarantined << ",\"snapshots\":" << snapshots << ",\"damaged\":" << damaged
      << ",\"records_proven\":" << proven << "}";
  return out.str();
}

std::string PassCounts::missing() const {
  const std::pair<const char*, std::uint64_t> kinds[] = {
      {"opened", opened},       {"refused", refused}, {"catalogs", catalogs},
      {"turns", turns},         {"moved", moved},     {"quarantined", quarantined},
      {"snapshots", snapshots}, {"damaged", damaged}, {"proven", proven}};
  for (const auto& [name, count] : kinds) {
    if (count == 0) return name;
  }
  return {};
}

Reader::Reader(const Victims& victims)
    : notices_([](const std::string&) {}),
      config_(collector::default_config()),
      journal_(files_, clock_, collector::ArchiveLayout(victims.folder()), 1, collector::Durability::write),
      answers_(clock_),
      context_{files_, clock_, liveness_, notices_, journal_, answers_},
      drain_(context_,
             [](const auto&) {
               return collector::CatalogLimits{formats::kControlCount, 64 << 20};
             }),
      silence_(::open("/dev/null", O_WRONLY | O_CLOEXEC)) {
  context_.config = config_.get();
  answers_.set_immediate();
  for (const auto& victim : victims.all()) {
    Seen seen{victims.folder(), victim->session->path().substr(victims.folder().size() + 1), {}, {}};
    for (const auto& ring : victim->rings) seen.ring_names.push_back(ring->path().substr(victims.folder().size() + 1));
    seen_.push_back(std::move(seen));
  }
}

void Reader::open(Seen& seen) {
  seen.session.reset();
  seen.rounds = 0;
  ++counts_.passes;
  auto session = collector::open_session(files_, seen.folder, seen.name);
  if (!session) {
    ++counts_.refused;
    return;
  }
  ++counts_.opened;
  seen.session = std::move(session).value();
  ++counts_.passes;
  ++counts_.catalogs;
  if (!drain_.read_catalog(*seen.session)) return;
  for (const auto& name : seen.ring_names) {
    ++counts_.passes;
    auto ring = collector::open_ring(files_, *seen.session, name);
    const bool has_tail = ring && !formats::is_sub_buffered((*ring)->descriptor);
    const auto tail = has_tail ? collector::read_tail(**ring) : formats::Result(formats::TailLine::of(0, 0));
    if (!ring || !tail) {
      ++counts_.refused;
      continue;
    }
    ++counts_.opened;
    (*ring)->position = tail->tail;
    (*ring)->state.index = tail->drained;
    seen.session->rings.push_back(std::move(ring).value());
  }
}

void Reader::drain(Seen& seen) {
  for (const auto& ring : seen.session->rings) {
    ++counts_.passes;
    ++counts_.turns;
    if (drain_.turn(*seen.session, *ring) != collector::Turn::nothing) ++counts_.moved;
  }
  answers_.release(context_.tails);
}

void Reader::take_snapshot(const Seen& seen) {
  decoder::SessionRequest request{seen.folder + "/" + seen.name, {}};
  for (const auto& name : seen.ring_names) request.ring_paths.push_back(seen.folder + "/" + name);
  decoder::Report report(true, silence_);
  const auto store = std::make_shared<decoder::SnapshotStore>(std::size_t{4} << 20);
  (void)decoder::take_snapshot(request, store, report);
  ++counts_.passes;
  ++counts_.snapshots;
  if (report.damaged()) ++counts_.damaged;
}

void Reader::prove_journal() {
  if (const auto flaw = flaw_in_journal(journal_.writer().bytes(), counts_.proven))
    throw std::runtime_error("the drain let through " + *flaw);
  journal_.writer().clear();
  // The next entries go into a journal that knows no session.
  for (auto& seen : seen_) seen.session.reset();
}

void Reader::round() {
  for (auto& seen : seen_) {
    if (seen.session == nullptr || seen.session->is_quarantined() || ++seen.rounds > kRoundsPerOpening) open(seen);
    if (seen.session == nullptr) continue;
    if (!seen.session->is_quarantined()) drain(seen);
    if (seen.session->is_quarantined()) ++counts_.quarantined;
  }
  if (++rounds_ % kRoundsPerSnapshot == 0) take_snapshot(seen_[rounds_ / kRoundsPerSnapshot % seen_.size()]);
  if (journal_.buffered_bytes() >= kProvenBytes) prove_journal();
}

}  // namespace lmlog::hostile
