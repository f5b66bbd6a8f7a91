// SPDX-License-Identifier: Apache-2.0
// Session, catalog and ring of anybody through the collector's reading code, with words that change between its turns:
// whatever it takes into the journal is whole. Input: session_parts.hpp.
#include "collector/attach/opening.hpp"
#include "collector/config/config_keys.hpp"
#include "collector/drain/loss_reports.hpp"
#include "collector/drain/ring_drain.hpp"
#include "collector/host/lock_liveness.hpp"
#include "lmlog/formats/file_names.hpp"
#include "tests/damage/stopped_clock.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "tests/fuzz/memory_files.hpp"
#include "tests/fuzz/session_parts.hpp"
#include "tests/hostile/journal_proof.hpp"

using namespace lmlog;
using fuzz::expect;

namespace {

// What a header may claim is more than what is there: files this short keep the fuzzer quick.
constexpr std::size_t kSessionBytes = 96 << 10;
constexpr std::size_t kRingBytes = formats::kHeaderBytes + formats::kMinRingBytes;

void put(std::string& file, std::uint64_t offset, const void* bytes, std::size_t count) {
  if (offset > file.size() || count > file.size() - offset) return;
  std::memcpy(file.data() + offset, bytes, count);
}

std::string session_file(const fuzz::SessionParts& parts) {
  std::string file(kSessionBytes, '\0');
  put(file, 0, &parts.session, sizeof(parts.session));
  const std::uint64_t head = parts.catalog.size();
  put(file, formats::kCatalogHeadOffset, &head, sizeof(head));
  put(file, parts.session.catalog_offset, parts.catalog.data(), parts.catalog.size());
  return file;
}

std::string ring_file(const fuzz::SessionParts& parts) {
  std::string file(kRingBytes, '\0');
  put(file, 0, &parts.ring, sizeof(parts.ring));
  const auto tail = formats::TailLine::of(parts.words.tail, 0);
  put(file, formats::kHeadOffset, &parts.words.head, sizeof(parts.words.head));
  put(file, formats::kTailOffset, &tail, sizeof(tail));
  put(file, formats::kFloorOffset, &parts.words.floor, sizeof(parts.words.floor));
  const std::uint64_t begin = parts.ring.sub_buffer_bytes != 0 ? parts.words.floor : parts.words.tail;
  for (std::size_t i = 0; i < std::min<std::size_t>(parts.records.size(), formats::kMinRingBytes); ++i)
    file[static_cast<std::size_t>(formats::kHeaderBytes + (begin + i) % formats::kMinRingBytes)] = parts.records[i];
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::SessionParts parts;
  const std::string input = fuzz::as_string(data, size);
  if (!parts.take_apart(input)) return 0;
  fuzz::MemoryFiles files;
  const std::string session_name = formats::session_file_name("svc", 1, parts.session.session_id);
  const std::string ring_name = formats::ring_file_name(parts.session.session_id, parts.ring.number);
  files.put("/r/" + session_name, session_file(parts));
  files.put("/r/" + ring_name, ring_file(parts));

  const damage::StoppedClock clock;
  const collector::LockLiveness liveness;
  collector::Notices notices([](const std::string&) {});
  collector::Journal journal(files, clock, collector::ArchiveLayout("/a"), 1, collector::Durability::write);
  collector::Answers answers(clock);
  answers.set_immediate();
  collector::DrainContext context{files, clock, liveness, notices, journal, answers};
  context.config = std::make_shared<const collector::Config>(collector::default_config());
  collector::RingDrain drain(context, [](const auto&) { return collector::CatalogLimits{1000, 32 << 10}; });

  auto session = collector::open_session(files, "/r", session_name);
  if (!session) return 0;
  (void)drain.read_catalog(**session);
  auto ring = collector::open_ring(files, **session, ring_name);
  if (!ring) return 0;
  if (!formats::is_sub_buffered((*ring)->descriptor)) {
    const auto tail = collector::read_tail(**ring);
    if (!tail) return 0;
    (*ring)->position = tail->tail;
  }
  std::uint64_t reached = (*ring)->position;
  for (std::size_t turn = 0;; ++turn) {
    (void)drain.turn(**session, **ring);
    expect((*ring)->position >= reached, "a ring is read forward");
    reached = (*ring)->position;
    answers.release(context.tails);
    if (turn >= parts.patches.size()) break;
    const fuzz::Patch& patch = parts.patches[turn];
    put(*files.contents["/r/" + (patch.in_session != 0 ? session_name : ring_name)], patch.offset, &patch.value,
        sizeof(patch.value));
  }
  collector::report_ring_losses(context, **session, **ring, true);
  collector::report_session_losses(context, **session);
  std::uint64_t records = 0;
  const auto flaw = hostile::flaw_in_journal(journal.writer().bytes(), records);
  if (flaw) std::fprintf(stderr, "%s\n", flaw->c_str());
  expect(!flaw, "what is in the journal is whole");
  expect(records == context.totals.stored, "records are counted as they are stored");
  return 0;
}
