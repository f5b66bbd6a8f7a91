// SPDX-License-Identifier: Apache-2.0
// A file is said and counted once, and again when it was gone or served in between. What a limit keeps out is said once
// for all files that it keeps out.
#include "collector/attach/refusals.hpp"

#include <utility>

namespace lmlog::collector {

namespace {

// A folder of broken files is a handful in an honest life; an attacker gets so many lines a minute.
constexpr std::uint32_t kSaidPerMinute = 100;
constexpr std::int64_t kMinuteNs = 60 * kNsPerSecond;

/// What a person can do about it; the texts of the other codes say it.
const char* remedy_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::damaged:
    case ErrorCode::truncated:
    case ErrorCode::not_ours:
      return "; remove it when no process uses it";
    default:
      return "";
  }
}

/// Keys of the status: they stay as they are.
const char* key_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::truncated:
      return "truncated";
    case ErrorCode::unsupported:
      return "newer_version";
    case ErrorCode::not_ours:
      return "not_ours";
    case ErrorCode::too_large:
      return "over_limit";
    case ErrorCode::io:
      return "unreadable";
    default:
      return "damaged";
  }
}

}  // namespace

void Refusals::begin_scan() {
  now_.clear();
  for (auto& [sentence, is_current] : limits_) is_current = false;
}

void Refusals::refuse(const std::string& path, const Error& error) {
  if (error.code == ErrorCode::not_found) return;  // gone since the folder was listed
  const bool is_first = now_.emplace(path, error.text).second;
  if (is_first && !refused_.contains(path)) context_.totals.quarantines[key_of(error.code)] += 1;
  if (error.code != ErrorCode::too_large) return say(path, error);
  const bool is_new = limits_.insert_or_assign(error.text, true).second;
  if (is_new) context_.notices.warn_once(error.text, path + " is not served: " + error.text);
}

void Refusals::say(const std::string& path, const Error& error) {
  const auto before = refused_.find(path);
  if (before != refused_.end() && before->second == error.text) return;
  const std::int64_t now = context_.clock.monotonic_ns();
  if (now - said_since_ns_ >= kMinuteNs) {
    said_since_ns_ = now;
    said_ = 0;
  }
  if (said_ >= kSaidPerMinute) {
    ++unsaid_;
    return;
  }
  ++said_;
  context_.notices.warn_once(path, path + " is not served: " + error.text + remedy_for(error.code));
}

void Refusals::end_scan() {
  for (const auto& [path, reason] : refused_) {
    if (!now_.contains(path)) context_.notices.settle(path, {});
  }
  std::erase_if(limits_, [this](const auto& limit) {
    if (!limit.second) context_.notices.settle(limit.first, {});
    return !limit.second;
  });
  refused_.swap(now_);
  if (said_ != kSaidPerMinute || unsaid_ == 0) return;
  ++said_;  // once a minute
  unsaid_ = 0;
  context_.notices.say("more files are not served than are named here; lmlog-collector --status lists " +
                       std::to_string(kMaxListed) + " of them, and counts all");
}

std::vector<QuarantinedFile> Refusals::list() const {
  std::vector<QuarantinedFile> out;
  for (const auto& [path, reason] : refused_) {
    if (out.size() >= kMaxListed) break;
    out.push_back({path, reason});
  }
  return out;
}

}  // namespace lmlog::collector
