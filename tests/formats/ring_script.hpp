// SPDX-License-Identifier: Apache-2.0
// A small language for tests and golden files: sessions with statements, and rings whose records are written as a
// producer writes them (stamps, gaps, pads, state), but in memory and without an end.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/catalog.hpp"
#include "lmlog/formats/record.hpp"
#include "lmlog/formats/record_reader.hpp"
#include "lmlog/formats/registry.hpp"
#include "lmlog/formats/ring_layout.hpp"
#include "lmlog/formats/session_catalog.hpp"
#include "lmlog/formats/session_layout.hpp"
#include "lmlog/formats/state_vector.hpp"

namespace lmlog::formats::script {

/// An id whose bytes count up from `first`.
inline Id128 id_of(std::uint8_t first) {
  Id128 id;
  for (std::size_t i = 0; i < 16; ++i) id.bytes[i] = static_cast<std::uint8_t>(first + i);
  return id;
}

/// The arguments of a record, in two parts as they lie in it.
class Arguments {
 public:
  template <class T> Arguments& fixed(T value) {
    fixed_.put(value);
    return *this;
  }
  Arguments& string(std::string_view value, bool truncated = false) {
    variable_.put(static_cast<std::uint32_t>(value.size()) | (truncated ? kTruncatedBit : 0));
    variable_.text(value);
    return *this;
  }
  [[nodiscard]] std::string bytes() const { return fixed_.str_ref() + variable_.str_ref(); }

 private:
  ByteWriter fixed_;
  ByteWriter variable_;
};

struct ArgumentScript {
  ArgType type;
  std::string_view name;              // empty: without a name of its own
  std::string_view description = {};  // of its type; empty: without
};

class SessionScript {
 public:
  explicit SessionScript(Id128 id, ClockKind clock = ClockKind::user_ns, std::string_view service = "golden") {
    SessionDescriptor& d = descriptor_;
    d.magic = kSessionMagic;
    d.major = kMajorVersion;
    d.minor = kMinorVersion;
    d.header_bytes = kHeaderBytes;
    d.session_id = id;
    d.pid = 4242;
    d.clock = static_cast<std::uint32_t>(clock);
    d.start_realtime_ns = 1'795'000'000'000'000'000;
    d.start_tsc = 1'000'000;
    d.start_monotonic_raw_ns = 5'000'000'000;
    d.tsc_hz = 2'000'000'000;
    d.control_offset = kHeaderBytes;
    d.control_count = kControlCount;
    d.catalog_offset = kHeaderBytes + 8 * kControlCount;
    d.catalog_bytes = kCatalogBytes;
    d.file_bytes = d.catalog_offset + d.catalog_bytes;
    d.boot_id = id_of(0xB0);
    d.ring_bytes = kMinRingBytes;
    d.policy = static_cast<std::uint32_t>(RingPolicy::drop);
    d.service_length = put_name(service, d.service);
    d.host_length = put_name("host-1", d.host);
    d.program_length = put_name("program", d.program);
  }

  /// Adds a statement with the next id. Named arguments that `format` shows are given as such.
  std::uint32_t statement(Level level, std::string_view format, std::initializer_list<ArgumentScript> arguments,
                          std::string_view file = "main.cpp", std::uint32_t line = 10) {
    std::vector<StatementParts::Arg> parts_of_arguments;
    for (const ArgumentScript& argument : arguments) {
      std::uint8_t flags = argument.name.empty() ? 0 : kArgNamed;
      const bool shown = argument.name.empty() || format.find("{" + std::string(argument.name)) != format.npos;
      if (shown) flags |= kArgInMessage;
      if (!argument.description.empty()) flags |= kArgDescribed;
      parts_of_arguments.push_back(
          {static_cast<std::uint8_t>(argument.type), flags, argument.name, argument.description});
    }
    return statement(level, format, 0, parts_of_arguments, {}, file, line);
  }

  /// With any flags and argument types; `behind`: bytes behind the names, as a later version may have.
  std::uint32_t statement(Level level, std::string_view format, std::uint16_t flags,
                          std::span<const StatementParts::Arg> arguments, std::string_view behind,
                          std::string_view file = "main.cpp", std::uint32_t line = 10) {
    SiteHasher hasher(static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(arguments.size()));
    for (const auto& argument : arguments)
      hasher.argument(argument.type, argument.flags, argument.name, argument.description);
    const std::uint32_t id = kFirstStatementId + statements_++;
    const StatementParts parts{
        id, line, hasher.finish(format), static_cast<std::uint8_t>(level), flags, 0, format, file, "run", arguments};
    std::vector<std::byte> written(statement_entry_bytes(parts));
    write_statement_entry(parts, written.data());
    CatalogEntryHeader header;
    std::memcpy(&header, written.data(), sizeof(header));
    const auto* text = reinterpret_cast<const char*>(written.data());
    entry(1, std::string(text + sizeof(header), header.bytes - sizeof(header)) + std::string(behind));
    return id;
  }

  /// A raw entry of any type, padded to 8.
  void entry(std::uint16_t type, std::string_view body) {
    ByteWriter out;
    out.put(CatalogEntryHeader{static_cast<std::uint32_t>(sizeof(CatalogEntryHeader) + body.size()), type, 0});
    out.text(body);
    out.pad_to_8();
    catalog_bytes_.insert(catalog_bytes_.end(), out.view().begin(), out.view().end());
  }

  [[nodiscard]] SessionDescriptor& descriptor() { return descriptor_; }
  [[nodiscard]] const SessionDescriptor& descriptor() const { return descriptor_; }
  [[nodiscard]] std::span<const std::byte> catalog_bytes() const { return catalog_bytes_; }

  /// The session as a reader knows it. The same object every time; statements added later are added to it.
  [[nodiscard]] SessionCatalog& catalog(std::uint32_t uid = 1000) {
    if (!catalog_) catalog_ = std::make_unique<SessionCatalog>(descriptor_, uid);
    const auto more = std::span<const std::byte>(catalog_bytes_).subspan(catalog_->catalog_bytes());
    const auto status = catalog_->append(more);
    assert(status.ok());
    (void)status;
    return *catalog_;
  }

 private:
  static std::uint16_t put_name(std::string_view name, char (&to)[kNameBytes]) {
    std::memcpy(to, name.data(), name.size());
    return static_cast<std::uint16_t>(name.size());
  }

  SessionDescriptor descriptor_{};
  std::uint32_t statements_ = 0;
  std::vector<std::byte> catalog_bytes_;
  std::unique_ptr<SessionCatalog> catalog_;
};

/// A record as it was written. Of a statement the arguments, of a kind the whole body with its padding.
struct WrittenRecord {
  std::uint64_t position = 0;
  std::uint64_t length = 0;
  std::uint64_t time = 0;
  std::uint32_t id = 0;
  std::string arguments;
};

class RingScript {
 public:
  /// Begins at position `from`, in the state `begin`.
  RingScript(Id128 id, std::uint64_t data_bytes = kMinRingBytes, std::uint64_t from = 0, StateVector begin = {})
      : id_(id), data_bytes_(data_bytes), from_(from), head_(from), begin_state_(begin), state_(std::move(begin)) {}

  /// Writes a record as a producer does: a gap or a pad first, where it would cross the wrap. `extra` bytes lie between
  /// its arguments and its end (a multiple of 8).
  void record(std::uint32_t id, std::uint64_t time, std::string_view arguments, std::uint64_t extra = 0) {
    const std::uint64_t length = record_length(arguments.size()) + extra;
    const std::uint64_t to_wrap = data_bytes_ - head_ % data_bytes_;
    if (to_wrap == 8) {
      append(std::string(8, '\xEE'));
    } else if (length > to_wrap) {
      pad(to_wrap);
    }
    put(id, time, arguments, length);
  }
  void record(std::uint32_t id, std::uint64_t time, const Arguments& arguments = {}) {
    record(id, time, arguments.bytes());
  }

  void pad(std::uint64_t length) { put(static_cast<std::uint32_t>(RecordKind::pad), 0, {}, length); }

  void thread(std::uint64_t time, std::uint32_t tid, std::uint32_t epoch, std::string_view name) {
    ByteWriter body;
    body.put(tid);
    body.put(epoch);
    body.put(static_cast<std::uint32_t>(name.size()));
    body.text(name);
    record(static_cast<std::uint32_t>(RecordKind::thread), time, body.str_ref());
  }

  void clock(std::uint64_t time, ClockKind kind, std::uint32_t epoch, const Anchor& anchor = {}) {
    ByteWriter body;
    body.put(static_cast<std::uint32_t>(kind));
    body.put(epoch);
    body.put(anchor);
    record(static_cast<std::uint32_t>(RecordKind::clock), time, body.str_ref());
  }

  void losses(std::uint64_t time, const LossCounts& counts) {
    ByteWriter body;
    write_losses(counts, body);
    record(static_cast<std::uint32_t>(RecordKind::loss), time, body.str_ref());
  }

  [[nodiscard]] const Id128& id() const { return id_; }
  [[nodiscard]] std::uint64_t data_bytes() const { return data_bytes_; }
  [[nodiscard]] std::uint64_t from() const { return from_; }
  [[nodiscard]] std::uint64_t head() const { return head_; }
  [[nodiscard]] std::uint64_t records() const { return written_.size(); }
  [[nodiscard]] const std::vector<WrittenRecord>& written() const { return written_; }
  [[nodiscard]] const StateVector& begin_state() const { return begin_state_; }
  /// Behind the last record.
  [[nodiscard]] const StateVector& state() const { return state_; }

  /// The bytes of [from, to).
  [[nodiscard]] std::span<const std::byte> bytes(std::uint64_t from, std::uint64_t to) const {
    return std::as_bytes(std::span(bytes_.data() + (from - from_), static_cast<std::size_t>(to - from)));
  }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes(from_, head_); }

 private:
  void put(std::uint32_t id, std::uint64_t time, std::string_view body, std::uint64_t length) {
    const bool extended = length > kMaxShortLength;
    const RecordHeader header{time, stamp_of(head_),
                              pack_id_and_length(id, extended ? 0 : static_cast<std::size_t>(length))};
    ByteWriter out;
    out.put(header);
    if (extended) out.put(length);
    out.text(body);
    std::string bytes = out.take();
    bytes.resize(static_cast<std::size_t>(length), '\0');
    const std::uint64_t at = head_;
    append(bytes);
    if (id == static_cast<std::uint32_t>(RecordKind::pad)) return;
    const std::size_t header_bytes = extended ? kExtendedHeaderBytes : kRecordHeaderBytes;
    const auto all = std::as_bytes(std::span(bytes.data(), bytes.size()));
    (void)state_.apply({at, length, time, id, all.subspan(header_bytes)});
    const bool is_kind = id < kFirstStatementId;
    written_.push_back({at, length, time, id, is_kind ? bytes.substr(header_bytes) : std::string(body)});
  }

  void append(std::string_view bytes) {
    bytes_ += bytes;
    head_ += bytes.size();
  }

  Id128 id_;
  std::uint64_t data_bytes_;
  std::uint64_t from_;
  std::uint64_t head_;
  std::vector<WrittenRecord> written_;
  StateVector begin_state_;
  StateVector state_;
  std::string bytes_;
};

}  // namespace lmlog::formats::script
