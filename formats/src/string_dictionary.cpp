// SPDX-License-Identifier: Apache-2.0
// The hash table: linear probing at a load of at most a half, with a bound on the length of a probe.
#include "formats/src/string_dictionary.hpp"

#include <algorithm>
#include <cstring>

#define XXH_INLINE_ALL  // most strings are a few bytes: the call would cost more than the hash
#include <xxhash.h>

namespace lmlog::formats {
namespace {

constexpr std::size_t kFirstSlots = 256;  // most columns hold few distinct strings: the table stays in the L1 cache
constexpr std::size_t kMaxProbes = 128;   // hashes are not secret: past it somebody made them meet

inline bool equal(const StringValue& a, const StringValue& b) noexcept {
  return a.word == b.word && std::memcmp(a.data, b.data, a.length()) == 0;
}

}  // namespace

bool StringDictionary::build(std::span<const StringValue> values) {
  const std::size_t most = values.size() / 2;
  slots_.assign(kFirstSlots, Slot{0, 0});
  entries_.clear();
  hashes_.clear();
  indices_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const StringValue& value = values[i];
    if (i != 0 && equal(value, values[i - 1])) {
      indices_[i] = indices_[i - 1];
      continue;
    }
    const std::uint64_t hash = XXH3_64bits(value.data, value.length()) + value.truncated();
    const auto high = static_cast<std::uint32_t>(hash >> 32);
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash) & mask;
    std::size_t probes = 0;
    while (slots_[at].entry != 0 && (slots_[at].hash != high || !equal(entries_[slots_[at].entry - 1], value))) {
      if (++probes == kMaxProbes) return false;
      at = (at + 1) & mask;
    }
    if (slots_[at].entry == 0) {
      if (entries_.size() == most) return false;
      entries_.push_back(value);
      hashes_.push_back(hash);
      slots_[at] = {high, static_cast<std::uint32_t>(entries_.size())};
      indices_[i] = static_cast<std::uint32_t>(entries_.size()) - 1;
      if (entries_.size() * 2 > slots_.size() && !grow()) return false;
    } else {
      indices_[i] = slots_[at].entry - 1;
    }
  }
  return true;
}

bool StringDictionary::grow() {
  const std::size_t size = slots_.size() * 4;
  slots_.assign(size, Slot{0, 0});
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t at = static_cast<std::size_t>(hashes_[i]) & (size - 1);
    std::size_t probes = 0;
    while (slots_[at].entry != 0) {
      if (++probes == kMaxProbes) return false;
      at = (at + 1) & (size - 1);
    }
    slots_[at] = {static_cast<std::uint32_t>(hashes_[i] >> 32), static_cast<std::uint32_t>(i) + 1};
  }
  return true;
}

}  // namespace lmlog::formats
