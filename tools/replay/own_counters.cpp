// SPDX-License-Identifier: Apache-2.0
// Sums the counters of a session file and its rings.
#include "tools/replay/own_counters.hpp"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "lmlog/formats/file_names.hpp"
#include "lmlog/formats/session_layout.hpp"

#include "tools/rings/ring_look.hpp"

namespace lmlog::tools {

formats::Result<CallCounts> OwnCounters::read(const std::string& session_path) {
  namespace fs = std::filesystem;
  using formats::Error;
  using formats::ErrorCode;

  const fs::path path(session_path);
  const auto id = formats::session_id_of_name(path.filename().string());
  if (!id) return Error{ErrorCode::invalid, session_path + ": this is no name of a session file"};
  if (!session_) {
    auto file = SharedFile::open(session_path);
    if (!file) return Error{file.error().code, session_path + ": " + file.error().text};
    session_.emplace(std::move(*file));
  }
  const auto losses = session_->value_at<formats::LossCounts>(formats::kSessionLossesOffset);
  if (!losses) return Error{ErrorCode::truncated, session_path + ": the file is shorter than its header"};
  CallCounts out = calls_lost(*losses);

  std::error_code failed;
  for (fs::directory_iterator entry(path.parent_path(), failed); !failed && entry != fs::directory_iterator();
       entry.increment(failed)) {
    const auto name = formats::parse_ring_name(entry->path().filename().string());
    if (!name || name->session != *id) continue;
    const auto file = SharedFile::open(entry->path().string());
    if (!file) return Error{file.error().code, entry->path().string() + ": " + file.error().text};
    const auto look = look_at_ring(*file, *id, name->number);
    if (!look) return Error{look.error().code, entry->path().string() + ": " + look.error().text};
    if (!look->complaint.empty()) return Error{ErrorCode::damaged, entry->path().string() + ": " + look->complaint};
    out += look->ring.calls;
  }
  if (failed) return Error{ErrorCode::io, path.parent_path().string() + ": cannot list it: " + failed.message()};
  return out;
}

}  // namespace lmlog::tools
