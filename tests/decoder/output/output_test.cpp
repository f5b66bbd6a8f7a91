// SPDX-License-Identifier: Apache-2.0
// The last N records, in memory and spilled, and the sink in front of a pipe.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "decoder/output/last_lines.hpp"
#include "decoder/output/output_sink.hpp"

namespace lmlog::decoder {
namespace {

/// What comes out of a pipe while `write` puts it in.
template <class Write> std::string through_pipe(Write write) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  std::string out;
  std::thread reader([&] {
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof(buffer))) > 0;) out.append(buffer, static_cast<std::size_t>(n));
  });
  OutputSink sink(ends[1]);
  write(sink);
  sink.flush();
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  return out;
}

std::string line(int i) {
  return "record " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 7), '.') + "\n";
}

std::string last(int all, std::uint64_t wanted, std::size_t memory) {
  LastLines lines(wanted, memory);
  for (int i = 0; i < all; ++i) EXPECT_TRUE(lines.add(line(i)).ok());
  return through_pipe([&](OutputSink& sink) {
    const auto written = lines.write(sink);
    EXPECT_TRUE(written.ok() && *written);
  });
}

std::string expected(int all, int wanted) {
  std::string out;
  for (int i = std::max(0, all - wanted); i < all; ++i) out += line(i);
  return out;
}

TEST(LastLines, GivesTheLastInOrder) {
  EXPECT_EQ(last(100, 3, 1 << 20), expected(100, 3));
  EXPECT_EQ(last(2, 3, 1 << 20), expected(2, 3));
  EXPECT_EQ(last(0, 3, 1 << 20), "");
  EXPECT_EQ(last(5, 0, 1 << 20), "");
}

TEST(LastLines, GivesTheSameWhenMemoryIsShort) {
  EXPECT_EQ(last(300'000, 150'000, 64 << 10), expected(300'000, 150'000));
  EXPECT_EQ(last(300'000, 1, 1), expected(300'000, 1));
}

TEST(LastLines, KeepsRecordsThatAreLongerThanAChunk) {
  LastLines lines(2, 1 << 20);
  const std::string big(700'000, 'x');
  for (const char c : {'a', 'b', 'c'}) ASSERT_TRUE(lines.add(c + big + "\n").ok());
  const std::string out = through_pipe([&](OutputSink& sink) { EXPECT_TRUE(lines.write(sink).ok()); });
  EXPECT_EQ(out, "b" + big + "\nc" + big + "\n");
}

TEST(OutputSink, EndsQuietlyWhenTheReaderIsGone) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  OutputSink sink(ends[1]);
  sink.buffer() = "nobody reads this";
  EXPECT_FALSE(sink.flush());
  EXPECT_TRUE(sink.is_closed());
  EXPECT_TRUE(sink.error().empty());
  ::close(ends[1]);
}

TEST(OutputSink, SaysWhyItCannotWrite) {
  OutputSink sink(-1);
  sink.buffer() = "x";
  EXPECT_FALSE(sink.flush());
  EXPECT_FALSE(sink.is_closed());
  EXPECT_NE(sink.error().find("cannot be written"), std::string::npos);
}

}  // namespace
}  // namespace lmlog::decoder
