// SPDX-License-Identifier: Apache-2.0
// A reader of its own for catalogs (SessionCatalog, not the drain's), so that one mistake is not its own witness.
#include "tests/hostile/journal_proof.hpp"

#include <map>

#include <lmlog/formats/byte_source.hpp>
#include <lmlog/formats/journal_reader.hpp>
#include <lmlog/formats/journal_writer.hpp>
#include <lmlog/formats/record_reader.hpp>
#include <lmlog/formats/session_catalog.hpp>

namespace lmlog::hostile {

namespace {

std::optional<std::string> flaw_in_range(const formats::JournalEntry& entry, const formats::SessionCatalog& catalog,
                                         std::uint64_t& records) {
  formats::RecordReader reader(entry.bytes, entry.from, entry.data_bytes);
  formats::RecordView record;
  formats::StateVector state = entry.state;
  const auto at = [&] { return " at position " + std::to_string(record.position); };
  while (reader.next(record)) {
    const bool has_state = state.apply(record);
    if (record.id < formats::kFirstStatementId) {
      if (!has_state) return "a malformed state record" + at();
      continue;
    }
    const auto* statement = catalog.find(record.id);
    if (statement == nullptr) return "a record of an unknown statement" + at();
    if (formats::argument_bytes(record.body, statement->fixed_bytes, statement->variable_arguments) ==
        formats::kBadArguments)
      return "a record that is shorter than its arguments" + at();
    ++records;
  }
  if (reader.stop() != formats::WalkEnd::end || reader.position() != entry.to)
    return "a range that ends in the middle of a record" + at();
  return std::nullopt;
}

}  // namespace

std::optional<std::string> flaw_in_journal(std::span<const std::byte> entries, std::uint64_t& records) {
  formats::JournalWriter header;
  header.header(1, 0);
  std::string bytes(reinterpret_cast<const char*>(header.bytes().data()), header.bytes().size());
  bytes.append(reinterpret_cast<const char*>(entries.data()), entries.size());
  const std::size_t size = bytes.size();
  const formats::MemorySource source(std::move(bytes));
  auto reader = formats::JournalReader::open(source);
  if (!reader) return "no journal: " + reader.error().text;
  std::map<std::uint32_t, formats::SessionCatalog> sessions;
  for (;;) {
    const auto next = reader->next();
    if (!next) return "an entry that must be understood: " + next.error().text;
    if (!*next) break;
    const formats::JournalEntry& entry = **next;
    if (entry.type == formats::JournalEntryType::session) {
      sessions.insert_or_assign(entry.session, formats::SessionCatalog(entry.descriptor, entry.uid));
      continue;
    }
    const auto session = sessions.find(entry.session);
    if (session == sessions.end()) return "an entry of a session that was not declared";
    if (entry.type == formats::JournalEntryType::catalog) {
      if (auto status = session->second.append(entry.bytes); !status) return "a bad catalog: " + status.error().text;
    } else if (entry.type == formats::JournalEntryType::range) {
      if (auto flaw = flaw_in_range(entry, session->second, records)) return flaw;
    }
  }
  if (!reader->damage().empty()) return "an entry that does not read back";
  if (reader->valid_end() != size) return "an end that is torn";
  return std::nullopt;
}

}  // namespace lmlog::hostile
