// SPDX-License-Identifier: Apache-2.0
// Every bit of a journal flipped once: the reader says that the entry with the bit is damaged, and no byte more, or
// nothing that it gives is changed; all other entries come as they were written.
// usage: journal-flips [--bytes N] [--stride BITS] [--threads N] [--bit N]

#include <algorithm>
#include <memory>

#include "lmlog/formats/journal_reader.hpp"
#include "tests/damage/flips.hpp"

namespace lmlog::damage {
namespace {

/// Entries before and behind the one that has the bit which are read with it. The reader keeps nothing from entry to
/// entry, so that others cannot be affected; all the same the whole file is read after every so many flips.
constexpr std::size_t kNeighbours = 8;
constexpr std::uint64_t kWholeFileEvery = 7;

/// An entry with its own copy of the bytes.
struct Kept {
  JournalEntry entry;
  std::string bytes;
};

bool same(const JournalEntry& a, const Kept& kept) {
  const JournalEntry& b = kept.entry;
  return a.type == b.type && a.length == b.length && a.session == b.session && a.uid == b.uid &&
         std::memcmp(&a.descriptor, &b.descriptor, sizeof(a.descriptor)) == 0 && a.catalog_offset == b.catalog_offset &&
         a.ring == b.ring && a.data_bytes == b.data_bytes && a.from == b.from && a.to == b.to && a.state == b.state &&
         a.time == b.time && a.losses == b.losses && std::memcmp(&a.anchor, &b.anchor, sizeof(a.anchor)) == 0 &&
         std::string_view(reinterpret_cast<const char*>(a.bytes.data()), a.bytes.size()) == kept.bytes;
}

/// The file's header and some of its entries, as a file of their own.
class Window final : public ByteSource {
 public:
  explicit Window(const std::string& file) : bytes_(file) {}

  void flip(std::uint64_t bit) {
    char& byte = bytes_[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<char>(byte ^ (1 << bit % 8));
  }
  void show(std::uint64_t header, std::uint64_t from, std::uint64_t to) {
    header_ = header;
    from_ = from;
    to_ = to;
  }
  [[nodiscard]] Result<std::uint64_t> size() const override { return header_ + (to_ - from_); }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::size_t done = 0;
    if (offset < header_) {
      done = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), header_ - offset));
      std::memcpy(out.data(), bytes_.data() + offset, done);
      offset += done;
    }
    const std::uint64_t at = offset - header_ + from_;
    if (done == out.size() || at >= to_) return done;
    const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(out.size() - done, to_ - at));
    std::memcpy(out.data() + done, bytes_.data() + at, more);
    return done + more;
  }

 private:
  std::string bytes_;
  std::uint64_t header_ = 0;
  std::uint64_t from_ = 0;
  std::uint64_t to_ = 0;
};

class JournalFlipper {
 public:
  JournalFlipper(const SampleFile& file, const std::vector<Kept>& entries)
      : file_(&file), entries_(&entries), source_(file.bytes) {}

  Verdict flip(std::uint64_t bit) {
    const Region* region = &file_->region_of(bit / 8);
    const auto hit = static_cast<std::size_t>(region - file_->regions.data());  // 0: the header
    const bool whole = hit == 0 || bit % (kWholeFileEvery * std::max<std::uint64_t>(file_->bytes.size() >> 17, 1)) == 0;
    const std::size_t count = entries_->size();
    const std::size_t first = whole || hit <= kNeighbours ? 0 : hit - 1 - kNeighbours;
    const std::size_t last = whole ? count : std::min(count, hit + kNeighbours);  // behind
    source_.flip(bit);
    Verdict verdict = read(hit, first, last);
    source_.flip(bit);
    return verdict;
  }

 private:
  Verdict read(std::size_t hit, std::size_t first, std::size_t last) {
    const std::uint64_t header = file_->regions[0].bytes;
    const std::uint64_t begin = file_->regions[first + 1].offset;
    source_.show(header, begin, file_->regions[last].end());
    auto reader = JournalReader::open(source_);
    if (!reader) return {true, "the file is refused: " + reader.error().text};
    if (hit == 0 && reader->damage().empty()) return {false, "a changed header is believed"};

    const Region& region = file_->regions[hit];
    for (std::size_t i = first; i < last; ++i) {
      const auto entry = reader->next();
      if (!entry) return {true, "reading ends: " + entry.error().text};
      const std::uint64_t offset = *entry ? (*entry)->offset - header + begin : file_->bytes.size();
      if (i + 1 == hit && offset != region.offset) {
        if (++i == last)
          return *entry ? Verdict{true, "an entry that nobody wrote"} : at_the_end(*reader, region, begin);
      }
      if (!*entry || offset != file_->regions[i + 1].offset) return {true, "an undamaged entry does not come"};
      if (!same(**entry, (*entries_)[i])) return {false, "an entry holds something else"};
    }
    if (const auto more = reader->next(); !more || *more) return {true, "an entry that nobody wrote"};
    return at_the_end(*reader, region, begin);
  }

  /// What was said of the entry that was hit.
  Verdict at_the_end(const JournalReader& reader, const Region& region, std::uint64_t begin) const {
    const std::uint64_t moved = begin - file_->regions[0].bytes;
    const std::uint64_t size = source_.size().value();
    bool detected = false;
    for (const Damage& damage : reader.damage()) {
      detected = true;
      if (damage.offset + moved != region.offset || damage.length != region.bytes)
        return {true, "the damage is not its entry: " + std::to_string(damage.offset + moved) + " + " +
                          std::to_string(damage.length)};
    }
    if (reader.valid_end() == size) return {detected, ""};
    // The last entry that is shown: a torn end.
    if (reader.valid_end() + moved != region.offset || size + moved != region.end())
      return {true, "the torn end is not the damaged entry"};
    return {true, ""};
  }

  const SampleFile* file_;
  const std::vector<Kept>* entries_;
  Window source_;
};

std::vector<Kept> entries_of(const MemorySource& source) {
  std::vector<Kept> out;
  auto reader = JournalReader::open(source).value();
  for (;;) {
    const auto entry = reader.next().value();
    if (!entry) return out;
    out.push_back({*entry, {reinterpret_cast<const char*>(entry->bytes.data()), entry->bytes.size()}});
  }
}

}  // namespace
}  // namespace lmlog::damage

int main(int argc, char** argv) {
  using namespace lmlog::damage;
  const FlipOptions options = parse_flip_options(argc, argv);
  const SampleFile file = sample_journal(options.bytes);
  const MemorySource source(file.bytes);
  const auto entries = entries_of(source);
  const bool good =
      flip_all("journal", file, options, "journal-flips --bytes " + std::to_string(options.bytes), [&]() -> Flipper {
        auto flipper = std::make_shared<JournalFlipper>(file, entries);
        return [flipper](std::uint64_t bit) { return flipper->flip(bit); };
      });
  return good ? 0 : 1;
}
