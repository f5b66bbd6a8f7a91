// SPDX-License-Identifier: Apache-2.0
// The producers of a round: a few are alive at any time, each is killed some time after it has committed something.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/torture/random.hpp"
#include "tests/torture/service.hpp"
#include "tests/torture/tally.hpp"
#include "tests/torture/witness.hpp"

namespace lmlog::torture {

class Herd {
 public:
  /// Rings go to `rings`, witnesses to `work`. Forks from the calling process, which must have one thread, and must be
  /// a child subreaper.
  Herd(std::string rings, std::string work, Random& random, Tally& tally);
  ~Herd();
  Herd(const Herd&) = delete;
  Herd& operator=(const Herd&) = delete;

  /// Kills who is due (if it may), buries who is dead, starts others in their place.
  void tend(std::int64_t now_ns, bool may_kill);
  /// Ends the round: no child of this process is alive behind it. What it kills is not counted.
  void end();

  [[nodiscard]] std::vector<const Witness*> witnesses() const;

 private:
  struct Member {
    pid_t pid = 0;
    bool is_forked = false;  // by a producer: becomes ours when that dies
    bool is_killed = false;
    Witness* witness = nullptr;
    std::int64_t started_ns = 0;
    std::int64_t due_ns = 0;    // 0: has committed nothing
    bool dies_logging = false;  // if it is met inside a call
  };

  void start(std::int64_t now_ns);
  [[nodiscard]] Witness* make_witness(const Promises& promises);
  void adopt_forked(std::int64_t now_ns);
  void kill_due(Member& member, std::int64_t now_ns);
  [[nodiscard]] bool is_buried(Member& member);
  [[nodiscard]] std::int64_t lifetime_ns();

  std::string rings_;
  std::string work_;
  Random& random_;
  Tally& tally_;
  std::vector<Member> members_;
  std::vector<Witness*> witnesses_;
  std::vector<Witness*> unborn_;  // of processes that may yet be forked
  std::uint32_t next_number_ = 1;
};

}  // namespace lmlog::torture
