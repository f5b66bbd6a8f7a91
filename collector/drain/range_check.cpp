// SPDX-License-Identifier: Apache-2.0
// The reader of formats checks stamps and lengths; here are the checks that need the catalog.
#include "collector/drain/range_check.hpp"

#include <cstring>

#include <lmlog/formats/record_reader.hpp>

namespace lmlog::collector {

namespace {

/// Same stamp, same length, another kind: a record that stays in place and says nothing.
void make_pad(std::span<std::byte> bytes, std::uint64_t offset) {
  formats::RecordHeader header;
  std::memcpy(&header, bytes.data() + offset, sizeof(header));
  header.id_and_length =
      (header.id_and_length & ~formats::kIdMask) | static_cast<std::uint32_t>(formats::RecordKind::pad);
  std::memcpy(bytes.data() + offset, &header, sizeof(header));
}

const char* describe(formats::WalkEnd end) {
  if (end == formats::WalkEnd::bad_stamp) return "a record with a wrong stamp";
  if (end == formats::WalkEnd::bad_length) return "a record with an impossible length";
  return "a record of a kind that this version does not know";
}

}  // namespace

RangeVerdict check_range(std::span<std::byte> bytes, std::uint64_t from, std::uint64_t data_bytes,
                         const StatementCatalog& catalog, const std::function<Status()>& read_catalog,
                         formats::StateVector& state) {
  RangeVerdict verdict;
  formats::RecordReader reader(bytes, from, data_bytes);
  formats::RecordView record;
  while (reader.next(record)) {
    const auto fail = [&](const std::string& what) {
      verdict.violation = what + " at position " + std::to_string(record.position);
      return verdict;
    };
    if (record.id >= formats::kFirstStatementId) {
      const RecordShape* shape = catalog.find(record.id);
      // A statement is entered before its first record is published: an unknown one is new, refused, or a lie.
      if (shape == nullptr) {
        const auto status = read_catalog();
        if (!status && status.error().code == ErrorCode::io) return verdict;
        if (status) shape = catalog.find(record.id);
      }
      if (shape == nullptr) {
        if (!catalog.has_refused())
          return fail("a record of statement " + std::to_string(record.id) + ", which is not in the catalog,");
        make_pad(bytes, record.position - from);
        ++verdict.refused;
        verdict.valid_bytes = reader.position() - from;
        continue;
      }
      if (formats::argument_bytes(record.body, shape->fixed_bytes, shape->variable_arguments) == formats::kBadArguments)
        return fail("a record that is shorter than its arguments");
      ++verdict.stored;
      state.apply(record);
    } else {
      const std::uint64_t sort_key = state.sort_key;
      if (!state.apply(record)) {
        state.sort_key = sort_key;
        return fail("a malformed state record (kind " + std::to_string(record.id) + ")");
      }
    }
    verdict.valid_bytes = reader.position() - from;
  }
  if (reader.stop() != formats::WalkEnd::end)
    verdict.violation = std::string(describe(reader.stop())) + " at position " + std::to_string(reader.position());
  verdict.valid_bytes = reader.position() - from;
  return verdict;
}

}  // namespace lmlog::collector
