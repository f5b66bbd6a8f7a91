// SPDX-License-Identifier: Apache-2.0
// The names of the simulated disk. Operations on one name stay in their order; those on different names know of none.
#include "tests/simulation/disk.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "collector/host/file_system.hpp"

namespace lmlog::collector::simulation {

std::shared_ptr<Node> Disk::find(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

std::vector<std::string> Disk::list(const std::string& folder) const {
  std::vector<std::string> out;
  const std::string prefix = folder + "/";
  for (auto it = names_.lower_bound(prefix); it != names_.end() && it->first.starts_with(prefix); ++it) {
    if (it->first.find('/', prefix.size()) == std::string::npos) out.push_back(it->first.substr(prefix.size()));
  }
  return out;  // in the order of the map: sorted
}

std::shared_ptr<Node> Disk::make(const std::string& path, bool is_folder, bool is_volatile) {
  auto node = std::make_shared<Node>();
  node->number = next_number_++;
  node->is_folder = is_folder;
  node->is_volatile = is_volatile;
  names_[path] = node;
  if (!is_volatile) changes_.push_back({Change::Kind::make, path, {}, node});
  return node;
}

void Disk::rename(const std::string& from, const std::string& to) {
  auto node = std::move(names_.at(from));
  names_.erase(from);
  names_[to] = node;
  if (!node->is_volatile) changes_.push_back({Change::Kind::rename, from, to, node});
}

void Disk::remove(const std::string& path) {
  const auto found = names_.find(path);
  const auto node = found->second;
  names_.erase(found);
  if (!node->is_volatile) changes_.push_back({Change::Kind::remove, path, {}, node});
}

void Disk::apply(const Change& change) {
  switch (change.kind) {
    case Change::Kind::make:
      durable_names_[change.name] = change.node;
      break;
    case Change::Kind::rename:
      durable_names_.erase(change.name);
      durable_names_[change.to] = change.node;
      break;
    case Change::Kind::remove:
      durable_names_.erase(change.name);
      break;
  }
}

void Disk::sync_folder(const std::string& path) {
  std::erase_if(changes_, [&](const Change& change) {
    if (parent_folder(change.name) != path) return false;
    apply(change);
    return true;
  });
}

void Disk::lose_power(Random& random) {
  const auto fate = random.below(4);
  std::set<std::string> stuck;  // names whose next change did not reach the disk
  for (const Change& change : changes_) {
    const bool is_lost = stuck.contains(change.name) || (!change.to.empty() && stuck.contains(change.to)) ||
                         fate == 0 || (fate > 1 && random.one_in(2));
    if (!is_lost) {
      apply(change);
      continue;
    }
    stuck.insert(change.name);
    if (!change.to.empty()) stuck.insert(change.to);
  }
  changes_.clear();
  // What lay in a folder that is not there is nowhere. (A folder stands before what it holds.)
  std::erase_if(durable_names_, [&](const auto& entry) {
    const std::string folder = parent_folder(entry.first);
    return folder != "/" && !durable_names_.contains(folder);
  });
  names_ = durable_names_;
  for (auto& [path, node] : names_) {
    if (!node->is_folder) node->lose_power(random);
  }
}

void Disk::do_some_write_back(Random& random) {
  for (auto& [path, node] : names_) {
    if (node->is_folder || node->is_volatile) continue;
    if (random.one_in(3)) node->write_back(random);
    if (random.one_in(3)) node->evict(random);
  }
  if (changes_.empty() || !random.one_in(2)) return;
  // The oldest ones: no change of a name overtakes an earlier one of it.
  const auto count = static_cast<std::ptrdiff_t>(1 + random.below(changes_.size()));
  std::for_each(changes_.begin(), changes_.begin() + count, [this](const Change& change) { apply(change); });
  changes_.erase(changes_.begin(), changes_.begin() + count);
}

std::uint64_t Disk::used() const {
  std::uint64_t sum = 0;
  for (const auto& [path, node] : names_) {
    if (!node->is_volatile) sum += (node->size + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  }
  return sum;
}

std::uint64_t Disk::hash() const {
  std::uint64_t sum = 0;
  const auto mix = [&sum](std::uint64_t value) { sum = (sum ^ value) * 0x9E3779B97F4A7C15ULL, sum ^= sum >> 31; };
  for (const auto& [path, node] : names_) {
    for (const char c : path) mix(static_cast<unsigned char>(c));
    mix(node->size);
    for (std::size_t at = 0; at + 8 <= node->bytes.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, node->bytes.data() + at, sizeof(word));
      mix(word);
    }
  }
  return sum;
}

}  // namespace lmlog::collector::simulation
