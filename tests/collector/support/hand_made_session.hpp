// SPDX-License-Identifier: Apache-2.0
// Session and ring files written by hand, after formats/spec/shm-abi.md: what a producer would leave, right or wrong,
// byte by byte.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <lmlog/formats/catalog.hpp>
#include <lmlog/formats/ring_layout.hpp>
#include <lmlog/formats/session_layout.hpp>
#include <lmlog/formats/state_vector.hpp>

namespace lmlog::collector::testing {

/// A folder of its own on tmpfs, removed with all that is in it.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& parent = "/dev/shm");
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::string path_;
};

/// A file that is poked at; all offsets as in the spec. Every failure throws: a test that cannot set its stage must not
/// go on.
class Poked {
 public:
  explicit Poked(std::string path, bool create = false);
  ~Poked();
  Poked(const Poked&) = delete;
  Poked& operator=(const Poked&) = delete;

  void write(std::uint64_t offset, const void* bytes, std::size_t count);
  template <class T> void put(std::uint64_t offset, const T& value) { write(offset, &value, sizeof(value)); }
  template <class T> [[nodiscard]] T get(std::uint64_t offset) const {
    T value{};
    read(offset, &value, sizeof(value));
    return value;
  }
  void resize(std::uint64_t bytes);
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  void read(std::uint64_t offset, void* bytes, std::size_t count) const;
  std::string path_;
  int descriptor_;
};

/// A statement's entry for a catalog; its arguments are named a, b, …
[[nodiscard]] std::vector<std::byte> statement_entry(std::uint32_t id, std::string_view format,
                                                     const std::vector<formats::ArgType>& arguments,
                                                     formats::Level level = formats::Level::info);

/// The arguments of a record: fixed parts first, then strings, as the registry says.
class Body {
 public:
  template <class T> Body& fixed(T value) {
    fixed_.append(reinterpret_cast<const char*>(&value), sizeof(value));
    return *this;
  }
  Body& text(std::string_view value);
  [[nodiscard]] std::string bytes() const { return fixed_ + variable_; }

 private:
  std::string fixed_;
  std::string variable_;
};

/// Ring of a HandMadeSession; begins with its thread and clock record.
class HandMadeRing {
 public:
  HandMadeRing(const std::string& folder, const formats::SessionDescriptor& session, std::uint32_t number,
               std::uint64_t data_bytes, formats::RingPolicy policy);

  /// Appends the record at the head (a pad before it where it does not fit before the wrap) and publishes it. Gives its
  /// position.
  std::uint64_t write(std::uint32_t id, std::uint64_t time, const std::string& body);
  /// Policy overwrite: a pad to the end of the sub-buffer, and the head of the next, from which on all below `floor` is
  /// gone.
  void enter_sub_buffer(std::uint64_t time, std::uint64_t floor);
  void write_loss_record(std::uint64_t time,
                         const std::vector<std::pair<formats::LossReason, std::uint64_t>>& cumulative);
  void count_loss(formats::LossReason reason, std::uint64_t cumulative);
  void set_free() { file.put(formats::kOwnerOffset, std::uint32_t{0}); }

  [[nodiscard]] formats::TailLine tail() const { return file.get<formats::TailLine>(formats::kTailOffset); }
  [[nodiscard]] bool is_retired() const { return file.get<std::uint32_t>(formats::kRingRetiredOffset) == 1; }

  Poked file;
  formats::RingDescriptor descriptor{};
  std::uint64_t head = 0;
  formats::StateVector state;  // there

 private:
  void put_record(std::uint32_t id, std::uint64_t time, const std::string& body, std::uint64_t length);
};

struct SessionShape {
  std::string service = "svc";
  formats::ClockKind clock = formats::ClockKind::user_ns;
  std::uint64_t ring_bytes = formats::kMinRingBytes;
  std::uint32_t pid = 0;  // 0: one that cannot run
  formats::RingPolicy policy = formats::RingPolicy::drop;
};

/// Of a session that nobody made, with the layout that the library gives its own.
[[nodiscard]] formats::SessionDescriptor session_descriptor(const SessionShape& shape, const formats::Id128& id);

class HandMadeSession {
 public:
  explicit HandMadeSession(const std::string& folder, const SessionShape& shape = {});

  /// Enters a statement whose arguments are named a, b, …; gives its id.
  std::uint32_t statement(std::string_view format, const std::vector<formats::ArgType>& arguments,
                          formats::Level level = formats::Level::info);
  HandMadeRing& ring();  // a new one
  void close() { file.put(formats::kSessionStateOffset, static_cast<std::uint32_t>(formats::SessionState::closed)); }
  void count_loss(formats::LossReason reason, std::uint64_t cumulative);
  [[nodiscard]] bool is_retired() const { return file.get<std::uint32_t>(formats::kSessionRetiredOffset) == 1; }

  std::string folder;
  formats::SessionDescriptor descriptor{};
  Poked file;
  std::vector<std::unique_ptr<HandMadeRing>> rings;

 private:
  SessionShape shape_;
  std::uint64_t catalog_head_ = 0;
  std::uint32_t next_statement_ = formats::kFirstStatementId;
};

}  // namespace lmlog::collector::testing
