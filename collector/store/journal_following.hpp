// SPDX-License-Identifier: Apache-2.0
// A journal file while the archiver reads it. Private to the archiver.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include <lmlog/formats/journal_reader.hpp>

#include "collector/host/file_system.hpp"
#include "collector/store/archiver.hpp"

namespace lmlog::collector {

/// Shows only what was flushed as a whole: the file may be growing right now.
class BoundedSource final : public formats::ByteSource {
 public:
  explicit BoundedSource(const ByteSource& source) : source_(source) {}

  void set_limit(std::uint64_t bytes) noexcept { limit_ = bytes; }

  [[nodiscard]] Result<std::uint64_t> size() const override {
    if (limit_ != ~std::uint64_t{0}) return limit_;
    return source_.size();
  }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset >= limit_) return std::size_t{0};
    return source_.read_at(offset,
                           out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), limit_ - offset))));
  }

 private:
  const ByteSource& source_;
  std::uint64_t limit_ = ~std::uint64_t{0};
};

struct Archiver::Following {
  Following(std::unique_ptr<File> opened, std::uint64_t number)
      : file(std::move(opened)), bounded(*file), sequence(number) {}

  std::unique_ptr<File> file;
  BoundedSource bounded;
  std::optional<formats::JournalReader> reader;
  std::uint64_t sequence;
  std::vector<Session*> sessions;                // by number
  std::optional<formats::JournalEntry> at_hand;  // fed in part: a write failed
  std::size_t damage_said = 0;
};

}  // namespace lmlog::collector
