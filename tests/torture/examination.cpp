// SPDX-License-Identifier: Apache-2.0
// See examination.hpp.
#include "tests/torture/examination.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <lmlog/formats/file_names.hpp>

namespace lmlog::torture {

namespace {

namespace fs = std::filesystem;

int exit_code_of(pid_t pid) {
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Ids of the sessions that spoil their rings: the decoder says of these that they are damaged, and is right.
std::vector<std::string> hostile_sessions(const std::string& rings) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(rings)) {
    const std::string name = entry.path().filename();
    const auto id = formats::session_id_of_name(name);
    if (id && name.starts_with("hostile.")) out.push_back(id->hex());
  }
  return out;
}

/// Prints what is said of anybody else; false if there was something.
bool is_expected(const std::string& errors, const std::vector<std::string>& hostile) {
  std::ifstream in(errors);
  bool good = true;
  for (std::string line; std::getline(in, line);) {
    const auto names = [&line](const std::string& id) { return line.find(id) != std::string::npos; };
    if (std::any_of(hostile.begin(), hostile.end(), names)) continue;
    std::fprintf(stderr, "%s\n", line.c_str());
    good = false;
  }
  return good;
}

void print(const std::string& path) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) std::fprintf(stderr, "%s\n", line.c_str());
}

class Examination {
 public:
  Examination(const Programs& programs, const Places& places, const std::vector<const Witness*>& witnesses,
              Tally& tally)
      : programs_(programs), places_(places), witnesses_(witnesses), tally_(tally) {}

  /// `is_last`: of two readings of the same records one is summed up.
  void decode(const std::vector<std::string>& paths, bool is_last) {
    const auto hostile = hostile_sessions(places_.rings);
    const std::string errors = places_.errors + (is_last ? ".decode-2" : ".decode-1");
    std::vector<std::string> command{programs_.decode, "--quiet", "-o", "json"};
    command.insert(command.end(), paths.begin(), paths.end());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    const pid_t pid = start_program(command, {}, errors, ends[1]);
    ::close(ends[1]);
    std::FILE* const lines = ::fdopen(ends[0], "r");
    Ledger ledger(witnesses_);
    try {
      ledger.read(lines);
    } catch (const std::runtime_error& error) {
      std::fprintf(stderr, "%s\n", error.what());
      tally_.fail(Check::unreadable);
      ::kill(pid, SIGKILL);
    }
    std::fclose(lines);
    const int code = exit_code_of(pid);
    if (!is_expected(errors, hostile) || (code != 0 && !(code == 3 && !hostile.empty()))) {
      std::fprintf(stderr, "lmlog-decode ended with %d\n", code);
      tally_.fail(Check::unreadable);
    }
    const Verdict verdict = ledger.sum_up(stderr);
    for (std::size_t i = 0; i < kFaults; ++i) {
      tally_.faults[i] += verdict.faults[i];
      if (verdict.faults[i] != 0)
        std::fprintf(stderr, "%s: %llu %s\n", is_last ? "behind the last drain" : "before the last drain",
                     static_cast<unsigned long long>(verdict.faults[i]), kFaultNames[i].data());
    }
    if (!is_last) return;
    tally_.records += verdict.records;
    tally_.committed += verdict.committed;
    tally_.rings += verdict.rings;
    tally_.counted_lost += verdict.counted_lost;
  }

  void verify() {
    const std::string errors = places_.errors + ".verify";
    const int output = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const int code =
        exit_code_of(start_program({programs_.decode, "verify", "--quiet", places_.archive}, {}, errors, output));
    ::close(output);
    if (code == 0) return;
    print(errors);
    std::fprintf(stderr, "lmlog-decode verify ended with %d\n", code);
    tally_.fail(Check::unverified);
  }

  void look_at_segments() {
    const std::string errors = places_.errors + ".check";
    const int code = exit_code_of(start_program({programs_.rewriter, "check", places_.archive}, {}, errors));
    if (code == 0) return;
    print(errors);
    std::fprintf(stderr, "torture-rewriter check ended with %d\n", code);
    tally_.fail(code == 1 ? Check::replaced_twice : code == 3 ? Check::unclosed : Check::unverified);
  }

  /// A .tmp file of a killed producer is removed when it is 10 s old.
  void look_for_leftovers() {
    for (const auto& folder : {fs::path(places_.rings), fs::path(places_.archive) / "journal"}) {
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".tmp") continue;
        std::fprintf(stderr, "left behind: %s\n", entry.path().c_str());
        tally_.fail(Check::left_behind);
      }
    }
  }

 private:
  const Programs& programs_;
  const Places& places_;
  const std::vector<const Witness*>& witnesses_;
  Tally& tally_;
};

}  // namespace

void examine(const Programs& programs, const Places& places, const std::vector<const Witness*>& witnesses,
             CollectorProcess& collector, Tally& tally) {
  Examination examination(programs, places, witnesses, tally);
  examination.decode({places.archive, places.rings}, false);
  if (!tally.is_good()) return;  // what was read stays as it is, for people to look at
  if (!collector.run_with("--drain")) {
    std::fprintf(stderr, "the last drain ended with status %d\n", collector.status());
    tally.fail(Check::undrained);
  }
  examination.decode({places.archive}, true);
  examination.verify();
  examination.look_at_segments();
  examination.look_for_leftovers();
}

}  // namespace lmlog::torture
