// SPDX-License-Identifier: Apache-2.0
// The daemon without its signals: recovery at the start, three threads (drain, answers, archiver), and the way to the
// end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/config/config.hpp"
#include "collector/host/clock.hpp"
#include "collector/host/file_system.hpp"
#include "collector/host/liveness.hpp"
#include "collector/host/notices.hpp"
#include "collector/host/random_id.hpp"
#include "collector/metrics/status_report.hpp"

namespace lmlog::collector {

/// What the collector runs on; outlives it.
struct Host {
  FileSystem& files;
  const Clock& clock;
  const Liveness& liveness;
  Notices& notices;
  IdSource new_id;
};

class Collector {
 public:
  /// Locks archive and rings folders, and recovers what earlier collectors left. Nothing runs yet. Errors: io.
  [[nodiscard]] static Result<std::unique_ptr<Collector>> open(Host host, const ConfigBox& config,
                                                               const std::string& archive,
                                                               const std::vector<std::string>& folders);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  /// Starts the threads.
  void start();

  /// Instead of `start`: one round of everything in the calling thread. For tests and simulations.
  void step();

  /// Asks the drain to take what there is and to come to its end.
  void stop();

  /// Waits until all is drained and sealed. Errors: io (what could not be archived stays in journal and rings).
  [[nodiscard]] Status finish();

  [[nodiscard]] StatusReport status() const;

 private:
  struct Parts;
  explicit Collector(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lmlog::collector
