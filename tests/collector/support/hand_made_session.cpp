// SPDX-License-Identifier: Apache-2.0
// Writing through pwrite: the collector sees the same pages as through a producer's mapping.
#include "tests/collector/support/hand_made_session.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <stdexcept>

#include <lmlog/formats/file_names.hpp>
#include <lmlog/formats/sub_buffer.hpp>

#include "collector/host/random_id.hpp"

namespace lmlog::collector::testing {

namespace fs = std::filesystem;

ScratchFolder::ScratchFolder(const std::string& parent) : path_(parent + "/collector-test-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no scratch folder in " + parent);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::vector<std::string> ScratchFolder::names() const {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(path_)) out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

Poked::Poked(std::string path, bool create)
    : path_(std::move(path)),
      descriptor_(::open(path_.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0), 0600)) {
  if (descriptor_ < 0) throw std::runtime_error("cannot open " + path_);
}

Poked::~Poked() { ::close(descriptor_); }

void Poked::write(std::uint64_t offset, const void* bytes, std::size_t count) {
  if (::pwrite(descriptor_, bytes, count, static_cast<off_t>(offset)) != static_cast<ssize_t>(count))
    throw std::runtime_error("cannot write " + path_);
}

void Poked::read(std::uint64_t offset, void* bytes, std::size_t count) const {
  if (::pread(descriptor_, bytes, count, static_cast<off_t>(offset)) != static_cast<ssize_t>(count))
    throw std::runtime_error("cannot read " + path_);
}

void Poked::resize(std::uint64_t bytes) {
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) throw std::runtime_error("cannot resize " + path_);
}

Body& Body::text(std::string_view value) {
  const auto length = static_cast<std::uint32_t>(value.size());
  variable_.append(reinterpret_cast<const char*>(&length), sizeof(length));
  variable_ += value;
  return *this;
}

HandMadeRing::HandMadeRing(const std::string& folder, const formats::SessionDescriptor& session, std::uint32_t number,
                           std::uint64_t data_bytes, formats::RingPolicy policy)
    : file(folder + "/" + formats::ring_file_name(session.session_id, number), true) {
  descriptor.magic = formats::kRingMagic;
  descriptor.major = formats::kMajorVersion;
  descriptor.data_offset = formats::kRingDataOffset;
  descriptor.ring_id = random_id();
  descriptor.session_id = session.session_id;
  descriptor.data_bytes = data_bytes;
  descriptor.number = number;
  descriptor.policy = static_cast<std::uint32_t>(policy);
  if (policy == formats::RingPolicy::overwrite) descriptor.sub_buffer_bytes = data_bytes / formats::kSubBuffers;
  file.resize(formats::kRingDataOffset + data_bytes);
  file.put(0, descriptor);
  file.put(formats::kTailOffset, formats::TailLine::of(0, 0));
  file.put(formats::kOwnerOffset, std::uint32_t{1});
  if (policy == formats::RingPolicy::overwrite) enter_sub_buffer(1, 0);
  Body thread;
  thread.fixed(std::uint32_t{4711 + number}).fixed(std::uint32_t{1}).text("worker");
  write(static_cast<std::uint32_t>(formats::RecordKind::thread), 1, thread.bytes());
  Body clock;
  clock.fixed(session.clock)
      .fixed(std::uint32_t{1})
      .fixed(std::uint64_t{0})
      .fixed(std::int64_t{0})
      .fixed(std::int64_t{0});
  write(static_cast<std::uint32_t>(formats::RecordKind::clock), 1, clock.bytes());
}

void HandMadeRing::put_record(std::uint32_t id, std::uint64_t time, const std::string& body, std::uint64_t length) {
  const formats::RecordHeader header{time, formats::stamp_of(head), formats::pack_id_and_length(id, length)};
  const std::uint64_t at = formats::kRingDataOffset + head % descriptor.data_bytes;
  file.put(at, header);
  if (!body.empty()) file.write(at + sizeof(header), body.data(), body.size());
  if (id != static_cast<std::uint32_t>(formats::RecordKind::pad))
    (void)state.apply({head, length, time, id, std::as_bytes(std::span(body))});
  head += length;
}

void HandMadeRing::enter_sub_buffer(std::uint64_t time, std::uint64_t floor) {
  const std::uint64_t used = head % descriptor.sub_buffer_bytes;
  if (used != 0)
    put_record(static_cast<std::uint32_t>(formats::RecordKind::pad), time, {}, descriptor.sub_buffer_bytes - used);
  formats::ByteWriter state_bytes;
  state.write(state_bytes);
  formats::ByteWriter body;
  body.put(head);
  body.put(state.index);
  formats::write_losses(state.losses, body);
  body.put(static_cast<std::uint32_t>(state_bytes.size()));
  body.put(std::uint32_t{0});
  body.bytes(state_bytes.view());
  file.put(formats::kFloorOffset, floor);
  write(static_cast<std::uint32_t>(formats::RecordKind::sub_buffer), time, body.str_ref());
}

std::uint64_t HandMadeRing::write(std::uint32_t id, std::uint64_t time, const std::string& body) {
  const std::uint64_t length = formats::record_length(body.size());
  const std::uint64_t to_wrap = descriptor.data_bytes - head % descriptor.data_bytes;
  if (length > to_wrap && to_wrap == 8) head += 8;
  if (length > to_wrap && to_wrap > 8)
    put_record(static_cast<std::uint32_t>(formats::RecordKind::pad), time, {}, to_wrap);
  const std::uint64_t position = head;
  put_record(id, time, body, length);
  file.put(formats::kHeadOffset, head);
  return position;
}

void HandMadeRing::write_loss_record(std::uint64_t time,
                                     const std::vector<std::pair<formats::LossReason, std::uint64_t>>& cumulative) {
  formats::LossCounts counts{};
  for (const auto& [reason, count] : cumulative) counts[static_cast<std::size_t>(reason)] = count;
  formats::ByteWriter body;
  formats::write_losses(counts, body);
  write(static_cast<std::uint32_t>(formats::RecordKind::loss), time, body.str_ref());
}

void HandMadeRing::count_loss(formats::LossReason reason, std::uint64_t cumulative) {
  file.put(formats::kRingLossesOffset + 8 * static_cast<std::size_t>(reason), cumulative);
}

formats::SessionDescriptor session_descriptor(const SessionShape& shape, const formats::Id128& id) {
  formats::SessionDescriptor d{};
  d.magic = formats::kSessionMagic;
  d.major = formats::kMajorVersion;
  d.header_bytes = formats::kHeaderBytes;
  d.session_id = id;
  d.pid = shape.pid == 0 ? 0x7FFF0000u : shape.pid;
  d.clock = static_cast<std::uint32_t>(shape.clock);
  d.start_realtime_ns = 1'700'000'000'000'000'000;
  d.control_offset = formats::kHeaderBytes;
  d.control_count = formats::kControlCount;
  d.catalog_offset = d.control_offset + 8 * d.control_count;
  d.catalog_bytes = formats::kCatalogBytes;
  d.file_bytes = d.catalog_offset + d.catalog_bytes;
  d.ring_bytes = shape.ring_bytes;
  d.policy = static_cast<std::uint32_t>(shape.policy);
  d.service_length = static_cast<std::uint16_t>(shape.service.size());
  std::copy(shape.service.begin(), shape.service.end(), d.service);
  return d;
}

HandMadeSession::HandMadeSession(const std::string& where, const SessionShape& shape)
    : folder(where),
      descriptor(session_descriptor(shape, random_id())),
      file(where + "/" + formats::session_file_name(shape.service, descriptor.pid, descriptor.session_id), true),
      shape_(shape) {
  file.resize(descriptor.file_bytes);
  file.put(0, descriptor);
  file.put(formats::kSessionStateOffset, static_cast<std::uint32_t>(formats::SessionState::open));
}

std::vector<std::byte> statement_entry(std::uint32_t id, std::string_view format,
                                       const std::vector<formats::ArgType>& arguments, formats::Level level) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < arguments.size(); ++i) names.emplace_back(1, static_cast<char>('a' + i));
  std::vector<formats::StatementParts::Arg> parts;
  formats::SiteHasher hasher(static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(arguments.size()));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto flags = static_cast<std::uint8_t>(formats::kArgInMessage | formats::kArgNamed);
    parts.push_back({static_cast<std::uint8_t>(arguments[i]), flags, names[i]});
    hasher.argument(parts.back().type, flags, names[i]);
  }
  const formats::StatementParts statement{
      id, 7, hasher.finish(format), static_cast<std::uint8_t>(level), 0, 0, format, "svc.cpp", "run", parts};
  std::vector<std::byte> entry(formats::statement_entry_bytes(statement));
  formats::write_statement_entry(statement, entry.data());
  return entry;
}

std::uint32_t HandMadeSession::statement(std::string_view format, const std::vector<formats::ArgType>& arguments,
                                         formats::Level level) {
  const auto entry = statement_entry(next_statement_, format, arguments, level);
  file.write(descriptor.catalog_offset + catalog_head_, entry.data(), entry.size());
  catalog_head_ += entry.size();
  file.put(formats::kCatalogHeadOffset, catalog_head_);
  return next_statement_++;
}

HandMadeRing& HandMadeSession::ring() {
  rings.push_back(std::make_unique<HandMadeRing>(folder, descriptor, static_cast<std::uint32_t>(rings.size()),
                                                 shape_.ring_bytes, shape_.policy));
  return *rings.back();
}

void HandMadeSession::count_loss(formats::LossReason reason, std::uint64_t cumulative) {
  file.put(formats::kSessionLossesOffset + 8 * static_cast<std::size_t>(reason), cumulative);
}

}  // namespace lmlog::collector::testing
