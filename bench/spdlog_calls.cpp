// SPDX-License-Identifier: Apache-2.0
// spdlog's asynchronous logger: one worker thread, policy block with a queue that no batch fills (so nothing is lost
// and nothing waits), a file sink on /dev/null: the cheapest output there is.
#include <cstddef>
#include <memory>

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>

#include "bench/batch.hpp"

namespace lmlog::bench {
namespace {

constexpr std::size_t kQueue = 65'536;

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    spdlog::init_thread_pool(kQueue, 1);
    auto made = spdlog::create_async<spdlog::sinks::basic_file_sink_mt>("bench", "/dev/null");
    made->set_level(spdlog::level::info);
    return made;
  }();
  return *instance;
}

}  // namespace

void add_spdlog() {
  spdlog::logger* const log = &logger();
  add_warm("spdlog async/W1/warm", [log](Values&, int) { log->info("heartbeat"); });
  add_warm("spdlog async/W2/warm", [log](Values&, int i) { log->info("seq {}", i); });
  add_warm("spdlog async/W3/warm",
           [log](Values& v, int i) { log->info("order {} px {} qty {}", v.id + i, v.px, v.n); });
  add_warm("spdlog async/W4/warm", [log](Values& v, int i) { log->info("user {} name {}", i, v.name); });
  add_warm("spdlog async/W5/warm",
           [log](Values& v, int i) { log->info("{} {} {} {} {} {} {} {}", i, v.n, i, v.n, i, v.n, i, v.n); });
  add_warm("spdlog async, level off/W3/warm",
           [log](Values& v, int i) { log->debug("order {} px {} qty {}", v.id + i, v.px, v.n); });
  add_cold("spdlog async/W3/cold",
           [log](Values& v, int i) { log->info("order {} px {} qty {}", v.id + i, v.px, v.n); });
}

}  // namespace lmlog::bench
