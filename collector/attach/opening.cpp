// SPDX-License-Identifier: Apache-2.0
// Every check is made on the descriptor that will be read, never on the name: a name can change its meaning in between.
#include "collector/attach/opening.hpp"

#include <array>
#include <span>

#include <lmlog/formats/descriptors.hpp>
#include <lmlog/formats/file_names.hpp>
#include <lmlog/formats/ring_protocol.hpp>

namespace lmlog::collector {

namespace {

/// Opens, and checks what the kernel says of the file.
Result<std::pair<std::shared_ptr<File>, FileInfo>> open_checked(FileSystem& files, const std::string& path) {
  auto file = files.open(path, OpenFor::answering);
  if (!file) return file.error();
  auto info = (*file)->info();
  if (!info) return info.error();
  if (!info->is_regular) return Error{ErrorCode::damaged, "it is no regular file"};
  if (info->links != 1)
    return Error{ErrorCode::damaged,
                 "it has " + std::to_string(info->links) + " names; only files with one are served"};
  return std::pair(std::shared_ptr<File>(std::move(file).value()), *info);
}

}  // namespace

Result<std::unique_ptr<AttachedSession>> open_session(FileSystem& files, const std::string& folder,
                                                      const std::string& name) {
  auto opened = open_checked(files, folder + "/" + name);
  if (!opened) return opened.error();
  auto& [file, info] = *opened;
  std::array<std::byte, formats::kDescriptorBytes> bytes;
  const auto got = file->read_at(0, bytes);
  if (!got) return got.error();
  auto descriptor = formats::parse_session_descriptor(std::span(bytes).first(*got), info.bytes);
  if (!descriptor) return descriptor.error();
  if (formats::session_id_of_name(name) != descriptor->session_id)
    return Error{ErrorCode::damaged, "its name and its header have different session ids"};
  auto session = std::make_unique<AttachedSession>();
  session->descriptor = *descriptor;
  session->uid = info.uid;
  session->folder = folder;
  session->name = name;
  session->file = std::move(file);
  return session;
}

Result<std::unique_ptr<AttachedRing>> open_ring(FileSystem& files, const AttachedSession& session,
                                                const std::string& name) {
  const std::string path = session.folder + "/" + name;
  auto opened = open_checked(files, path);
  if (!opened) return opened.error();
  auto& [file, info] = *opened;
  if (info.uid != session.uid)
    return Error{ErrorCode::damaged, "it belongs to user " + std::to_string(info.uid) + ", its session to user " +
                                         std::to_string(session.uid)};
  std::array<std::byte, sizeof(formats::RingDescriptor)> bytes;
  const auto got = file->read_at(0, bytes);
  if (!got) return got.error();
  const auto descriptor = formats::parse_ring_descriptor(std::span(bytes).first(*got), info.bytes);
  if (!descriptor) return descriptor.error();
  if (descriptor->session_id != session.descriptor.session_id)
    return Error{ErrorCode::damaged, "its header names another session"};
  const auto named = formats::parse_ring_name(name);
  if (!named || named->number != descriptor->number)
    return Error{ErrorCode::damaged, "its name and its header have different numbers"};
  auto ring = std::make_unique<AttachedRing>();
  ring->descriptor = *descriptor;
  ring->path = path;
  ring->file = std::move(file);
  return ring;
}

Result<formats::TailLine> read_tail(const AttachedRing& ring) {
  std::uint64_t head = 0;
  formats::TailLine line{};
  const auto got_line = formats::read_tail(
      [&] { return ring.file->read_at(formats::kTailOffset, std::as_writable_bytes(std::span(&line, 1))); });
  if (!got_line) return got_line.error();
  const auto got_head = ring.file->read_at(formats::kHeadOffset, std::as_writable_bytes(std::span(&head, 1)));
  if (!got_head) return got_head.error();
  if (!line.is_whole()) return Error{ErrorCode::damaged, "its tail is torn"};
  if (line.tail % 8 != 0 || line.tail > head || head - line.tail > ring.descriptor.data_bytes)
    return Error{ErrorCode::damaged,
                 "its tail " + std::to_string(line.tail) + " does not fit its head " + std::to_string(head)};
  return line;
}

}  // namespace lmlog::collector
