// SPDX-License-Identifier: Apache-2.0
// The two sides of a file's bytes. Sizes of an unsynced file follow no order that its bytes know of: a hole in the
// middle reads as zeros.
#include <algorithm>
#include <cstring>

#include "tests/simulation/disk.hpp"

namespace lmlog::collector::simulation {

void Node::mark(std::uint64_t offset, std::uint64_t count, Sector as) {
  if (is_volatile || count == 0) return;
  const auto last = static_cast<std::size_t>((offset + count - 1) / kSectorBytes);
  if (sectors.size() <= last) sectors.resize(last + 1, Sector::clean);
  for (auto i = static_cast<std::size_t>(offset / kSectorBytes); i <= last; ++i) sectors[i] = as;
}

void Node::write(std::uint64_t offset, std::span<const std::byte> from) {
  if (from.empty()) return;
  const std::uint64_t end = offset + from.size();
  if (bytes.size() < end) bytes.resize(static_cast<std::size_t>(end));
  std::memcpy(bytes.data() + offset, from.data(), from.size());
  size = std::max(size, end);
  mark(offset, from.size(), Sector::dirty);
}

std::size_t Node::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset >= size) return 0;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size - offset));
  const std::size_t held =
      offset >= bytes.size() ? 0 : std::min(count, bytes.size() - static_cast<std::size_t>(offset));
  if (held != 0) std::memcpy(out.data(), bytes.data() + offset, held);
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(held), out.begin() + static_cast<std::ptrdiff_t>(count),
            std::byte{});
  return count;
}

std::string text_of(const Node& node) {
  std::string out(static_cast<std::size_t>(node.size), '\0');
  (void)node.read(0, std::as_writable_bytes(std::span(out)));
  return out;
}

void Node::resize(std::uint64_t to) {
  if (to < size) {
    if (bytes.size() > to) bytes.resize(static_cast<std::size_t>(to));
    mark(to, size - to, Sector::dirty);
    smallest_size = std::min(smallest_size, to);
    synced_size = std::min(synced_size, to);
  }
  size = to;
}

void Node::persist(std::size_t sector) {
  const std::size_t begin = sector * kSectorBytes;
  const std::size_t end = begin + kSectorBytes;
  if (durable.size() < end) durable.resize(end);
  const std::size_t held = begin >= bytes.size() ? 0 : std::min<std::size_t>(kSectorBytes, bytes.size() - begin);
  if (held != 0) std::memcpy(durable.data() + begin, bytes.data() + begin, held);
  std::fill(durable.begin() + static_cast<std::ptrdiff_t>(begin + held),
            durable.begin() + static_cast<std::ptrdiff_t>(end), std::byte{});
  sectors[sector] = Sector::clean;
}

void Node::sync() {
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    if (sectors[i] == Sector::dirty) persist(i);
  }
  durable_size = size;
  smallest_size = size;
  if (!has_lost()) synced_size = size;
}

void Node::fail_sync(Random& random) {
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    if (sectors[i] != Sector::dirty) continue;
    if (random.one_in(3)) {
      persist(i);
    } else {
      sectors[i] = Sector::lost;
    }
  }
}

void Node::write_back(Random& random) {
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    if (sectors[i] == Sector::dirty && random.one_in(2)) persist(i);
  }
  if (random.one_in(2)) {
    durable_size = size;
    smallest_size = size;
  }
}

void Node::evict(Random& random) {
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    if (sectors[i] != Sector::lost || random.one_in(2)) continue;
    const std::size_t begin = i * kSectorBytes;
    const std::size_t end = std::min(bytes.size(), begin + kSectorBytes);
    for (std::size_t at = begin; at < end; ++at) bytes[at] = at < durable.size() ? durable[at] : std::byte{};
  }
}

void Node::redirty() {
  for (Sector& sector : sectors) {
    if (sector == Sector::lost) sector = Sector::dirty;
  }
}

bool Node::has_lost() const { return std::find(sectors.begin(), sectors.end(), Sector::lost) != sectors.end(); }

void Node::lose_power(Random& random) {
  // All, nothing, or each for itself: the first two are what mostly happens.
  const auto fate = random.below(4);
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    if (sectors[i] == Sector::dirty && (fate == 0 || (fate > 1 && random.one_in(2)))) persist(i);
  }
  std::uint64_t left = durable_size;
  if (size != durable_size || smallest_size != durable_size) {
    const std::uint64_t low = std::min({smallest_size, durable_size, size});
    const std::uint64_t high = std::max(durable_size, size);
    const std::uint64_t choices[] = {durable_size, size, size, low + random.below(high - low + 1)};
    left = choices[random.below(4)];
  }
  durable.resize(static_cast<std::size_t>(std::min<std::uint64_t>(durable.size(), left)));
  bytes = durable;
  size = durable_size = smallest_size = left;
  sectors.clear();
}

}  // namespace lmlog::collector::simulation
