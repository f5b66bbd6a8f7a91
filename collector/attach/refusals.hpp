// SPDX-License-Identifier: Apache-2.0
// Files that are not served: listed for the status, counted by reason, and said without letting anybody flood the
// collector's log with the names that he invents.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "collector/drain/drain_context.hpp"

namespace lmlog::collector {

/// A file that is not served, and why.
struct QuarantinedFile {
  std::string path;
  std::string reason;
};

/// What the status lists at most: names are chosen by producers.
inline constexpr std::size_t kMaxListed = 1000;

/// Not thread-safe: the drain's thread.
class Refusals {
 public:
  explicit Refusals(DrainContext& context) : context_(context) {}

  /// Between the two each file that is not served is refused once.
  void begin_scan();
  void refuse(const std::string& path, const Error& error);
  void end_scan();

  /// Those of the last scan, the first `kMaxListed` in order of their paths.
  [[nodiscard]] std::vector<QuarantinedFile> list() const;

 private:
  void say(const std::string& path, const Error& error);

  DrainContext& context_;
  std::map<std::string, std::string> refused_;  // path and reason, of the last scan
  std::map<std::string, std::string> now_;      // of this one
  std::map<std::string, bool> limits_;          // sentences that hold for many files; true: in this scan
  std::uint32_t said_ = 0;                      // since said_since_ns_
  std::uint32_t unsaid_ = 0;
  std::int64_t said_since_ns_ = 0;  // monotonic
};

}  // namespace lmlog::collector
