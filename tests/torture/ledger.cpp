// SPDX-License-Identifier: Apache-2.0
// See ledger.hpp.
#include "tests/torture/ledger.hpp"

namespace lmlog::torture {

Ledger::Ledger(const std::vector<const Witness*>& witnesses) {
  for (const Witness* const witness : witnesses) {
    if (witness->pid == 0) continue;  // killed before it could log, or never forked
    Producer& producer = producers_[witness->promises.producer];
    producer.witness = witness;
    by_pid_[witness->pid] = &producer;
  }
}

void Ledger::read(std::FILE* lines) {
  read_decoded(
      lines, [this](const DecodedRecord& record) { take(record); }, [this](const DecodedLoss& loss) { take(loss); });
}

void Ledger::take(const DecodedRecord& record) {
  ++verdict_.records;
  if (!rings_.contains(record.ring)) rings_.emplace(record.ring);
  const auto found = by_pid_.find(record.pid);
  if (found == by_pid_.end()) return note(Fault::invented);
  Producer& producer = *found->second;
  const Promises& promises = producer.witness->promises;
  const std::uint64_t given = record.time - kTimeBase;
  const auto number = record.is_bare ? static_cast<std::uint32_t>(given >> 32) : record.slot;
  const std::uint64_t sequence = record.is_bare ? given & 0xFFFF'FFFF : record.sequence;
  if (number >= kSlots || sequence == 0 || sequence > producer.witness->slots[number].begun ||
      (!record.is_bare && record.producer != promises.producer))
    return note(Fault::invented);
  if (!record.is_bare && record.check != record_check(record.producer, number, sequence, record.text))
    note(Fault::changed);
  if (promises.time_is_identity && record.time != time_of(number, sequence)) note(Fault::changed);
  if (record.tid != producer.witness->slots[number].tid || record.thread != thread_name(number))
    note(Fault::misattributed);
  Thread& thread = producer.threads[number];
  if (thread.seen.size() <= sequence) thread.seen.resize(sequence + 1);
  if (thread.seen[sequence]) return note(Fault::doubled);
  thread.seen[sequence] = true;
  ++thread.found;
  if (sequence < thread.last) note(Fault::disordered);
  thread.last = sequence;
}

void Ledger::take(const DecodedLoss& loss) {
  const auto found = by_pid_.find(loss.pid);
  if (found == by_pid_.end()) return note(Fault::invented);
  if (found->second->witness->promises.is_hostile) return;  // what it claimed was refused, and that was counted
  if (loss.reason == "corrupt" || loss.reason == "quarantined") return note(Fault::refused, loss.count);
  found->second->counted_lost += loss.count;
}

void Ledger::sum_up(const Producer& producer, std::FILE* problems) {
  const Promises& promises = producer.witness->promises;
  std::uint64_t found = 0;
  std::uint64_t done = 0;
  std::uint64_t begun = 0;
  std::uint64_t lost = 0;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const auto& slot = producer.witness->slots[i];
    const Thread& thread = producer.threads[i];
    found += thread.found;
    done += slot.done;
    begun += slot.begun;
    if (promises.may_lose) continue;
    for (std::uint64_t sequence = 1; sequence <= slot.done; ++sequence) {
      if (sequence >= thread.seen.size() || !thread.seen[sequence]) ++lost;
    }
  }
  verdict_.committed += done;
  verdict_.counted_lost += producer.counted_lost;
  note(Fault::lost, lost);
  // Each thread was killed in one call at most: that one may have been stored or counted, or not.
  const std::uint64_t sum = found + producer.counted_lost;
  const bool is_exact = (promises.may_lose || producer.counted_lost == 0) && sum >= done && sum <= begun;
  if (!is_exact && !promises.is_hostile) note(Fault::miscounted);
  if (lost == 0 && (is_exact || promises.is_hostile)) return;
  std::fprintf(problems,
               "producer %u (pid %u%s): %llu stored + %llu counted as lost, of %llu to %llu calls; %llu missing\n",
               promises.producer, producer.witness->pid.load(), promises.may_lose ? ", may lose" : "",
               static_cast<unsigned long long>(found), static_cast<unsigned long long>(producer.counted_lost),
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(begun),
               static_cast<unsigned long long>(lost));
}

Verdict Ledger::sum_up(std::FILE* problems) {
  for (const auto& [number, producer] : producers_) sum_up(producer, problems);
  verdict_.rings = rings_.size();
  return verdict_;
}

}  // namespace lmlog::torture
