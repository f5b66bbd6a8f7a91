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
  /// Its first bytes as they were when it was mapped, and its length.
  void restore();

 private:
  std::string path_;
  int descriptor_;
  std::size_t bytes_ = 0;
  std::byte* map_ = nullptr;
  std::vector<std::byte> beginning_;
};

/// One session: a plain ring, a second one that is written to the brim, and a flight recorder in a session of its own.
struct Victim {
  Victim(const std::string& folder, formats::RingPolicy policy);

  collector::testing::HandMadeSession made;
  std::vector<std::uint64_t> catalog_ends;  // of each statement, from the start of the catalog
  std::unique_ptr<MappedFile> session;
  std::vector<std::unique_ptr<MappedFile>> rings;
  formats::RingDescriptor ring_descriptor{};
};

inline constexpr std::uint32_t kStatements = 24;

/// A folder of sessions for the mutator to spoil.
struct Victims {
  explicit Victims(std::size_t sessions);

  collector::testing::ScratchFolder folder;
  std::vector<std::unique_ptr<Victim>> all;
};

}  // namespace lmlog::hostile
