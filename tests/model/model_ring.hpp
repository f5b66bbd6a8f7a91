// SPDX-License-Identifier: Apache-2.0
// A small ring with its producer and its readers, made of the shipped headers: RingRoom, ring_protocol.hpp,
// RecordReader. What is said here anew is only the sequence of calls, as in Ring::make_room(), RingDrain::turn() and
// copy_ring(), and how the bytes are kept.
//
// Bytes are words of 8. PlainWords are plain memory, and relacy reports every race on them: by the protocol nobody
// reads a byte of a ring that drops or blocks while it is written, so there plain stores and the kernel's copies are
// right. SharedWords are relaxed atomics, for readers that copy first and ask afterwards what was whole. C++ has no
// words for a plain store beside another process's `pread`; each is a copy of whole aligned words, and so are relaxed
// atomics. pread and pwrite order nothing here: whatever the kernel orders besides is not relied upon.
#pragma once

#include "tests/model/relacy_memory.hpp"

namespace lmlog::model {

inline constexpr std::uint32_t kStatement = formats::kFirstStatementId;

template <std::uint64_t bytes> class PlainWords {
 public:
  static constexpr std::uint64_t kBytes = bytes;
  void store(std::size_t at, std::uint64_t value) { words_[at](RL_INFO) = value; }
  [[nodiscard]] std::uint64_t load(std::size_t at) const { return words_[at](RL_INFO); }

 private:
  std::array<rl::var<std::uint64_t>, bytes / 8> words_;
};

template <std::uint64_t bytes> class SharedWords {
 public:
  static constexpr std::uint64_t kBytes = bytes;
  void store(std::size_t at, std::uint64_t value) { RelacyAtomics::store_relaxed(words_[at], value); }
  [[nodiscard]] std::uint64_t load(std::size_t at) const { return RelacyAtomics::load_relaxed(words_[at]); }

 private:
  std::array<Word, bytes / 8> words_;
};

/// A private copy of positions.
template <std::uint64_t max_bytes> struct Copy {
  std::array<std::uint64_t, max_bytes / 8> words{};
  std::size_t count = 0;

  [[nodiscard]] std::span<const std::uint64_t> from(std::uint64_t bytes) const {
    return std::span(words).first(count).subspan(bytes / 8);
  }
};

/// What lies in the file. Record n has n as its time, and n again in each word of its body.
template <class Words, class TailWord = Word> struct RingFile {
  static constexpr std::uint64_t kBytes = Words::kBytes;

  Words words;
  Word head;
  TailWord tail;
  TailWord not_tail;
  Word floor;

  void make() {
    RelacyAtomics::store_relaxed(head, std::uint64_t{0});
    RelacyAtomics::store_relaxed(tail, std::uint64_t{0});
    RelacyAtomics::store_relaxed(not_tail, ~std::uint64_t{0});
    RelacyAtomics::store_relaxed(floor, std::uint64_t{0});
    for (std::size_t i = 0; i < kBytes / 8; ++i) words.store(i, 0);
  }

  void write(std::uint64_t position, std::uint32_t id, std::uint64_t bytes, std::uint64_t number) {
    const std::size_t at = position % kBytes / 8;
    words.store(at, number);
    words.store(at + 1, std::uint64_t{formats::pack_id_and_length(id, bytes)} << 32 | formats::stamp_of(position));
    // Of a pad only the header is written.
    if (id == static_cast<std::uint32_t>(formats::RecordKind::pad)) return;
    for (std::size_t i = 2; i < bytes / 8; ++i) words.store(at + i, number);
  }

  /// The positions [from, to).
  [[nodiscard]] Copy<kBytes> copy(std::uint64_t from, std::uint64_t to) const {
    Copy<kBytes> out;
    for (; from < to; from += 8) out.words[out.count++] = words.load(from % kBytes / 8);
    return out;
  }
};

/// The records in the copy of [from, …): each must be whole, and is given to `take`.
template <class File, class Take>
void walk(const File& /*file*/, std::span<const std::uint64_t> copy, std::uint64_t from, const Take& take) {
  formats::RecordReader reader(std::as_bytes(copy), from, File::kBytes);
  formats::RecordView record;
  while (reader.next(record)) {
    for (std::size_t i = 0; i < record.body.size(); i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, record.body.data() + i, sizeof(word));
      RL_ASSERT(word == record.time);
    }
    take(record);
  }
  RL_ASSERT(reader.stop() == formats::WalkEnd::end);
}

/// A thread that logs, with the policy drop: Ring::make_room() and a log call.
template <class File> class Producer {
 public:
  explicit Producer(File& file) : file_(file) {}

  /// False: no room.
  bool log(std::uint64_t number, std::uint64_t bytes) {
    if (position_ + bytes > limit_ && !make_room(bytes)) return false;
    put(number, bytes);
    return true;
  }

  /// Behind a state record of the same length, or not at all.
  bool log_behind(formats::RecordKind kind, std::uint64_t state, std::uint64_t number, std::uint64_t bytes) {
    (void)accept_tail();
    const std::uint64_t at = room_.start_of_record(position_, bytes);
    if (!room_.holds(room_.start_of_record(at + bytes, bytes) + bytes)) return false;
    pad_to(at);
    file_.write(at, static_cast<std::uint32_t>(kind), bytes, state);
    position_ = at + bytes;
    formats::publish_head<RelacyAtomics>(file_.head, position_);
    open(room_.start_of_record(position_, bytes));
    put(number, bytes);
    return true;
  }

  bool accept_tail() { return room_.accept_tail<RelacyAtomics>(file_.tail, file_.not_tail, file_.head); }

  [[nodiscard]] std::uint64_t position() const { return position_; }
  /// By the thread that takes the ring over: its line has no room yet.
  void go_on_at(std::uint64_t position) {
    position_ = position;
    limit_ = 0;
  }

 private:
  bool make_room(std::uint64_t bytes) {
    (void)accept_tail();
    const std::uint64_t start = room_.start_of_record(position_, bytes);
    if (!room_.holds(start + bytes)) return false;
    open(start);
    return true;
  }

  void pad_to(std::uint64_t start) {
    if (detail::RingRoom::needs_pad(start - position_))
      file_.write(position_, static_cast<std::uint32_t>(formats::RecordKind::pad), start - position_, 0);
    position_ = start;
  }

  void open(std::uint64_t start) {
    pad_to(start);
    limit_ = room_.limit(start);
  }

  void put(std::uint64_t number, std::uint64_t bytes) {
    file_.write(position_, kStatement, bytes, number);
    position_ += bytes;
    formats::publish_head<RelacyAtomics>(file_.head, position_);
  }

  File& file_;
  detail::RingRoom room_{File::kBytes};
  std::uint64_t position_ = 0;
  std::uint64_t limit_ = 0;
};

/// The collector: what it has read is safe at once.
template <class File> class Collector {
 public:
  explicit Collector(File& file) : file_(file) {}

  /// All that there is now. `take` as for walk().
  template <class Take> bool drain(const Take& take) {
    const std::uint64_t head =
        formats::read_head<RelacyAtomics>([this] { return RelacyAtomics::load_relaxed(file_.head); });
    RL_ASSERT(head % 8 == 0 && head >= position_ && head - position_ <= File::kBytes);
    if (head == position_) return false;
    const auto copy = file_.copy(position_, head);
    walk(file_, copy.from(0), position_, take);
    position_ = head;
    formats::release_tail<RelacyAtomics>([this] {
      RelacyAtomics::store_relaxed(file_.tail, position_);
      RelacyAtomics::store_relaxed(file_.not_tail, ~position_);
    });
    return true;
  }

 private:
  File& file_;
  std::uint64_t position_ = 0;
};

}  // namespace lmlog::model
