// SPDX-License-Identifier: Apache-2.0
// Runs a program and lets one of its system calls fail, come short, or be its last. Tells on stdout, as JSON lines,
// what it saw: without a fault every call with its thread and file, else the call that was hit.
// Usage: fault-injector [--calls A,B,…] [--thread T] [--at K] [--kill | --error ERRNO | --short] [--for-ms N]
//                       [--below PATH] -- PROGRAM ARGUMENT…
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/traced_process.hpp"

namespace {

using namespace lmlog::faults;
using Clock = std::chrono::steady_clock;

const std::map<std::string_view, int> kErrors{{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EROFS", EROFS},
                                              {"EMFILE", EMFILE}, {"EINTR", EINTR},   {"EAGAIN", EAGAIN},
                                              {"EDQUOT", EDQUOT}, {"ENOMEM", ENOMEM}, {"EACCES", EACCES}};

struct Fault {
  enum class What : std::uint8_t { none, kill, error, come_short };
  What what = What::none;
  int error_number = 0;
  int thread = -1;          // any
  std::uint64_t at = 0;     // the first is 1
  std::int64_t for_ms = 0;  // 0: this call alone; else all calls of the kinds, in any thread, from this one on
  std::string below;        // files below this folder alone
};

struct Options {
  std::vector<const CallKind*> kinds;
  Fault fault;
  std::vector<std::string> command;
};

int usage(const std::string& what) {
  std::fprintf(stderr, "fault-injector: %s\n", what.c_str());
  return 2;
}

/// The text as it stands in JSON: paths of this project's tests hold nothing else that needs care.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) >= 0x20) out.push_back(c);
  }
  return out + "\"";
}

std::string described(const StoppedCall& call, std::uint64_t number) {
  return "{\"thread\":" + std::to_string(call.index()) + ",\"call\":\"" + std::string(call.kind()->name) +
         "\",\"k\":" + std::to_string(number) + ",\"path\":" + quoted(call.path());
}

class Injector {
 public:
  explicit Injector(Fault fault) : fault_(std::move(fault)) {}

  Then operator()(const StoppedCall& call) {
    if (call.kind() == nullptr) return Then::go_on;
    if (!fault_.below.empty() && !call.path().starts_with(fault_.below)) return Then::go_on;
    if (fault_.what == Fault::What::none) {
      std::uint64_t& number = numbers_[{call.index(), call.kind()}];
      std::printf("%s}\n", described(call, ++number).c_str());
      return Then::go_on;
    }
    // A file whose sync failed: the kernel would call the next one good.
    const bool is_sync = call.kind()->name == "fdatasync" || call.kind()->name == "fsync";
    if (is_sync && call.inode() != 0 && call.inode() == failed_) {
      std::printf("%s,\"trusted\":true}\n", described(call, seen_).c_str());
      failed_ = 0;
    }
    const bool lasts = hit_at_ && Clock::now() - *hit_at_ < std::chrono::milliseconds(fault_.for_ms);
    if (!lasts) {
      if (hit_at_ || (fault_.thread >= 0 && call.index() != fault_.thread) || ++seen_ != fault_.at) return Then::go_on;
      hit_at_ = Clock::now();
      std::printf("%s,\"hit\":true}\n", described(call, seen_).c_str());
      if (is_sync && fault_.what == Fault::What::error) failed_ = call.inode();
    }
    if (fault_.what == Fault::What::kill) return Then::kill;
    if (fault_.what == Fault::What::error) call.fail(fault_.error_number);
    if (fault_.what == Fault::What::come_short) (void)call.shorten();
    return Then::go_on;
  }

  /// Milliseconds from the end of the fault until now; negative: it has not ended. nullopt: it was never met.
  [[nodiscard]] std::optional<double> since_its_end() const {
    if (!hit_at_) return std::nullopt;
    const std::chrono::duration<double, std::milli> since = Clock::now() - *hit_at_;
    return since.count() - static_cast<double>(fault_.for_ms);
  }

 private:
  Fault fault_;
  std::map<std::pair<int, const CallKind*>, std::uint64_t> numbers_;
  std::uint64_t seen_ = 0;
  std::optional<Clock::time_point> hit_at_;
  std::uint64_t failed_ = 0;  // inode
};

/// An empty text, or what is wrong.
std::string parse(int argc, char** argv, Options& options) {
  int i = 1;
  for (; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    const std::string_view word = argv[i];
    if (word == "--kill") {
      options.fault.what = Fault::What::kill;
      continue;
    }
    if (word == "--short") {
      options.fault.what = Fault::What::come_short;
      continue;
    }
    if (i + 1 >= argc) return std::string(word) + " needs a value";
    const std::string value = argv[++i];
    if (word == "--calls") {
      for (std::size_t from = 0; from <= value.size();) {
        const std::size_t to = std::min(value.find(',', from), value.size());
        const CallKind* kind = call_kind(std::string_view(value).substr(from, to - from));
        if (kind == nullptr) return value.substr(from, to - from) + " is no call that is known here";
        options.kinds.push_back(kind);
        from = to + 1;
      }
    } else if (word == "--error") {
      const auto found = kErrors.find(value);
      if (found == kErrors.end()) return value + " is no error that is known here";
      options.fault.what = Fault::What::error;
      options.fault.error_number = found->second;
    } else if (word == "--thread") {
      options.fault.thread = std::atoi(value.c_str());
    } else if (word == "--at") {
      options.fault.at = std::strtoull(value.c_str(), nullptr, 10);
    } else if (word == "--for-ms") {
      options.fault.for_ms = std::atoll(value.c_str());
    } else if (word == "--below") {
      options.fault.below = value;
    } else {
      return std::string(word) + " is no option";
    }
  }
  for (++i; i < argc; ++i) options.command.emplace_back(argv[i]);
  if (options.command.empty()) return "no program after --";
  if (options.kinds.empty()) {
    for (const auto& kind : call_kinds()) options.kinds.push_back(&kind);
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (const auto wrong = parse(argc, argv, options); !wrong.empty()) return usage(wrong);
  // Its own words go to a copy: the program's stdout stays with stderr.
  const int out = ::dup(STDOUT_FILENO);
  std::FILE* const file = out < 0 ? nullptr : ::fdopen(out, "w");
  if (file == nullptr) return usage("no descriptors");
  Injector injector(options.fault);
  const int status =
      run_traced(options.command, options.kinds, [&](const StoppedCall& call) { return injector(call); });
  const auto since = injector.since_its_end();
  std::printf("{\"end\":%d,\"signal\":%d,\"since_fault_ms\":%s}\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
              WIFSIGNALED(status) ? WTERMSIG(status) : 0, since ? std::to_string(*since).c_str() : "null");
  std::fclose(file);
  return 0;
}
