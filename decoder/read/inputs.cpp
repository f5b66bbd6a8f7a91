// SPDX-License-Identifier: Apache-2.0
// Looks into folders as they are named in the archive's layout; entries that vanish meanwhile are no error.
#include "decoder/read/inputs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "decoder/read/file_source.hpp"
#include "decoder/read/standard_input.hpp"
#include "lmlog/formats/file_names.hpp"
#include "lmlog/formats/journal_layout.hpp"
#include "lmlog/formats/ring_layout.hpp"
#include "lmlog/formats/segment_layout.hpp"
#include "lmlog/formats/session_layout.hpp"

namespace lmlog::decoder {
namespace {

constexpr std::string_view kSegmentSuffix = ".lms";
constexpr std::string_view kJournalSuffix = ".lmj";

std::string joined(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (path.empty() || path.back() != '/') path.push_back('/');
  return path.append(name);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void refuse(std::string folder, const char* what, int reason, Report& report) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();  // one folder, one sentence
  report.io(folder, std::string(what) + ": " + system_reason(reason) +
                        (reason == EACCES ? "; run as a user who may read it" : ""));
}

/// A folder that does not let us see whether `path` is in it is said itself, once for all that may be there.
void refuse_path(const std::string& path, int reason, Report& report) {
  struct stat status {};
  if (reason != EACCES || ::lstat(path.c_str(), &status) == 0 || errno != EACCES)
    return refuse(path, "cannot be listed", reason, report);
  const std::string folder = folder_of(path);
  const bool is_listable = ::faccessat(AT_FDCWD, folder.c_str(), R_OK, AT_EACCESS) == 0;
  refuse(folder, is_listable ? "what is in it cannot be opened" : "cannot be listed", reason, report);
}

/// Names of a folder in order, without those that begin with a dot. A folder that is not there has none.
std::vector<std::string> names_of(const std::string& folder, Report& report) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), ::closedir);
  if (!directory) {
    if (errno != ENOENT && errno != ENOTDIR) refuse_path(folder, errno, report);
    return names;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own
  while (const dirent* entry = ::readdir(directory.get()))
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void add_with_suffix(std::vector<std::string>& out, const std::string& folder, std::string_view suffix,
                     Report& report) {
  for (const auto& name : names_of(folder, report))
    if (name.ends_with(suffix)) out.push_back(joined(folder, name));
}

/// Files of a folder and of the folders in it.
void add_two_levels(std::vector<std::string>& out, const std::string& folder, std::string_view suffix, Report& report) {
  for (const auto& name : names_of(folder, report)) {
    const std::string path = joined(folder, name);
    if (name.ends_with(suffix)) {
      out.push_back(path);
      continue;
    }
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      if (errno == EACCES) refuse_path(path, errno, report);
    } else if (S_ISDIR(status.st_mode)) {
      add_with_suffix(out, path, suffix, report);
    }
  }
}

void classify_file(const std::string& path, Inputs& out, Report& report) {
  const auto file = FileSource::open(path);
  if (!file) {
    const std::string name = path == kStandardInput ? "standard input" : path;
    if (file.error().code == formats::ErrorCode::not_found) return report.io(name, file.error().text);
    return report.error(name, file.error());
  }
  if (path.ends_with(formats::kTemporarySuffix)) {
    return report.damage(path, 0, 0,
                         "this file is still being made, or its maker died: what is whole has no .tmp in its name");
  }
  std::uint64_t words[2] = {};
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(words)));
  if (!got) return report.error(path, got.error());
  if (path == kStandardInput && (words[0] == formats::kSessionMagic || words[0] == formats::kRingMagic)) {
    return report.damage((*file)->path(), 0, 0,
                         "sessions and rings are files that belong together: give the path of one instead of -");
  }
  if (words[0] == formats::kSessionMagic) return out.sessions.push_back(path);
  if (words[0] == formats::kRingMagic) return out.rings.push_back(path);
  if (words[0] == formats::kJournalMagic) return out.journals.push_back(path);
  if (words[1] == formats::kHeaderMagic) return out.segments.push_back(path);
  // A magic that is damaged: the name says what it should be, and a copy or the entries behind it serve.
  if (path.ends_with(kSegmentSuffix)) return out.segments.push_back(path);
  if (path.ends_with(kJournalSuffix)) return out.journals.push_back(path);
  report.damage((*file)->path(), 0, 0,
                "this is no segment, journal, session or ring file (none of their magic numbers)");
}

/// The rings of a folder by the session that their names give.
using RingPaths = std::map<formats::Id128, std::vector<std::string>>;

class SessionLister {
 public:
  explicit SessionLister(Report& report) : report_(report) {}

  void add_folder(const std::string& folder) {
    RingPaths rings;
    std::map<formats::Id128, std::string> sessions;
    for (const auto& name : names_of(folder, report_)) note_name(folder, name, rings, sessions);
    // A session that began after its folder was listed half may have rings in the listing: look once more.
    const bool orphans =
        std::any_of(rings.begin(), rings.end(), [&](const auto& r) { return !sessions.contains(r.first); });
    if (orphans) {
      for (const auto& name : names_of(folder, report_)) note_name(folder, name, rings, sessions);
    }
    for (const auto& [id, path] : sessions) add(id, path, rings[id]);
    for (const auto& [id, paths] : rings) {
      struct stat status {};
      if (sessions.contains(id)) continue;
      for (const auto& path : paths)
        if (::stat(path.c_str(), &status) == 0)
          report_.damage(path, 0, 0, "its session file is missing: without the catalog its records have no meaning");
    }
  }

  void add_session(const std::string& path) {
    const auto id = formats::session_id_of_name(name_of(path));
    if (!id) return report_.damage(path, 0, 0, "a session file must have its name, SERVICE.PID.ID.session");
    RingPaths rings;
    std::map<formats::Id128, std::string> sessions;
    const std::string folder = folder_of(path);
    for (const auto& name : names_of(folder, report_)) note_name(folder, name, rings, sessions);
    add(*id, path, rings[*id]);
  }

  void add_ring(const std::string& path) {
    const auto ring = formats::parse_ring_name(name_of(path));
    if (!ring) return report_.damage(path, 0, 0, "a ring file must have its name, ID.N.ring");
    RingPaths rings;
    std::map<formats::Id128, std::string> sessions;
    const std::string folder = folder_of(path);
    for (const auto& name : names_of(folder, report_)) note_name(folder, name, rings, sessions);
    const auto session = sessions.find(ring->session);
    if (session == sessions.end()) {
      return report_.damage(path, 0, 0,
                            "its session file is not beside it: without the catalog its records have no meaning");
    }
    add(ring->session, session->second, {path});
  }

  [[nodiscard]] std::vector<SessionRequest> take() { return std::move(out_); }

 private:
  static void note_name(const std::string& folder, const std::string& name, RingPaths& rings,
                        std::map<formats::Id128, std::string>& sessions) {
    if (const auto session = formats::session_id_of_name(name)) sessions[*session] = joined(folder, name);
    if (const auto ring = formats::parse_ring_name(name)) {
      auto& paths = rings[ring->session];
      const std::string path = joined(folder, name);
      if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    }
  }

  void add(const formats::Id128& id, const std::string& path, const std::vector<std::string>& rings) {
    const auto [at, is_new] = by_id_.try_emplace(id, out_.size());
    if (is_new) out_.push_back({path, {}});
    auto& request = out_[at->second];
    for (const auto& ring : rings) {
      const std::string name = name_of(ring);
      const bool known = std::any_of(request.ring_paths.begin(), request.ring_paths.end(),
                                     [&](const auto& r) { return name_of(r) == name; });
      if (!known) request.ring_paths.push_back(ring);
    }
  }

  Report& report_;
  std::map<formats::Id128, std::size_t> by_id_;
  std::vector<SessionRequest> out_;
};

}  // namespace

Inputs classify(const std::vector<std::string>& paths, Report& report) {
  Inputs out;
  for (const auto& path : paths) {
    struct stat status {};
    if (path != kStandardInput && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
      out.folders.push_back(path);
    } else {
      classify_file(path, out, report);
    }
  }
  return out;
}

std::vector<SessionRequest> list_sessions(const Inputs& inputs, Report& report) {
  SessionLister lister(report);
  for (const auto& folder : inputs.folders) lister.add_folder(folder);
  for (const auto& path : inputs.sessions) lister.add_session(path);
  for (const auto& path : inputs.rings) lister.add_ring(path);
  return lister.take();
}

std::vector<std::string> list_journals(const Inputs& inputs, Report& report) {
  std::vector<std::string> out;
  for (const auto& folder : inputs.folders) {
    add_with_suffix(out, joined(folder, "journal"), kJournalSuffix, report);
    add_with_suffix(out, folder, kJournalSuffix, report);
  }
  out.insert(out.end(), inputs.journals.begin(), inputs.journals.end());
  return out;
}

std::vector<std::string> list_segments(const Inputs& inputs, TierFolder tier, Report& report) {
  std::vector<std::string> out;
  if (tier == TierFolder::other) out = inputs.segments;
  for (const auto& folder : inputs.folders) {
    switch (tier) {
      case TierFolder::hot:
        add_two_levels(out, joined(folder, "hot"), kSegmentSuffix, report);
        break;
      case TierFolder::warm:
        add_two_levels(out, joined(folder, "warm"), kSegmentSuffix, report);
        break;
      case TierFolder::cold:
        add_two_levels(out, joined(folder, "cold"), kSegmentSuffix, report);
        break;
      case TierFolder::other:
        add_two_levels(out, folder, kSegmentSuffix, report);
        break;
    }
  }
  return out;
}

}  // namespace lmlog::decoder
