// SPDX-License-Identifier: Apache-2.0
// A rings folder whose files are laid out byte by byte as shm-abi.md says, so that tests can break any of them.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lmlog/formats/catalog.hpp"
#include "lmlog/formats/file_names.hpp"
#include "lmlog/formats/record.hpp"
#include "lmlog/formats/ring_layout.hpp"
#include "lmlog/formats/session_layout.hpp"
#include "lmlog/formats/site_hash.hpp"

namespace lmlog::tools::testing {

/// A ring in memory; `append` adds records at the head as a producer does, wraps included.
class RingBytes {
 public:
  RingBytes(const formats::Id128& session, std::uint32_t number, std::uint64_t data_bytes = formats::kMinRingBytes)
      : bytes_(formats::kRingDataOffset + data_bytes), data_bytes_(data_bytes) {
    formats::RingDescriptor d{};
    d.magic = formats::kRingMagic;
    d.major = formats::kMajorVersion;
    d.data_offset = formats::kRingDataOffset;
    d.ring_id.bytes[0] = static_cast<std::uint8_t>(number + 1);
    d.session_id = session;
    d.data_bytes = data_bytes;
    d.number = number;
    d.policy = static_cast<std::uint32_t>(formats::RingPolicy::drop);
    put(0, d);
  }

  template <class T> void put(std::size_t offset, const T& value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(value));
  }

  void append(std::uint32_t id, std::size_t body_bytes = 8) {
    const std::uint64_t length = formats::record_length(body_bytes);
    const std::uint64_t to_wrap = data_bytes_ - head_ % data_bytes_;
    if (to_wrap == 8) {
      head_ += 8;
    } else if (length > to_wrap) {
      record(static_cast<std::uint32_t>(formats::RecordKind::pad), to_wrap);
    }
    record(id, length);
    put(formats::kHeadOffset, head_);
  }

  void drain_to(std::uint64_t tail, std::uint64_t drained) {
    put(formats::kTailOffset, formats::TailLine::of(tail, drained));
  }

  void lose(formats::LossReason reason, std::uint64_t count) {
    put(formats::kRingLossesOffset + 8 * static_cast<std::size_t>(reason), count);
  }

  void owner(std::uint32_t tid, std::string_view name) {
    formats::OwnerThread thread{};
    thread.tid = tid;
    thread.name_length = static_cast<std::uint32_t>(name.size());
    std::memcpy(thread.name, name.data(), name.size());
    put(formats::kOwnerThreadOffset, thread);
    put(formats::kOwnerOffset, std::uint32_t{1});
  }

  [[nodiscard]] std::uint64_t head() const noexcept { return head_; }
  [[nodiscard]] const std::vector<char>& bytes() const noexcept { return bytes_; }

 private:
  void record(std::uint32_t id, std::uint64_t length) {
    const std::size_t at = formats::kRingDataOffset + static_cast<std::size_t>(head_ % data_bytes_);
    const bool extended = length > formats::kMaxShortLength;
    put(at, formats::RecordHeader{head_, formats::stamp_of(head_),
                                  formats::pack_id_and_length(id, extended ? 0 : static_cast<std::size_t>(length))});
    if (extended) put(at + formats::kRecordHeaderBytes, length);
    head_ += length;
  }

  std::vector<char> bytes_;
  std::uint64_t data_bytes_;
  std::uint64_t head_ = 0;
};

/// A session file in memory, with one statement.
class SessionBytes {
 public:
  SessionBytes(const formats::Id128& id, std::string_view service) {
    formats::SessionDescriptor d{};
    d.magic = formats::kSessionMagic;
    d.major = formats::kMajorVersion;
    d.header_bytes = formats::kHeaderBytes;
    d.session_id = id;
    d.control_offset = formats::kHeaderBytes;
    d.control_count = 8;
    d.catalog_offset = d.control_offset + 8 * d.control_count;
    d.catalog_bytes = 4096;
    d.file_bytes = d.catalog_offset + d.catalog_bytes;
    d.pid = 4321;
    d.clock = static_cast<std::uint32_t>(formats::ClockKind::user_ns);
    d.start_realtime_ns = 1'700'000'000'123'456'789;
    d.policy = static_cast<std::uint32_t>(formats::RingPolicy::drop);
    d.service_length = static_cast<std::uint16_t>(service.size());
    std::memcpy(d.service, service.data(), service.size());
    bytes_.resize(static_cast<std::size_t>(d.file_bytes));
    put(0, d);
    formats::StatementParts parts{};
    parts.id = formats::kFirstStatementId;
    parts.level = 2;
    parts.format = "hello";
    parts.site_hash = formats::SiteHasher(2, 0).finish("hello");
    formats::write_statement_entry(
        parts, reinterpret_cast<std::byte*>(bytes_.data() + static_cast<std::size_t>(d.catalog_offset)));
    put(formats::kCatalogHeadOffset, std::uint64_t{formats::statement_entry_bytes(parts)});
  }

  template <class T> void put(std::size_t offset, const T& value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(value));
  }
  [[nodiscard]] std::vector<char>& bytes() noexcept { return bytes_; }

 private:
  std::vector<char> bytes_;
};

/// A folder of its own, removed at the end.
class RingsFolder {
 public:
  RingsFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lmlog-rings-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed for " + pattern);
    path_ = pattern;
  }
  RingsFolder(const RingsFolder&) = delete;
  RingsFolder& operator=(const RingsFolder&) = delete;
  ~RingsFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  std::string write(const std::string& name, const std::vector<char>& bytes) const {
    const std::string file = path_ + '/' + name;
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return file;
  }

  static formats::Id128 session_id(std::uint8_t n) {
    formats::Id128 id;
    id.bytes[15] = n;
    return id;
  }
  [[nodiscard]] static std::string session_name(const formats::Id128& id) {
    return formats::session_file_name("svc", 4321, id);
  }

 private:
  std::string path_;
};

}  // namespace lmlog::tools::testing
