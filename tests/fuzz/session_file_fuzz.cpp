// SPDX-License-Identifier: Apache-2.0
// Session and ring headers and catalogs of a hostile producer. Input: a descriptor (360 bytes), then catalog entries.

#include "lmlog/formats/descriptors.hpp"
#include "lmlog/formats/session_catalog.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using lmlog::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = lmlog::fuzz::as_bytes(data, size);
  (void)lmlog::formats::parse_ring_descriptor(bytes, 4096 + 65536);
  const auto descriptor = lmlog::formats::parse_session_descriptor(bytes);
  if (!descriptor) return 0;
  expect(lmlog::formats::service_of(*descriptor).size() <= lmlog::formats::kNameBytes, "a service has a bounded name");

  lmlog::formats::SessionCatalog catalog(*descriptor, 0);
  const auto entries = bytes.subspan(lmlog::formats::kDescriptorBytes);
  (void)catalog.append(entries);
  expect(catalog.catalog_bytes() <= entries.size(), "the catalog ends within the bytes");
  std::size_t found = 0;
  for (std::uint32_t id = 0; id < catalog.id_limit(); ++id) {
    const auto* statement = catalog.find(id);
    if (statement == nullptr) continue;
    ++found;
    expect(statement->id == id && !catalog.raw_entry(id).empty(), "a statement is found under its id");
  }
  expect(found == catalog.statement_count(), "every statement is found");
  return 0;
}
