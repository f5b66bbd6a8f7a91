// SPDX-License-Identifier: Apache-2.0
// The journal files of an archive: opened while they are listed, then read once to learn which ranges of which rings
// they hold beyond what is in segments.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "decoder/read/raw_cursor.hpp"
#include "decoder/read/report.hpp"
#include "decoder/read/segment_index.hpp"
#include "lmlog/formats/session_layout.hpp"

namespace lmlog::decoder {

/// What is known of a session outside segments: from journals, and from its own file.
struct RawSession {
  std::shared_ptr<Session> session;
  std::vector<formats::Anchor> anchors;
};

/// The raw part of one ring while it is put together.
struct RawChain {
  formats::Id128 session;
  std::vector<RawPiece> pieces;  // in order of position
  std::uint64_t end = 0;         // the bytes below it are in segments or in the pieces
  formats::LossCounts losses{};  // reported by segments or pieces
};

struct SessionKey {
  std::uint32_t uid = 0;
  formats::Id128 id;
  friend bool operator==(const SessionKey&, const SessionKey&) = default;
};

struct SessionKeyHash {
  std::size_t operator()(const SessionKey& key) const noexcept { return std::hash<formats::Id128>{}(key.id) ^ key.uid; }
};

struct RawIndex {
  std::unordered_map<SessionKey, RawSession, SessionKeyHash> sessions;
  std::unordered_map<RingKey, RawChain, RingKeyHash> chains;

  /// The chain of a ring, begun where the segments end for it.
  [[nodiscard]] RawChain& chain(const RingKey& key, const formats::Id128& session, SegmentIndex& segments);
};

class JournalIndex {
 public:
  explicit JournalIndex(Report& report) : report_(&report) {}

  /// As for segments: a file that is gone meanwhile is in segments, which are listed later.
  void add(const std::string& path, bool named);

  /// Reads all files. Call it after the segments have settled.
  void read(RawIndex& out, SegmentIndex& segments);

 private:
  void read_file(const std::shared_ptr<FileSource>& file, RawIndex& out, SegmentIndex& segments);

  Report* report_;
  std::vector<std::shared_ptr<FileSource>> files_;
};

}  // namespace lmlog::decoder
