// SPDX-License-Identifier: Apache-2.0
// What a process left in its rings folder, read as any reader does: with pread, through the checks of formats. And the
// small language of the tests: a rings folder of the test's own, records by statement, values by position.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <lmlog/formats/catalog.hpp>
#include <lmlog/formats/ring_layout.hpp>
#include <lmlog/formats/session_layout.hpp>
#include <lmlog/formats/state_vector.hpp>

namespace lmlog::testing {

/// A folder below /dev/shm that LMLOG_RING_DIR names while the object lives; removed with its files.
class RingsFolder {
 public:
  RingsFolder();
  ~RingsFolder();
  RingsFolder(const RingsFolder&) = delete;
  RingsFolder& operator=(const RingsFolder&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Names with this suffix, sorted.
  [[nodiscard]] std::vector<std::string> files(const std::string& suffix) const;

 private:
  std::string path_;
};

struct Recorded {
  std::uint64_t position = 0;
  std::uint64_t length = 0;
  std::uint64_t time = 0;
  std::uint32_t id = 0;
  std::string body;  // header and extended length left out

  [[nodiscard]] bool is(formats::RecordKind kind) const noexcept { return id == static_cast<std::uint32_t>(kind); }
};

struct RecordedRing {
  std::string path;
  formats::RingDescriptor descriptor{};
  std::uint64_t head = 0;
  std::uint32_t owner = 0;
  formats::LossCounts losses{};
  std::vector<Recorded> records;  // from the tail on (overwrite: from the floor), of every kind but pad

  /// Ordinary records alone.
  [[nodiscard]] std::vector<Recorded> ordinary() const;
};

/// Answers as the collector does: one pwrite of the tail line.
void write_tail(const std::string& ring_path, const formats::TailLine& line);
void write_u32(const std::string& path, std::uint64_t offset, std::uint32_t value);
void write_u64(const std::string& path, std::uint64_t offset, std::uint64_t value);
[[nodiscard]] std::uint64_t read_u64(const std::string& path, std::uint64_t offset);

/// Reads a ring that nobody writes; a test failure if it is damaged.
[[nodiscard]] RecordedRing read_ring(const std::string& path);

struct RecordedSession {
  std::string path;
  formats::SessionDescriptor descriptor{};
  std::uint32_t state = 0;
  formats::LossCounts losses{};
  std::map<std::uint32_t, formats::Statement> statements;  // by id
  std::map<std::uint32_t, std::string> loggers;            // by id
  std::vector<RecordedRing> rings;                         // by number

  [[nodiscard]] const formats::Statement& statement(const Recorded& record) const { return statements.at(record.id); }
  /// The only statement with this format string.
  [[nodiscard]] const formats::Statement& statement(const std::string& format) const;
  /// Name of the record's logger; empty without one.
  [[nodiscard]] std::string logger(const Recorded& record) const;
  /// All ordinary records of a statement, ring by ring; the variants of several loggers together.
  [[nodiscard]] std::vector<Recorded> records(const std::string& format) const;
  /// Each argument as text: integers in decimal, doubles in hexadecimal, strings in quotes, with '~' if they were cut.
  [[nodiscard]] std::vector<std::string> values(const Recorded& record) const;
};

/// The session with this id (of lmlog::Session::id()), or the only one of the folder.
[[nodiscard]] RecordedSession read_session(const RingsFolder& folder, const std::string& id = {});

}  // namespace lmlog::testing
