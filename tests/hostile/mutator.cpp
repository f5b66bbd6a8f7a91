// SPDX-License-Identifier: Apache-2.0
// Deeds are weighted so that most passes of a reader get as far as records, and each check that they come to fails now
// and then.
#include "tests/hostile/mutator.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>

#include <lmlog/formats/record.hpp>
#include <lmlog/formats/registry.hpp>

namespace lmlog::hostile {

namespace {

constexpr std::uint32_t kPad = static_cast<std::uint32_t>(formats::RecordKind::pad);

/// What the mapping holds before, a reader may see before: as a producer's release store.
void publish(MappedFile& file, std::size_t offset, std::uint64_t value) {
  std::atomic_thread_fence(std::memory_order_release);
  file.store(offset, value);
}

std::uint64_t load(MappedFile& file, std::size_t offset) {
  std::uint64_t value;
  std::memcpy(&value, file.at(offset), sizeof(value));
  return value;
}

}  // namespace

Mutator::Mutator(Victims& victims, std::uint64_t seed) : victims_(victims), random_(seed) {}

std::uint64_t Mutator::interesting_value(std::uint64_t near) {
  constexpr std::array<std::uint64_t, 16> kEdges{
      0,       1,          7,          8,          16,    4096,  65536,         1 << 20,
      1 << 30, 1ULL << 32, 1ULL << 48, 1ULL << 63, ~0ULL, ~7ULL, 0x7FFFFFFFULL, 0xFFFFFFF8ULL};
  switch (below(6)) {
    case 0:
      return kEdges[below(kEdges.size())];
    case 1:
      return near + 8 * below(16);
    case 2:
      return near - 8 * below(16);
    case 3:
      return near + 65536;
    case 4:
      return near ^ (1ULL << below(64));
    default:
      return random_();
  }
}

void Mutator::put_record(Victim& victim, std::size_t ring, std::uint64_t& head, std::uint32_t id,
                         std::uint64_t length) {
  const formats::RecordHeader header{random_() >> 8, formats::stamp_of(head), formats::pack_id_and_length(id, length)};
  std::byte* const at = victim.rings[ring]->at(formats::kRingDataOffset + head % victim.ring_descriptor.data_bytes);
  std::memcpy(at, &header, sizeof(header));
  const std::uint32_t text_bytes = static_cast<std::uint32_t>(length) - 24;
  if (id != kPad && length >= 24) std::memcpy(at + 20, &text_bytes, sizeof(text_bytes));
  head += length;
}

void Mutator::log_well(Victim& victim, std::size_t ring) {
  MappedFile& file = *victim.rings[ring];
  const std::uint64_t unit = victim.ring_descriptor.sub_buffer_bytes != 0 ? victim.ring_descriptor.sub_buffer_bytes
                                                                          : victim.ring_descriptor.data_bytes;
  std::uint64_t head = load(file, formats::kHeadOffset);
  if (head % 8 != 0) return victim.make_good();
  for (std::uint64_t n = 1 + below(8); n > 0; --n) {
    const std::uint64_t length = 24 + 8 * below(8);
    const std::uint64_t room = unit - head % unit;
    if (victim.ring_descriptor.sub_buffer_bytes != 0 && room < length + 8) return victim.make_good();
    if (room < length && room > 8) put_record(victim, ring, head, kPad, room);
    if (room == 8) head += 8;
    put_record(victim, ring, head, formats::kFirstStatementId + static_cast<std::uint32_t>(below(kStatements)), length);
  }
  publish(file, formats::kHeadOffset, head);
}

void Mutator::spoil_a_record(Victim& victim, std::size_t ring) {
  MappedFile& file = *victim.rings[ring];
  const std::uint64_t head = load(file, formats::kHeadOffset);
  const std::uint64_t data_bytes = victim.ring_descriptor.data_bytes;
  log_well(victim, ring);
  const std::uint64_t at = formats::kRingDataOffset + (head & ~7ULL) % data_bytes;
  if (at + formats::kExtendedHeaderBytes > file.bytes()) return;
  switch (below(5)) {
    case 0:  // a stale or wrong stamp
      return file.store(at + 8, static_cast<std::uint32_t>(interesting_value(formats::stamp_of(head))));
    case 1:  // a length of zero (extended), or too long
      return file.store(at + 12, static_cast<std::uint32_t>(random_()));
    case 2: {  // an extended record whose length is huge, zero or odd
      file.store(at + 12, static_cast<std::uint32_t>(formats::kFirstStatementId));
      return file.store(at + 16, interesting_value(32768));
    }
    case 3:  // a string that is longer than its record
      return file.store(at + 20, static_cast<std::uint32_t>(interesting_value(64)));
    default:  // pads that lead in a circle: each claims the rest of the ring, or nothing
      return file.store(at + 12, formats::pack_id_and_length(kPad, 8 * below(4096)));
  }
}

void Mutator::spoil_a_word(Victim& victim, std::size_t ring) {
  constexpr std::array<std::size_t, 8> kRingWords{
      formats::kHeadOffset,  formats::kHeadOffset,       formats::kTailOffset,  formats::kTailOffset + 16,
      formats::kFloorOffset, formats::kRingLossesOffset, formats::kOwnerOffset, formats::kRingRetiredOffset};
  constexpr std::array<std::size_t, 5> kSessionWords{formats::kCatalogHeadOffset, formats::kCatalogHeadOffset,
                                                     formats::kSessionStateOffset, formats::kSessionLossesOffset,
                                                     formats::kSessionRetiredOffset};
  const bool in_ring = below(4) != 0;
  MappedFile& file = in_ring ? *victim.rings[ring] : *victim.session;
  std::size_t offset = in_ring ? kRingWords[below(kRingWords.size())] : kSessionWords[below(kSessionWords.size())];
  if (below(8) == 0) offset = 8 * below(45);  // of the static part
  const std::uint64_t value = interesting_value(load(file, offset));
  file.store(offset, value);
  if (offset == formats::kTailOffset && below(2) == 0) file.store(offset + 8, ~value);  // a lie that is well told
}

void Mutator::spoil_the_catalog(Victim& victim) {
  if (below(2) == 0)
    return publish(*victim.session, formats::kCatalogHeadOffset, victim.catalog_ends[below(kStatements)]);
  const std::uint64_t end = victim.catalog_ends.back();
  victim.session->store(kCatalogAt + 4 * below(end / 4), static_cast<std::uint32_t>(interesting_value(56)));
}

void Mutator::write_garbage(MappedFile& file) {
  const std::uint64_t at = below(below(2) == 0 ? 1024 : 8192);
  for (std::uint64_t i = below(256); i > 0; --i) *file.at(at + i) = static_cast<std::byte>(random_());
}

void Mutator::change_the_length(MappedFile& file) {
  const std::uint64_t wanted = below(3) == 0 ? file.bytes() + below(1 << 20) : below(file.bytes());
  if (::ftruncate(file.descriptor(), static_cast<off_t>(wanted)) != 0) std::perror("ftruncate");
  for (std::uint64_t i = below(2000); i > 0; --i) std::atomic_signal_fence(std::memory_order_seq_cst);
  file.restore();  // before the mapping is touched: this process wants to live
}

void Mutator::punch_a_hole(MappedFile& file) {
  const std::uint64_t at = below(2) == 0 ? 0 : below(file.bytes());
  (void)::fallocate(file.descriptor(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(at),
                    static_cast<off_t>(4096 + below(65536)));
}

void Mutator::change_the_name(MappedFile& file) {
  const std::string other = file.path() + ".away";
  if (::rename(file.path().c_str(), other.c_str()) != 0) return;
  switch (below(5)) {
    case 0:
      (void)::mkfifo(file.path().c_str(), 0600);
      break;
    case 1:
      (void)::symlink(other.c_str(), file.path().c_str());
      break;
    case 2:
      (void)::mkdir(file.path().c_str(), 0700);
      break;
    case 3:
      (void)::link(other.c_str(), file.path().c_str());
      break;
    default:
      break;
  }
  for (std::uint64_t i = below(2000); i > 0; --i) std::atomic_signal_fence(std::memory_order_seq_cst);
  (void)::rmdir(file.path().c_str());
  (void)::unlink(file.path().c_str());
  (void)::rename(other.c_str(), file.path().c_str());
}

void Mutator::step() {
  Victim& victim = *victims_.all()[below(victims_.all().size())];
  const std::size_t ring = below(victim.rings.size());
  MappedFile& file = below(4) == 0 ? *victim.session : *victim.rings[ring];
  const std::uint64_t deed = below(100);
  if (deed < 60) return log_well(victim, ring);
  if (deed < 68) {
    spoil_a_record(victim, ring);
  } else if (deed < 76) {
    spoil_a_word(victim, ring);
  } else if (deed < 79) {
    spoil_the_catalog(victim);
  } else if (deed < 81) {
    write_garbage(file);
  } else if (deed < 83) {
    change_the_length(file);
  } else if (deed < 84) {
    punch_a_hole(file);
  } else if (deed < 86) {
    change_the_name(file);
  }
  // Left as it is for a while, or made good at once: readers meet both.
  if (below(3) == 0) victim.make_good();
}

int start_mutator(Victims& victims, std::uint64_t seed) {
  const int parent = ::getpid();
  const int child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  Mutator mutator(victims, seed);
  for (;;) mutator.step();
}

}  // namespace lmlog::hostile
