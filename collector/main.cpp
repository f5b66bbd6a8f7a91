// SPDX-License-Identifier: Apache-2.0
// lmlog-collector: options, signals, and the status every second; the work is Collector's.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <thread>

#include "collector/attach/served_folders.hpp"
#include "collector/collector.hpp"
#include "collector/command_line.hpp"
#include "collector/config/config_file.hpp"
#include "collector/host/lock_liveness.hpp"
#include "collector/host/posix_file_system.hpp"
#include "collector/host/system_clock.hpp"
#include "collector/settings.hpp"
#include "collector/signals.hpp"
#include "collector/store/archive_layout.hpp"

namespace {

using namespace lmlog::collector;

enum ExitCode : int { kDone = 0, kUsage = 2, kIo = 4, kInterrupted = 130 };

int fail(ExitCode code, const std::string& sentence) {
  std::fprintf(stderr, "lmlog-collector: %s\n", printable(sentence).c_str());
  return code;
}

/// A closed pipe is no failure: its reader had enough.
int print(const std::string& text) {
  const bool is_good = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (is_good || errno == EPIPE) return kDone;
  return fail(kIo, "cannot write to standard output: " + std::generic_category().message(errno) +
                       "; make room there, or send it elsewhere");
}

int print_status(FileSystem& files, const Config& config, bool json) {
  const ArchiveLayout layout(config.archive);
  auto file = files.open(layout.status_file(), OpenFor::reading);
  if (!file)
    return fail(kIo, file.error().text + (file.error().code == ErrorCode::not_found
                                              ? ". No collector has served this archive; name another with --archive"
                                              : ". Ask as the collector's user, or as another that may read there"));
  const auto bytes = (*file)->size();
  if (!bytes) return fail(kIo, bytes.error().text);
  std::string text(static_cast<std::size_t>(*bytes), '\0');
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  if (!got) return fail(kIo, got.error().text);
  // Whoever can lock the folder is alone: then the status is that of a collector which ended.
  const bool is_running = !files.lock_folder(config.archive);
  if (!is_running) fail(kDone, "no collector runs on " + config.archive + "; this is what the last one wrote");
  if (!json) {
    auto table = status_text(text, SystemClock().realtime_ns(), is_running);
    if (!table) return fail(kIo, layout.status_file() + ": " + table.error().text);
    text = *table;
  }
  return print(text);
}

void publish(FileSystem& files, const std::string& path, const Collector& collector, Notices& notices) {
  if (auto status = write_status(files, path, collector.status()); !status) {
    notices.warn_beside("status", "the status cannot be written: " + status.error().text);
  } else {
    notices.settle("status", {});
  }
}

/// Each session, ring and open segment is a descriptor; the usual soft limit is for programs that use select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(FileSystem& files, const CommandLine& line, Config config) {
  raise_descriptor_limit();
  Signals signals;
  Notices notices;
  const SystemClock clock;
  const LockLiveness liveness;
  ConfigBox box(config);
  say_idle_settings(config, notices);
  auto folders = served_folders(files, config.rings, folder_environment(), notices);
  if (!folders) return fail(kIo, folders.error().text);
  auto opened = Collector::open({files, clock, liveness, notices, random_id}, box, config.archive, *folders);
  if (!opened) return fail(kIo, opened.error().text);
  Collector& collector = **opened;
  const std::string status_file = ArchiveLayout(config.archive).status_file();

  try {
    collector.start();
  } catch (const std::system_error& error) {
    // Those threads that did start are in the middle of something: what they do is safe against any end.
    (void)fail(kIo,
               "a thread cannot be started: " + error.code().message() +
                   "; raise the limit on processes of this user (TasksMax of the service, ulimit -u), or free memory");
    ::_exit(kIo);
  }
  publish(files, status_file, collector, notices);
  bool stopping = line.drain;
  while (!stopping) {
    const int signal_number = signals.wait(kNsPerSecond);
    if (signal_number == SIGHUP) reload(files, line, box, notices);
    stopping = signal_number == SIGTERM || signal_number == SIGINT;
    if (!stopping) publish(files, status_file, collector, notices);
  }
  collector.stop();
  // A second signal ends at once: what is not archived is safe in journal and rings, and the next collector goes on
  // with it.
  std::atomic<bool> ended{false};
  std::thread impatience;
  const auto wait_for_another = [&] {
    while (!ended) {
      const int signal_number = signals.wait(kNsPerSecond);
      if (signal_number != SIGTERM && signal_number != SIGINT) continue;
      notices.say("interrupted: what is not archived yet stays in the journal and in the rings");
      ::_exit(kInterrupted);
    }
  };
  try {
    impatience = std::thread(wait_for_another);
  } catch (const std::system_error&) {
    // Then it takes SIGKILL to hurry the end, which is as safe.
  }
  const auto status = collector.finish();
  ended = true;
  signals.wake();
  if (impatience.joinable()) impatience.join();
  publish(files, status_file, collector, notices);
  if (!status)
    return fail(kIo, status.error().text +
                         ". What could not be archived stays in the journal and in the rings: start it again");
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  int exit_code = kDone;
  const auto line = parse_command_line(argc, argv, exit_code);
  if (!line) return exit_code;
  PosixFileSystem files;
  auto config = settings(files, *line);
  if (!config) return fail(config.error().code == ErrorCode::io ? kIo : kUsage, config.error().text);
  if (line->check_config) {
    Notices notices;
    say_idle_settings(*config, notices);
    const std::string path = config_path(line->config);
    return print(path + (files.info(path) ? ": good\n" : ": not there; the defaults are good\n"));
  }
  if (line->status) return print_status(files, *config, line->json);
  return serve(files, *line, std::move(config).value());
}
