// SPDX-License-Identifier: Apache-2.0
// Written beside, synced, renamed, and the folder synced: at no time is there less under the name than before.
#include "collector/store/fresh_copy.hpp"

#include <algorithm>
#include <vector>

namespace lmlog::collector {

namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;

Status copy(File& to, const formats::ByteSource& from, std::uint64_t bytes) {
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min(kPieceBytes, bytes)));
  for (std::uint64_t at = 0; at < bytes; at += piece.size()) {
    const auto out =
        std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), bytes - at)));
    const auto got = from.read_at(at, out);
    if (!got) return got.error();
    if (*got != out.size()) return Error{ErrorCode::io, "a file that is to be copied became shorter"};
    if (auto status = to.write_at(at, out); !status) return status;
  }
  return Done{};
}

}  // namespace

Result<std::unique_ptr<File>> replace_by_copy(FileSystem& files, const std::string& path,
                                              const formats::ByteSource& from, std::uint64_t bytes,
                                              std::span<const std::byte> more) {
  const std::string fresh = path + kCopySuffix;
  if (auto status = files.remove(fresh); !status && status.error().code != ErrorCode::not_found) return status.error();
  auto to = files.open(fresh, OpenFor::creating);
  if (!to) return to.error();
  Status status = copy(**to, from, bytes);
  if (status) status = (*to)->write_at(bytes, more);
  if (status) status = (*to)->sync();
  if (status) status = files.rename(fresh, path);
  // The rename made the folder's page anew: what an earlier sync of it lost is in it again.
  if (status) status = files.sync_folder(parent_folder(path));
  if (!status) {
    (void)files.remove(fresh);
    return status.error();
  }
  return to;
}

Status sync_or_replace(FileSystem& files, const std::string& path, std::unique_ptr<File>& file) {
  if (file->sync()) return Done{};
  const auto size = file->size();
  if (!size) return size.error();
  // Its bytes come from the page cache, which mostly still has what the disk refused; readers check their sums.
  auto fresh = replace_by_copy(files, path, *file, *size);
  if (!fresh) return fresh.error();
  file = std::move(fresh).value();
  return Done{};
}

}  // namespace lmlog::collector
