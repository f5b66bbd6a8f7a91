// SPDX-License-Identifier: Apache-2.0
// Policy overwrite: the producer waits for nobody, and a reader copies what is written over meanwhile. Of two
// sub-buffers here, the fewest that there can be. What lies above the floor of afterwards is whole; a reader that was
// overtaken finds a head there that tells how much it missed.
#include "tests/model/model_ring.hpp"
#include "tests/model/simulate.hpp"

namespace lmlog::model {

namespace {

constexpr std::uint64_t kBytes = 16;
constexpr std::uint64_t kRecords = 5;
constexpr auto kHeadKind = static_cast<std::uint32_t>(formats::RecordKind::sub_buffer);

struct Overwrite : rl::test_suite<Overwrite, 2> {
  using File = RingFile<SharedWords<64>>;
  File file;
  detail::SubBufferRoom room{File::kBytes, File::kBytes / 2};
  std::uint64_t position = 0;  // of the producer
  std::uint64_t reached = 0;   // by the reader
  std::uint64_t seen = 0;
  std::uint64_t overwritten = 0;

  void before() { file.make(); }

  /// FlightRecorder::place() and a log call.
  void log(std::uint64_t n) {
    if (!room.stays(position, kBytes)) {
      if (const std::uint64_t left = room.left(position); left != room.sub_buffer_bytes()) {
        file.write(position, static_cast<std::uint32_t>(formats::RecordKind::pad), left, 0);
        position += left;
      }
      formats::move_floor<RelacyAtomics>(file.floor, room.floor(position));
      file.write(position, kHeadKind, kBytes, n);  // its index: of records before
      position += kBytes;
    }
    file.write(position, kStatement, kBytes, n);
    position += kBytes;
    formats::publish_head<RelacyAtomics>(file.head, position);
  }

  /// RingDrain::read_over().
  void read() {
    const auto load_floor = [this] { return RelacyAtomics::load_relaxed(file.floor); };
    const std::uint64_t floor = formats::read_floor<RelacyAtomics>(load_floor);
    const std::uint64_t head =
        formats::read_head<RelacyAtomics>([this] { return RelacyAtomics::load_relaxed(file.head); });
    const std::uint64_t from = std::max(reached, floor);
    RL_ASSERT(from <= head);  // else an honest producer is put into quarantine
    if (head == from || head - from > File::kBytes) return;
    const auto copy = file.copy(from, head);
    const std::uint64_t again = formats::read_floor_again<RelacyAtomics>(load_floor);
    const std::uint64_t whole = formats::whole_from(from, again, head);
    if (whole == head) return;
    bool jumped = whole != reached;
    walk(file, copy.from(whole - from), whole, [&](const formats::RecordView& record) {
      if (record.id == kHeadKind) {
        if (jumped) overwritten += record.time - (seen + overwritten);
        jumped = false;
        RL_ASSERT(record.time == seen + overwritten);
      } else {
        RL_ASSERT(!jumped && record.time == seen + overwritten);
        ++seen;
      }
    });
    reached = head;
  }

  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint64_t n = 0; n < kRecords; ++n) log(n);
    } else {
      read();
      read();
    }
  }

  void after() {
    read();
    RL_ASSERT(seen + overwritten == kRecords);
  }
};

constexpr Step kSteps[] = {Step::publish_head, Step::head_read, Step::floor_before_data, Step::floor_read,
                           Step::floor_read_again};

}  // namespace

const Scenario kOverwrite{
    "overwrite", "what lies above the floor is whole, the rest is counted", &simulate<Overwrite>, 100'000, 2, kSteps};

}  // namespace lmlog::model
