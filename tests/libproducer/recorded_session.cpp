// SPDX-License-Identifier: Apache-2.0
// See recorded_session.hpp.
#include "tests/libproducer/recorded_session.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <stdexcept>

#include <gtest/gtest.h>
#include <lmlog/formats/descriptors.hpp>
#include <lmlog/formats/file_names.hpp>
#include <lmlog/formats/record_reader.hpp>
#include <lmlog/formats/sub_buffer.hpp>

namespace lmlog::testing {

namespace {

class ReadOnly {
 public:
  explicit ReadOnly(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), stays_open_(path.ends_with(formats::kSessionSuffix)) {
    if (fd_ < 0) throw std::runtime_error(path + ": cannot be opened");
  }
  ~ReadOnly() {
    // Closing any descriptor of a session's file in the process that holds its lock would drop the lock.
    if (!stays_open_) ::close(fd_);
  }
  ReadOnly(const ReadOnly&) = delete;
  ReadOnly& operator=(const ReadOnly&) = delete;

  void read(void* to, std::size_t bytes, std::uint64_t offset) const {
    if (::pread(fd_, to, bytes, static_cast<off_t>(offset)) != static_cast<ssize_t>(bytes))
      throw std::runtime_error("a short read");
  }
  template <class T> [[nodiscard]] T take(std::uint64_t offset) const {
    T value{};
    read(&value, sizeof(value), offset);
    return value;
  }
  [[nodiscard]] std::vector<std::byte> bytes(std::uint64_t offset, std::uint64_t count) const {
    std::vector<std::byte> out(count);
    read(out.data(), out.size(), offset);
    return out;
  }
  [[nodiscard]] std::uint64_t size() const {
    struct stat status {};
    ::fstat(fd_, &status);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  int fd_;
  bool stays_open_;
};

void write_at(const std::string& path, const void* from, std::size_t bytes, std::uint64_t offset) {
  // A descriptor of the session file must not be closed in the process that holds its lock.
  if (path.ends_with(formats::kSessionSuffix)) throw std::logic_error("tests write into session files from a child");
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0 || ::pwrite(fd, from, bytes, static_cast<off_t>(offset)) != static_cast<ssize_t>(bytes))
    throw std::runtime_error(path + ": cannot be written");
  ::close(fd);
}

std::string shown(formats::ArgType type, formats::ByteReader& fixed) {
  using formats::ArgType;
  char text[64];
  switch (type) {
    case ArgType::boolean:
      return fixed.take<std::uint8_t>() != 0 ? "true" : "false";
    case ArgType::character:
      return {'\'', fixed.take<char>(), '\''};
    case ArgType::i8:
      return std::to_string(fixed.take<std::int8_t>());
    case ArgType::u8:
      return std::to_string(fixed.take<std::uint8_t>());
    case ArgType::i16:
      return std::to_string(fixed.take<std::int16_t>());
    case ArgType::u16:
      return std::to_string(fixed.take<std::uint16_t>());
    case ArgType::i32:
      return std::to_string(fixed.take<std::int32_t>());
    case ArgType::u32:
      return std::to_string(fixed.take<std::uint32_t>());
    case ArgType::i64:
      return std::to_string(fixed.take<std::int64_t>());
    case ArgType::u64:
      return std::to_string(fixed.take<std::uint64_t>());
    case ArgType::f32:
      std::snprintf(text, sizeof(text), "%a", static_cast<double>(fixed.take<float>()));
      return text;
    case ArgType::f64:
      std::snprintf(text, sizeof(text), "%a", fixed.take<double>());
      return text;
    case ArgType::pointer:
      std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(fixed.take<std::uint64_t>()));
      return text;
    case ArgType::string:
    case ArgType::structured:
      break;
  }
  return "?";
}

}  // namespace

RingsFolder::RingsFolder() {
  char name[] = "/dev/shm/lmlog-test-XXXXXX";
  if (::mkdtemp(name) == nullptr) throw std::runtime_error("no folder below /dev/shm");
  path_ = name;
  ::setenv("LMLOG_RING_DIR", path_.c_str(), 1);
}

RingsFolder::~RingsFolder() {
  for (const auto& name : files("")) ::unlink((path_ + '/' + name).c_str());
  ::rmdir(path_.c_str());
}

std::vector<std::string> RingsFolder::files(const std::string& suffix) const {
  std::vector<std::string> names;
  DIR* const directory = ::opendir(path_.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && name.ends_with(suffix)) names.push_back(name);
  }
  ::closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Recorded> RecordedRing::ordinary() const {
  std::vector<Recorded> out;
  for (const auto& record : records) {
    if (record.id >= formats::kFirstStatementId) out.push_back(record);
  }
  return out;
}

void write_tail(const std::string& ring_path, const formats::TailLine& line) {
  write_at(ring_path, &line, sizeof(line), formats::kTailOffset);
}
void write_u32(const std::string& path, std::uint64_t offset, std::uint32_t value) {
  write_at(path, &value, sizeof(value), offset);
}
void write_u64(const std::string& path, std::uint64_t offset, std::uint64_t value) {
  write_at(path, &value, sizeof(value), offset);
}
std::uint64_t read_u64(const std::string& path, std::uint64_t offset) {
  return ReadOnly(path).take<std::uint64_t>(offset);
}

RecordedRing read_ring(const std::string& path) {
  const ReadOnly file(path);
  RecordedRing ring;
  ring.path = path;
  const auto parsed = formats::parse_ring_descriptor(file.bytes(0, sizeof(formats::RingDescriptor)), file.size());
  if (!parsed) throw std::runtime_error(path + ": " + parsed.error().text);
  ring.descriptor = *parsed;
  ring.head = file.take<std::uint64_t>(formats::kHeadOffset);
  ring.owner = file.take<std::uint32_t>(formats::kOwnerOffset);
  file.read(ring.losses.data(), sizeof(ring.losses), formats::kRingLossesOffset);
  const auto tail = file.take<formats::TailLine>(formats::kTailOffset);
  const std::uint64_t size = ring.descriptor.data_bytes;
  EXPECT_TRUE(tail.is_whole());
  const std::uint64_t from =
      formats::is_sub_buffered(ring.descriptor) ? file.take<std::uint64_t>(formats::kFloorOffset) : tail.tail;
  EXPECT_LE(ring.head - from, size);
  std::vector<std::byte> bytes;
  for (std::uint64_t at = from; at < ring.head;) {
    const std::uint64_t count = std::min(ring.head - at, size - at % size);
    const auto part = file.bytes(formats::kRingDataOffset + at % size, count);
    bytes.insert(bytes.end(), part.begin(), part.end());
    at += count;
  }
  formats::RecordReader reader(bytes, from, size);
  formats::RecordView view;
  while (reader.next(view)) {
    ring.records.push_back({view.position, view.length, view.time, view.id,
                            std::string(reinterpret_cast<const char*>(view.body.data()), view.body.size())});
  }
  EXPECT_EQ(reader.stop(), formats::WalkEnd::end) << "at position " << reader.position() << " of " << path;
  return ring;
}

const formats::Statement& RecordedSession::statement(const std::string& format) const {
  const formats::Statement* found = nullptr;
  for (const auto& [id, statement] : statements) {
    if (statement.format != format) continue;
    if (found != nullptr) throw std::runtime_error("two statements '" + format + "'");
    found = &statement;
  }
  if (found == nullptr) throw std::runtime_error("no statement '" + format + "'");
  return *found;
}

std::vector<Recorded> RecordedSession::records(const std::string& format) const {
  if (std::none_of(statements.begin(), statements.end(), [&](const auto& one) { return one.second.format == format; }))
    throw std::runtime_error("no statement '" + format + "'");
  std::vector<Recorded> out;
  for (const auto& ring : rings) {
    for (const auto& record : ring.ordinary()) {
      if (statement(record).format == format) out.push_back(record);
    }
  }
  return out;
}

std::string RecordedSession::logger(const Recorded& record) const {
  const std::uint32_t id = statement(record).logger_id;
  return id == 0 ? std::string{} : loggers.at(id);
}

std::vector<std::string> RecordedSession::values(const Recorded& record) const {
  const formats::Statement& statement = statements.at(record.id);
  const auto bytes = std::as_bytes(std::span(record.body.data(), record.body.size()));
  formats::ByteReader fixed(bytes);
  formats::ByteReader variable(bytes.subspan(static_cast<std::size_t>(statement.fixed_bytes)));
  std::vector<std::string> out;
  for (const auto& argument : statement.arguments) {
    if (formats::is_variable(argument.type())) {
      const auto word = variable.take<std::uint32_t>();
      out.push_back('"' + std::string(variable.text(word & formats::kLengthMask)) + '"' +
                    ((word & formats::kTruncatedBit) != 0 ? "~" : ""));
    } else {
      out.push_back(shown(argument.type(), fixed));
    }
  }
  EXPECT_TRUE(fixed.ok() && variable.ok()) << "a record is shorter than its arguments";
  EXPECT_LT(variable.left() + (statement.variable_arguments == 0 ? fixed.left() - variable.left() : 0), 8u);
  return out;
}

RecordedSession read_session(const RingsFolder& folder, const std::string& id) {
  RecordedSession session;
  for (const auto& name : folder.files(std::string(formats::kSessionSuffix))) {
    if (!id.empty() && name.find(id) == std::string::npos) continue;
    if (!session.path.empty()) throw std::runtime_error("more than one session in " + folder.path());
    session.path = folder.path() + '/' + name;
  }
  if (session.path.empty()) throw std::runtime_error("no session in " + folder.path());
  const ReadOnly file(session.path);
  const auto parsed = formats::parse_session_descriptor(file.bytes(0, formats::kDescriptorBytes), file.size());
  if (!parsed) throw std::runtime_error(session.path + ": " + parsed.error().text);
  session.descriptor = *parsed;
  session.state = file.take<std::uint32_t>(formats::kSessionStateOffset);
  file.read(session.losses.data(), sizeof(session.losses), formats::kSessionLossesOffset);
  const auto head = file.take<std::uint64_t>(formats::kCatalogHeadOffset);
  const auto catalog = file.bytes(session.descriptor.catalog_offset, head);
  std::span<const std::byte> left(catalog);
  while (!left.empty()) {
    const auto entry = formats::next_catalog_entry(left);
    if (!entry) throw std::runtime_error(entry.error().text);
    left = left.subspan(entry->second);
    if (entry->first.type == static_cast<std::uint16_t>(formats::CatalogEntryType::logger)) {
      const auto logger = formats::parse_logger(entry->first.raw);
      if (!logger) throw std::runtime_error(logger.error().text);
      EXPECT_TRUE(session.loggers.emplace(logger->id, logger->name).second) << "a logger is entered once";
      continue;
    }
    auto statement = formats::parse_statement(entry->first.raw);
    if (!statement) throw std::runtime_error(statement.error().text);
    EXPECT_EQ(statement->id, formats::kFirstStatementId + session.statements.size()) << "ids have no gaps";
    EXPECT_TRUE(statement->logger_id == 0 || session.loggers.contains(statement->logger_id)) << "loggers come first";
    session.statements.emplace(statement->id, *statement);
  }
  const std::string prefix = session.descriptor.session_id.hex() + '.';
  for (const auto& name : folder.files(std::string(formats::kRingSuffix))) {
    if (name.starts_with(prefix)) session.rings.push_back(read_ring(folder.path() + '/' + name));
  }
  std::sort(session.rings.begin(), session.rings.end(),
            [](const auto& a, const auto& b) { return a.descriptor.number < b.descriptor.number; });
  return session;
}

}  // namespace lmlog::testing
