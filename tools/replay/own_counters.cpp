// SPDX-License-Identifier: Apache-2.0
// Sums the counters of a session file and its rings.
#include "tools/replay/own_counters.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
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

  // By their names: a folder that is a drop box lets nobody list it.
  const auto rings = session_->value_at<std::uint64_t>(formats::kRingsMadeOffset);
  if (!rings) return Error{ErrorCode::truncated, session_path + ": the file is shorter than its header"};
  for (std::uint32_t number = 0; number < *rings; ++number) {
    const std::string ring = (path.parent_path() / formats::ring_file_name(*id, number)).string();
    const auto file = SharedFile::open(ring);
    if (!file) return Error{file.error().code, ring + ": " + file.error().text};
    const auto look = look_at_ring(*file, *id, number);
    if (!look) return Error{look.error().code, ring + ": " + look.error().text};
    if (!look->complaint.empty()) return Error{ErrorCode::damaged, ring + ": " + look->complaint};
    out += look->ring.calls;
  }
  return out;
}

}  // namespace lmlog::tools
