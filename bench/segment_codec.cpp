// SPDX-License-Identifier: Apache-2.0
// How fast ring bytes become a block, and a block columns: one core, no files. items_per_second counts records
// (encoding) or values (decoding); bytes_per_record is the size of the block.
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "lmlog/formats/block_builder.hpp"
#include "lmlog/formats/block_reader.hpp"
#include "tests/formats/ring_script.hpp"

namespace {

using namespace lmlog::formats;
using namespace lmlog::formats::script;

constexpr unsigned kRecords = 65536;

/// Ring bytes of one block, cut into the ranges that a drain gives.
struct Workload {
  SessionScript session{id_of(1), ClockKind::tsc};
  std::vector<RingScript> rings;

  template <class Write> void fill(unsigned threads, Write write) {
    for (unsigned t = 0; t < threads; ++t) {
      RingScript& ring = rings.emplace_back(id_of(static_cast<std::uint8_t>(16 + t)), std::uint64_t{64} << 20);
      std::mt19937_64 random(t + 1);
      std::uint64_t time = 1'000'000;
      for (unsigned i = 0; i < kRecords / threads; ++i) write(ring, i, time += 20 + random() % 4000, random);
    }
  }
};

Workload w3(unsigned threads) {
  Workload work;
  const auto id = work.session.statement(Level::info, "order {id} px {px} qty {qty}",
                                         {{ArgType::i64, "id"}, {ArgType::f64, "px"}, {ArgType::i32, "qty"}});
  work.fill(threads, [id](RingScript& ring, unsigned i, std::uint64_t time, auto& random) {
    const double px = 100 + static_cast<double>(random() % 1000) / 100;
    ring.record(id, time,
                Arguments().fixed(std::int64_t{i}).fixed(px).fixed(static_cast<std::int32_t>(random() % 500)));
  });
  return work;
}

/// A quote: symbol, two prices, two sizes, a sequence number.
Workload ticks(unsigned threads) {
  Workload work;
  const auto id = work.session.statement(Level::info, "tick {seq} {symbol} {bid} x {bid_size} {ask} x {ask_size}",
                                         {{ArgType::u64, "seq"},
                                          {ArgType::string, "symbol"},
                                          {ArgType::f64, "bid"},
                                          {ArgType::i32, "bid_size"},
                                          {ArgType::f64, "ask"},
                                          {ArgType::i32, "ask_size"}});
  work.fill(threads, [id](RingScript& ring, unsigned i, std::uint64_t time, auto& random) {
    const auto stock = random() % 400;
    const std::string symbol{static_cast<char>('A' + stock % 26), static_cast<char>('A' + stock / 26), 'X'};
    const double bid = 50 + static_cast<double>(stock) + static_cast<double>(random() % 40) / 100;
    ring.record(id, time,
                Arguments()
                    .fixed(std::uint64_t{i} * 3)
                    .string(symbol)
                    .fixed(bid)
                    .fixed(static_cast<std::int32_t>(random() % 20 * 100))
                    .fixed(bid + 0.01)
                    .fixed(static_cast<std::int32_t>(random() % 20 * 100)));
  });
  return work;
}

/// A string of 32 bytes that is hardly ever the same.
Workload w4(unsigned threads) {
  Workload work;
  const auto id =
      work.session.statement(Level::info, "user {id} name {name}", {{ArgType::i32, "id"}, {ArgType::string, "name"}});
  work.fill(threads, [id](RingScript& ring, unsigned i, std::uint64_t time, auto& random) {
    std::string name = "user-" + std::to_string(random() % 1'000'000'000) + "-name-of-the-user";
    name.resize(32, 'x');
    ring.record(id, time, Arguments().fixed(static_cast<std::int32_t>(i)).string(name));
  });
  return work;
}

EncodedBlock encode(BlockBuilder& builder, Workload& work) {
  constexpr std::size_t kDrained = 64 << 10;
  const SessionCatalog& session = work.session.catalog();
  for (const RingScript& ring : work.rings) {
    const auto& written = ring.written();
    for (std::size_t first = 0; first < written.size();) {
      std::size_t last = first;
      while (last < written.size() && written[last].position - written[first].position < kDrained) ++last;
      const std::uint64_t to = last == written.size() ? ring.head() : written[last].position;
      builder.add_range(session, ring.id(), ring.data_bytes(), written[first].position,
                        ring.bytes(written[first].position, to), last - first, {}, {});
      first = last;
    }
  }
  return builder.finish(
      0,
      [](const SessionCatalog&) {
        return std::vector<Anchor>{{1, 1, 1}};
      },
      [](const SessionCatalog&) { return 0u; });
}

void encode_block(benchmark::State& state, Workload (*make)(unsigned)) {
  Workload work = make(static_cast<unsigned>(state.range(0)));
  BlockBuilder builder;
  std::size_t bytes = 0;
  for (auto _ : state) bytes = encode(builder, work).bytes.size();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kRecords);
  state.counters["bytes_per_record"] = static_cast<double>(bytes) / kRecords;
}

void decode_block(benchmark::State& state, Workload (*make)(unsigned)) {
  Workload work = make(static_cast<unsigned>(state.range(0)));
  BlockBuilder builder;
  const std::string bytes = encode(builder, work).bytes;
  std::uint64_t values = 0;
  Column column;
  for (auto _ : state) {
    auto block = BlockReader::open(bytes, 0);
    for (std::size_t i = 0; i < block->directory().columns.size(); ++i) {
      if (!block->read_column(i, column)) state.SkipWithError("a column cannot be read");
      values += column.size();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(values));
}

BENCHMARK_CAPTURE(encode_block, w3, w3)->Arg(1)->Arg(16);
BENCHMARK_CAPTURE(encode_block, ticks, ticks)->Arg(1)->Arg(16);
BENCHMARK_CAPTURE(encode_block, w4, w4)->Arg(1);
BENCHMARK_CAPTURE(decode_block, w3, w3)->Arg(1);
BENCHMARK_CAPTURE(decode_block, ticks, ticks)->Arg(16);
BENCHMARK_CAPTURE(decode_block, w4, w4)->Arg(1);

}  // namespace

BENCHMARK_MAIN();
