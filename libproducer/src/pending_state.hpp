// SPDX-License-Identifier: Apache-2.0
// The state records that must come before the next ordinary record of a ring: up to three of thread, clock and loss,
// put together on the stack of the slow path. Bodies as formats/spec/registry.md has them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include <lmlog/formats/record.hpp>
#include <lmlog/formats/registry.hpp>
#include <lmlog/formats/session_layout.hpp>
#include <lmlog/formats/state_vector.hpp>

namespace lmlog::detail {

class PendingState {
 public:
  struct Record {
    formats::RecordKind kind{};
    std::uint32_t offset = 0;  // of the body in the buffer
    std::uint32_t body_bytes = 0;

    [[nodiscard]] std::uint64_t bytes() const noexcept { return formats::record_length(body_bytes); }
  };

  void add_thread(std::uint32_t tid, std::uint32_t epoch, std::string_view name) noexcept {
    begin(formats::RecordKind::thread);
    put(tid);
    put(epoch);
    put(static_cast<std::uint32_t>(name.size()));
    put_bytes(name.data(), name.size());
    end();
  }

  void add_clock(formats::ClockKind kind, std::uint32_t epoch, const formats::Anchor& anchor) noexcept {
    begin(formats::RecordKind::clock);
    put(static_cast<std::uint32_t>(kind));
    put(epoch);
    put(anchor);
    end();
  }

  /// Cumulative counts; those that are zero are left out.
  void add_losses(const formats::LossCounts& counts) noexcept {
    begin(formats::RecordKind::loss);
    std::uint32_t n = 0;
    for (const std::uint64_t count : counts) n += count != 0 ? 1 : 0;
    put(n);
    put(std::uint32_t{0});
    for (std::uint32_t reason = 0; reason < counts.size(); ++reason) {
      if (counts[reason] == 0) continue;
      put(reason);
      put(std::uint32_t{0});
      put(counts[reason]);
    }
    end();
  }

  [[nodiscard]] std::span<const Record> records() const noexcept { return {records_.data(), count_}; }
  [[nodiscard]] const std::byte* body(const Record& record) const noexcept { return buffer_.data() + record.offset; }

 private:
  // A thread record (12 + a name of 64), a clock record (32) and a loss record of all reasons (8 + 32 × 16).
  static constexpr std::size_t kMaxBytes = 12 + formats::kMaxThreadName + 32 + 8 + 16 * formats::kLossReasons;

  void begin(formats::RecordKind kind) noexcept { records_[count_] = {kind, used_, 0}; }
  void end() noexcept {
    records_[count_].body_bytes = used_ - records_[count_].offset;
    ++count_;
  }
  template <class T> void put(const T& value) noexcept { put_bytes(&value, sizeof(value)); }
  void put_bytes(const void* from, std::size_t bytes) noexcept {
    if (bytes != 0) std::memcpy(buffer_.data() + used_, from, bytes);
    used_ += static_cast<std::uint32_t>(bytes);
  }

  std::array<std::byte, kMaxBytes> buffer_;
  std::uint32_t used_ = 0;
  std::array<Record, 3> records_{};
  std::size_t count_ = 0;
};

}  // namespace lmlog::detail
