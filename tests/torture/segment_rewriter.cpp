// SPDX-License-Identifier: Apache-2.0
// What a tier manager does to closed segments, by the real reader and writer: each is written anew into the warm tier,
// as one that replaces it, and then removed. Killed between any two steps.
//   torture-rewriter rewrite ARCHIVE STEP SEED   dies behind that step (0: does not)
//   torture-rewriter check ARCHIVE               1 when a segment is there together with one that replaces it, 3 when
//   one
//                                                is not closed, with its end at the end of the file
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <lmlog/formats/segment_reader.hpp>
#include <lmlog/formats/segment_writer.hpp>

#include "tests/torture/random.hpp"

namespace {

namespace fs = std::filesystem;
using namespace lmlog::formats;

struct Segment {
  fs::path path;
  std::string bytes;
  std::unique_ptr<MemorySource> source;
  std::optional<SegmentReader> reader;
};

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// What has no valid footer.
struct Others {
  std::vector<fs::path> paths;
  std::set<Id128> sources;  // of rewrites that came to no end
};

/// Those with a footer: a rewrite that came to no end has replaced nothing.
std::vector<Segment> closed_segments(const fs::path& archive, Others& others) {
  std::vector<Segment> out;
  for (const auto* tier : {"hot", "warm"}) {
    if (!fs::exists(archive / tier)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(archive / tier)) {
      if (entry.path().extension() != ".lms") continue;
      Segment segment;
      segment.path = entry.path();
      segment.bytes = bytes_of(segment.path);
      segment.source = std::make_unique<MemorySource>(segment.bytes);
      auto reader = SegmentReader::open(*segment.source);
      if (!reader || !reader->has_footer() || !reader->damage().empty()) {
        others.paths.push_back(segment.path);
        if (reader) others.sources.insert(reader->header().replaces.begin(), reader->header().replaces.end());
        continue;
      }
      segment.reader = std::move(*reader);
      out.push_back(std::move(segment));
    }
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return out;
}

std::set<Id128> replaced_by(const std::vector<Segment>& segments) {
  std::set<Id128> out;
  for (const auto& segment : segments) {
    const auto& replaces = segment.reader->header().replaces;
    out.insert(replaces.begin(), replaces.end());
  }
  return out;
}

bool is_there(const std::vector<Segment>& segments, const Id128& id) {
  return std::any_of(segments.begin(), segments.end(),
                     [&id](const auto& one) { return one.reader->header().id == id; });
}

/// The numbers of the sessions stay as they are, so a block's bytes do too.
EncodedBlock same_block(const Segment& segment, const BlockSummary& summary) {
  auto block = segment.reader->read_block(summary);
  if (!block) throw std::runtime_error(segment.path.string() + ": " + block.error().text);
  const BlockDirectory& directory = block->directory();
  EncodedBlock out;
  out.bytes = segment.bytes.substr(static_cast<std::size_t>(summary.offset), static_cast<std::size_t>(summary.bytes));
  out.summary = summary;
  for (const auto& session : directory.sessions) out.sessions.push_back(segment.reader->session(session.number));
  for (const auto& statement : directory.statements) {
    if (statement.id >= kFirstStatementId) out.statements.emplace_back(statement.session, statement.id);
  }
  for (const auto& run : directory.runs)
    out.rings.push_back({out.sessions[run.session]->id(), run.ring, run.data_bytes, run.from, run.to,
                         run.made_by_collector ? 0 : run.records, run.losses, run.end_state});
  return out;
}

/// `named`: so many bytes are there before the file has its name: its first block with what stands before it.
std::string rewritten(const Segment& segment, const Id128& id, std::size_t& named) {
  SegmentHeader header = segment.reader->header();
  header.replaces = {header.id};
  header.id = id;
  header.tier = Tier::warm;
  SegmentWriter writer(header);
  std::string out = writer.begin(segment.reader->checkpoint());
  for (const auto& session : segment.reader->sessions()) (void)writer.number_of(*session);
  named = out.size();
  for (const auto& block : segment.reader->blocks()) {
    out += writer.add_block(same_block(segment, block));
    if (writer.blocks() == 1) named = out.size();
  }
  return out + writer.finish();
}

class Steps {
 public:
  explicit Steps(std::uint64_t last) : left_(last) {}
  void taken() {
    if (left_ != 0 && --left_ == 0) ::kill(::getpid(), SIGKILL);
  }

 private:
  std::uint64_t left_;
};

void write_in_steps(const fs::path& path, std::string_view bytes, std::size_t named, lmlog::torture::Random& random,
                    Steps& steps) {
  const fs::path unfinished = path.string() + ".tmp";
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  steps.taken();
  const std::size_t torn = named + random.below(bytes.size() - named);
  for (const auto part : {bytes.substr(0, torn), bytes.substr(torn)}) {
    if (::write(file, part.data(), part.size()) != static_cast<ssize_t>(part.size()))
      throw std::runtime_error("cannot write " + path.string());
    if (fs::exists(unfinished)) fs::rename(unfinished, path);
    steps.taken();
  }
  ::close(file);
}

void rewrite(const fs::path& archive, std::uint64_t last_step, std::uint64_t seed) {
  lmlog::torture::Random random(seed);
  Steps steps(last_step);
  Others others;
  const auto segments = closed_segments(archive, others);
  const auto replaced = replaced_by(segments);
  for (const auto& segment : segments) {
    // One after the other: what a segment replaces must be gone before it is replaced itself, and so must be other
    // rewrites of that.
    const auto& sources = segment.reader->header().replaces;
    const bool is_busy = replaced.contains(segment.reader->header().id) ||
                         std::any_of(sources.begin(), sources.end(), [&](const auto& one) {
                           return is_there(segments, one) || others.sources.contains(one);
                         });
    if (is_busy || !random.one_in(4)) continue;
    Id128 id;
    const std::uint64_t halves[2] = {random.next(), random.next()};
    std::memcpy(&id, halves, sizeof(id));
    const fs::path folder = archive / "warm" / segment.path.parent_path().filename();
    fs::create_directories(folder);
    const std::string name = segment.path.filename().string();
    const auto path = folder / (name.substr(0, name.rfind('-') + 1) + id.hex().substr(0, 8) + ".lms");
    std::size_t named = 0;
    const std::string bytes = rewritten(segment, id, named);
    write_in_steps(path, bytes, named, random, steps);
    fs::remove(segment.path);
    steps.taken();
  }
}

int check(const fs::path& archive) {
  Others others;
  const auto segments = closed_segments(archive, others);
  const auto replaced = replaced_by(segments);
  int result = others.paths.empty() ? 0 : 3;
  for (const auto& path : others.paths) std::fprintf(stderr, "%s is not closed\n", path.c_str());
  for (const auto& segment : segments) {
    if (!replaced.contains(segment.reader->header().id)) continue;
    std::fprintf(stderr, "%s is there, and so is one that replaces it\n", segment.path.c_str());
    result = 1;
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string_view what = argc > 2 ? argv[1] : "";
    if (what == "check") return check(argv[2]);
    if (what == "rewrite" && argc == 5) {
      rewrite(argv[2], std::strtoull(argv[3], nullptr, 10), std::strtoull(argv[4], nullptr, 10));
      return 0;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "torture-rewriter: %s\n", error.what());
    return 4;
  }
  std::fprintf(stderr, "usage: torture-rewriter rewrite ARCHIVE STEP SEED | check ARCHIVE\n");
  return 2;
}
