// SPDX-License-Identifier: Apache-2.0
// A file system in memory for collector code under fuzzers: nothing fails but what is not there. One thread.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "collector/host/file_system.hpp"

namespace lmlog::fuzz {

using namespace lmlog::collector;

class MemoryFiles final : public FileSystem {
 public:
  /// By path; a folder is there where a file is in it.
  std::map<std::string, std::shared_ptr<std::string>> contents;

  void put(const std::string& path, std::string bytes) {
    contents[path] = std::make_shared<std::string>(std::move(bytes));
  }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenFor purpose) override {
    auto found = contents.find(path);
    if (purpose == OpenFor::creating) {
      if (found != contents.end()) return Error{ErrorCode::io, path + " exists"};
      found = contents.emplace(path, std::make_shared<std::string>()).first;
    }
    if (found == contents.end()) return Error{ErrorCode::not_found, path + " is not there"};
    return std::unique_ptr<File>(new Open(found->second));
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::set<std::string> names;
    for (const auto& [path, bytes] : contents) {
      if (path.starts_with(folder + "/"))
        names.insert(path.substr(folder.size() + 1, path.find('/', folder.size() + 1) - folder.size() - 1));
    }
    if (names.empty()) return Error{ErrorCode::not_found, folder + " is not there"};
    return std::vector<std::string>(names.begin(), names.end());
  }

  Result<FileInfo> info(const std::string& path) override {
    FileInfo out;
    if (const auto found = contents.find(path); found != contents.end()) {
      out.is_regular = true;
      out.links = 1;
      out.bytes = found->second->size();
      return out;
    }
    out.is_folder = list(path).ok();
    if (!out.is_folder) return Error{ErrorCode::not_found, path + " is not there"};
    return out;
  }

  Status rename(const std::string& from, const std::string& to) override {
    auto node = contents.extract(from);
    if (node.empty()) return Error{ErrorCode::not_found, from + " is not there"};
    contents[to] = std::move(node.mapped());
    return Done{};
  }
  Status remove(const std::string& path) override {
    contents.erase(path);
    return Done{};
  }
  Status make_folder(const std::string&, std::uint32_t) override { return Done{}; }
  Status sync_folder(const std::string&) override { return Done{}; }
  Result<std::uint64_t> free_bytes(const std::string&) override { return std::uint64_t{1} << 40; }
  Result<bool> is_tmpfs(const std::string&) override { return true; }
  Result<bool> has_default_acl(const std::string&) override { return false; }
  Result<std::unique_ptr<FolderLock>> lock_folder(const std::string&) override {
    return std::unique_ptr<FolderLock>(new FolderLock);
  }
  std::unique_ptr<FolderWatch> make_watch() override { return nullptr; }

 private:
  class Open final : public File {
   public:
    explicit Open(std::shared_ptr<std::string> bytes) : bytes_(std::move(bytes)) {}

    Result<std::uint64_t> size() const override { return std::uint64_t{bytes_->size()}; }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
      if (offset >= bytes_->size()) return std::size_t{0};
      const auto n = std::min<std::size_t>(out.size(), bytes_->size() - static_cast<std::size_t>(offset));
      std::copy_n(bytes_->data() + offset, n, reinterpret_cast<char*>(out.data()));
      return n;
    }
    Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
      const auto end = static_cast<std::size_t>(offset) + bytes.size();
      if (end > bytes_->size()) bytes_->resize(end);
      std::copy_n(reinterpret_cast<const char*>(bytes.data()), bytes.size(), bytes_->data() + offset);
      return Done{};
    }
    Status sync() override { return Done{}; }
    Status truncate(std::uint64_t bytes) override {
      bytes_->resize(static_cast<std::size_t>(bytes));
      return Done{};
    }
    Result<FileInfo> info() const override {
      FileInfo out;
      out.is_regular = true;
      out.links = 1;
      out.bytes = bytes_->size();
      return out;
    }
    int descriptor() const noexcept override { return -1; }

   private:
    std::shared_ptr<std::string> bytes_;
  };
};

}  // namespace lmlog::fuzz
