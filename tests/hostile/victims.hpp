// SPDX-License-Identifier: Apache-2.0
// The files that reader passes read and that a mutator spoils: sessions with rings of both kinds, as producers make
// them, and what is needed to make them good again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/collector/support/hand_made_session.hpp"

namespace lmlog::hostile {

/// A file that is mapped and kept open by the mutator's side, whatever its name is at the moment.
class MappedFile {
 public:
  explicit MappedFile(std::string path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::byte* at(std::uint64_t offset) noexcept { return map_ + offset; }
  template <class T> void store(std::uint64_t offset, T value) noexcept {
    *reinterpret_cast<volatile T*>(map_ + offset) = value;
  }
  void move_to(const std::string& folder);
  /// Its first bytes as they were when it was mapped, and its length.
  void restore();

 private:
  std::string path_;
  int descriptor_;
  std::size_t bytes_ = 0;
  std::byte* map_ = nullptr;
  std::vector<std::byte> beginning_;
};

/// One session with two rings.
struct Victim {
  /// Made in `staging`, on the same file system, and moved to `folder` when it is whole and locked: this process lives.
  Victim(const std::string& staging, const std::string& folder, formats::RingPolicy policy);

  collector::testing::HandMadeSession made;
  std::vector<std::uint64_t> catalog_ends;  // of each statement, from the start of the catalog
  std::vector<std::byte> catalog;           // as made
  std::unique_ptr<MappedFile> session;
  std::vector<std::unique_ptr<MappedFile>> rings;
  formats::RingDescriptor ring_descriptor{};

  /// As it was made, but for its names.
  void make_good();
};

inline constexpr std::uint32_t kStatements = 24;

inline constexpr std::uint64_t kCatalogAt = formats::kHeaderBytes + 8 * formats::kControlCount;

/// Sessions for the mutator to spoil, by turns plain ones and flight recorders.
class Victims {
 public:
  Victims(std::string folder, std::size_t sessions);

  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
  [[nodiscard]] std::vector<std::unique_ptr<Victim>>& all() noexcept { return all_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Victim>>& all() const noexcept { return all_; }
  /// One dies, and another one is made in its place.
  void replace(std::size_t index);

 private:
  [[nodiscard]] std::unique_ptr<Victim> make(std::size_t index) const;

  collector::testing::ScratchFolder staging_;
  std::string folder_;
  std::vector<std::unique_ptr<Victim>> all_;
};

}  // namespace lmlog::hostile
