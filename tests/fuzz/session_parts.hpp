// SPDX-License-Identifier: Apache-2.0
// A session with one ring as an input of fuzzers: short, though the files that it stands for are long. Taken apart by
// the target, which makes files of it, and by the mutator, which puts it together again.
//
//   Words · session descriptor · ring descriptor · patches × Patch · catalog · ring bytes from tail (or floor) on
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "lmlog/formats/ring_layout.hpp"
#include "lmlog/formats/session_layout.hpp"

namespace lmlog::fuzz {

struct SessionWords {
  std::uint32_t catalog_bytes;
  std::uint32_t patches;
  std::uint64_t head;
  std::uint64_t tail;
  std::uint64_t floor;
};

/// A word that the producer stores between two turns of the reader.
struct Patch {
  std::uint32_t in_session;  // else in the ring's file
  std::uint32_t offset;
  std::uint64_t value;
};

inline constexpr std::uint32_t kMaxPatches = 8;

struct SessionParts {
  SessionWords words{};
  formats::SessionDescriptor session{};
  formats::RingDescriptor ring{};
  std::vector<Patch> patches{};
  std::string catalog{};
  std::string records{};

  /// False when the input is too short.
  bool take_apart(std::string_view in) {
    const auto take = [&in](auto& value) {
      if (in.size() < sizeof(value)) return false;
      std::memcpy(&value, in.data(), sizeof(value));
      in.remove_prefix(sizeof(value));
      return true;
    };
    if (!take(words) || !take(session) || !take(ring)) return false;
    patches.resize(std::min(words.patches, kMaxPatches));
    for (auto& patch : patches) {
      if (!take(patch)) return false;
    }
    catalog = in.substr(0, words.catalog_bytes);
    records = in.substr(catalog.size());
    return true;
  }

  [[nodiscard]] std::string put_together() {
    words.catalog_bytes = static_cast<std::uint32_t>(catalog.size());
    words.patches = static_cast<std::uint32_t>(patches.size());
    std::string out;
    const auto put = [&out](const auto& value) { out.append(reinterpret_cast<const char*>(&value), sizeof(value)); };
    put(words);
    put(session);
    put(ring);
    for (const auto& patch : patches) put(patch);
    return out + catalog + records;
  }
};

}  // namespace lmlog::fuzz
