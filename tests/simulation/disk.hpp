// SPDX-License-Identifier: Apache-2.0
// A disk in memory: what programs see of it, and what of that would survive a loss of power now. Files are sectors of
// 512 bytes; names are a list of operations that become durable folder by folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/simulation/random.hpp"

namespace lmlog::collector::simulation {

inline constexpr std::uint64_t kSectorBytes = 512;

/// A file or folder, whatever it is called. Those of a tmpfs have no durable side.
struct Node {
  std::uint32_t number = 0;
  bool is_folder = false;
  bool is_volatile = false;  // lies on a tmpfs
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::int64_t modified_ns = 0;

  std::vector<std::byte> bytes;  // what programs read; `size` may be beyond it: zeros
  std::uint64_t size = 0;

  enum class Sector : std::uint8_t {
    clean,
    dirty,  // waits to be written
    lost,   // a failed sync took it for clean: no later sync writes it, unless it is written anew
  };
  std::vector<Sector> sectors;
  std::vector<std::byte> durable;  // what the disk has
  std::uint64_t durable_size = 0;
  std::uint64_t smallest_size = 0;  // since the size was last durable
  std::uint64_t synced_size = 0;    // what a successful sync promised, and no truncation took back

  void write(std::uint64_t offset, std::span<const std::byte> from);
  [[nodiscard]] std::size_t read(std::uint64_t offset, std::span<std::byte> out) const;
  void resize(std::uint64_t to);
  /// All dirty sectors reach the disk.
  void sync();
  /// Some of the dirty sectors do; the rest is forgotten, as Linux does it.
  void fail_sync(Random& random);
  /// The kernel writes some of them on its own account.
  void write_back(Random& random);
  /// Pages that a failed sync took for clean are dropped from memory: what the disk has shows.
  void evict(Random& random);
  /// For a limit that this simulation does not cross: the next process's sync finds what this one's lost.
  void redirty();
  void lose_power(Random& random);

  [[nodiscard]] bool has_lost() const;

 private:
  void mark(std::uint64_t offset, std::uint64_t bytes, Sector as);
  void persist(std::size_t sector);
};

/// What programs read of it, as text.
[[nodiscard]] std::string text_of(const Node& node);

class Disk {
 public:
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  /// Null when the name is not there.
  [[nodiscard]] std::shared_ptr<Node> find(const std::string& path) const;
  [[nodiscard]] const Names& names() const noexcept { return names_; }
  [[nodiscard]] std::vector<std::string> list(const std::string& folder) const;

  /// The folder above must be there.
  std::shared_ptr<Node> make(const std::string& path, bool is_folder, bool is_volatile);
  void rename(const std::string& from, const std::string& to);
  void remove(const std::string& path);
  void sync_folder(const std::string& path);

  /// What was not synced survives or not, sector by sector and name by name; a tmpfs is empty.
  void lose_power(Random& random);
  /// The kernel does of its own accord what nobody asked for yet.
  void do_some_write_back(Random& random);

  /// Bytes in use, without what lies on a tmpfs.
  [[nodiscard]] std::uint64_t used() const;
  /// Changes with every byte that programs see.
  [[nodiscard]] std::uint64_t hash() const;

 private:
  struct Change {
    enum class Kind : std::uint8_t { make, rename, remove } kind;
    std::string name;
    std::string to;  // rename
    std::shared_ptr<Node> node;
  };
  void apply(const Change& change);

  Names names_;
  Names durable_names_;
  std::vector<Change> changes_;  // not durable yet, oldest first
  std::uint32_t next_number_ = 1;
};

}  // namespace lmlog::collector::simulation
