// SPDX-License-Identifier: Apache-2.0
// Bodies of catalog parts: what was parsed and written again says the same.
#include "formats/src/segment_bodies.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace lmlog::formats;
using lmlog::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SegmentCatalog catalog;
  const bool whole = parse_catalog(lmlog::fuzz::as_bytes(data, size), catalog);
  std::size_t statements = 0;
  for (const auto& session : catalog) {
    if (!session) continue;
    statements += session->statement_count();
    for (std::uint32_t id = 0; id < session->id_limit(); ++id) {
      const Statement* statement = session->find(id);
      if (statement == nullptr) continue;
      expect(statement->id == id && statement->arguments.size() <= 255, "a statement is found under its id");
      (void)session->raw_logger(statement->logger_id);
    }
  }
  expect(statements * 8 <= size, "no more statements than fit");
  if (!whole) return 0;
  const std::string written = write_whole_catalog(catalog);
  SegmentCatalog again;
  expect(parse_catalog(std::as_bytes(std::span(written.data(), written.size())), again), "a catalog can be read again");
  expect(write_whole_catalog(again) == written, "a catalog reads back as it was written");
  return 0;
}
