// SPDX-License-Identifier: Apache-2.0
// A small language for tests of reading: folders with ring, journal and segment files of scripted rings, and everything
// that the decoder reads from them.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/output/record_printer.hpp"
#include "decoder/read/archive.hpp"
#include "decoder/read/merge.hpp"
#include "decoder/render/statement_text.hpp"
#include "lmlog/formats/file_names.hpp"
#include "lmlog/formats/journal_writer.hpp"
#include "lmlog/formats/segment_writer.hpp"
#include "tests/formats/ring_script.hpp"

namespace lmlog::decoder::script {

namespace fs = formats::script;

/// A folder of the test's own, removed at its end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "lmlog-decoder-test.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string path(std::string_view name = {}) const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }
  void write(std::string_view name, std::string_view bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string read(std::string_view name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path path_;
};

/// Scripted files belong to who runs the test, as the ring files beside them do.
inline std::uint32_t owner() { return static_cast<std::uint32_t>(::geteuid()); }

/// The state of a scripted ring at a position, and the records before it.
struct StateAt {
  formats::StateVector state;
  std::uint64_t records = 0;
};

inline StateAt state_at(const fs::RingScript& ring, std::uint64_t position) {
  StateAt out;
  formats::RecordReader reader(ring.bytes(ring.from(), position), ring.from(), ring.data_bytes());
  for (formats::RecordView record; reader.next(record);) {
    (void)out.state.apply(record);
    ++out.records;
  }
  return out;
}

/// A stretch of a ring as journals and blocks take it.
struct Stretch {
  fs::SessionScript* session;
  const fs::RingScript* ring;
  std::uint64_t from;
  std::uint64_t to;
};

inline std::string segment_file(const formats::SegmentHeader& header, const std::vector<std::vector<Stretch>>& blocks,
                                const std::vector<formats::Anchor>& anchors = {}, bool finished = true) {
  formats::SegmentWriter writer(header);
  std::string out = writer.begin({});
  for (const auto& stretches : blocks) {
    formats::BlockBuilder builder;
    for (const Stretch& s : stretches) {
      const StateAt begin = state_at(*s.ring, s.from);
      const StateAt end = state_at(*s.ring, s.to);
      builder.add_range(s.session->catalog(owner()), s.ring->id(), s.ring->data_bytes(), s.from,
                        s.ring->bytes(s.from, s.to), end.records - begin.records, begin.state, end.state);
    }
    out += writer.add_block(builder.finish(
        1, [&](const auto&) { return anchors; }, [&](const auto& session) { return writer.number_of(session); }));
  }
  if (finished) out += writer.finish();
  return out;
}

inline formats::SegmentHeader segment_header(std::uint8_t id, std::string_view service = "golden") {
  formats::SegmentHeader header;
  header.id = fs::id_of(id);
  header.uid = owner();
  header.service = service;
  header.host = "host-1";
  header.writer = "test";
  return header;
}

/// A journal file with one session and its stretches. `more` may add entries (session number 0) before the file ends.
template <class More>
std::string journal_file(fs::SessionScript& session, const std::vector<Stretch>& stretches, More more) {
  formats::JournalWriter writer;
  writer.header(1, 1);
  writer.session(0, owner(), session.descriptor());
  writer.catalog(0, 0, session.catalog_bytes());
  for (const Stretch& s : stretches) {
    writer.range(0, s.ring->id(), s.ring->data_bytes(), s.from, s.to, state_at(*s.ring, s.from).state,
                 s.ring->bytes(s.from, s.to));
  }
  more(writer);
  const auto bytes = writer.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::string journal_file(fs::SessionScript& session, const std::vector<Stretch>& stretches) {
  return journal_file(session, stretches, [](formats::JournalWriter&) {});
}

/// Puts a session file into the folder; its owner is who runs the test.
inline void write_session(const Folder& folder, fs::SessionScript& session, const formats::LossCounts& losses = {}) {
  const auto& d = session.descriptor();
  std::string bytes(formats::kHeaderBytes, '\0');
  std::memcpy(bytes.data(), &d, sizeof(d));
  const std::uint64_t catalog = session.catalog_bytes().size();
  std::memcpy(bytes.data() + formats::kCatalogHeadOffset, &catalog, sizeof(catalog));
  std::memcpy(bytes.data() + formats::kSessionLossesOffset, &losses, sizeof(losses));
  const std::string name = formats::session_file_name(formats::service_of(d), d.pid, d.session_id);
  folder.write(name, bytes);
  std::filesystem::resize_file(folder.path(name), d.file_bytes);
  std::fstream file(folder.path(name), std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(d.catalog_offset));
  file.write(reinterpret_cast<const char*>(session.catalog_bytes().data()), static_cast<std::streamsize>(catalog));
}

struct RingFile {
  std::uint32_t number = 0;
  std::uint64_t tail = 0;
  formats::LossCounts losses{};
};

inline std::string ring_bytes(const fs::SessionScript& session, const fs::RingScript& ring, const RingFile& file) {
  formats::RingDescriptor d{};
  d.magic = formats::kRingMagic;
  d.major = formats::kMajorVersion;
  d.data_offset = formats::kRingDataOffset;
  d.ring_id = ring.id();
  d.session_id = const_cast<fs::SessionScript&>(session).descriptor().session_id;
  d.data_bytes = ring.data_bytes();
  d.number = file.number;
  d.policy = static_cast<std::uint32_t>(formats::RingPolicy::drop);
  std::string bytes(d.data_offset + d.data_bytes, '\0');
  std::memcpy(bytes.data(), &d, sizeof(d));
  const std::uint64_t head = ring.head();
  std::memcpy(bytes.data() + formats::kHeadOffset, &head, sizeof(head));
  const auto tail = formats::TailLine::of(file.tail, 0);
  std::memcpy(bytes.data() + formats::kTailOffset, &tail, sizeof(tail));
  std::memcpy(bytes.data() + formats::kRingLossesOffset, &file.losses, sizeof(file.losses));
  const std::uint64_t oldest = ring.head() - std::min(ring.head() - ring.from(), ring.data_bytes());
  for (std::uint64_t at = oldest; at < ring.head(); at += 8)
    std::memcpy(bytes.data() + d.data_offset + at % d.data_bytes, ring.bytes(at, at + 8).data(), 8);
  return bytes;
}

inline std::string ring_name(fs::SessionScript& session, std::uint32_t number) {
  return formats::ring_file_name(session.descriptor().session_id, number);
}

inline void write_ring(const Folder& folder, fs::SessionScript& session, const fs::RingScript& ring,
                       const RingFile& file = {}) {
  folder.write(ring_name(session, file.number), ring_bytes(session, ring, file));
}

/// Everything that the decoder gives for some paths.
struct Reading {
  std::vector<std::string> messages;
  std::vector<std::string> cursors;
  std::vector<std::uint64_t> times;
  std::string json;
  std::uint64_t damages = 0;
  std::uint64_t blocks_decoded = 0;
  ExitCode exit_code{};
};

inline Reading read(const std::vector<std::string>& paths, const RecordFilter& filter = {}, MergeBounds bounds = {}) {
  Reading out;
  Report report(true, -1);  // its words go nowhere
  Archive archive(paths, report);
  Merge merge(archive, filter, report, bounds);
  RecordPrinter printer({}, report);
  Values values;
  for (Record record; merge.next(record);) {
    const StatementText& text = text_of(*record.row->statement);
    EXPECT_TRUE(values.load(text.layout, record.body()));
    out.messages.emplace_back();
    text.message.append(out.messages.back(), values);
    out.cursors.push_back(record.ring().hex.substr(0, 2) + ":" + std::to_string(record.row->position));
    out.times.push_back(record.row->time);
    EXPECT_TRUE(printer.print(out.json, record));
  }
  out.damages = report.damages();
  out.blocks_decoded = merge.blocks_decoded();
  out.exit_code = report.exit_code(!out.messages.empty());
  return out;
}

}  // namespace lmlog::decoder::script
