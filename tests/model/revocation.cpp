// SPDX-License-Identifier: Apache-2.0
// A session ends while a thread is on its way through its slow path, or in a log call: its line is shut, by itself or
// by who ended the session; and no record gets into the old ring by an id that only the next session knows.
#include "tests/model/relacy_memory.hpp"
#include "tests/model/simulate.hpp"

namespace lmlog::model {

namespace {

struct Session {};

constexpr std::uint64_t kRoom = 1;
constexpr std::uint64_t kUnregistered = 0;
constexpr std::uint64_t kOfNextSession = 1;

struct Revocation : rl::test_suite<Revocation, 2> {
  Session sessions[2];
  rl::atomic<Session*> current;
  Word limit;  // of the thread's line; its ring is of the first session
  Word info;   // of a statement that is registered when the next session is there

  void before() {
    RelacyAtomics::store_relaxed(current, &sessions[0]);
    RelacyAtomics::store_relaxed(limit, std::uint64_t{0});
    RelacyAtomics::store_relaxed(info, kUnregistered);
  }

  void thread(unsigned index) {
    if (index == 0) {
      RelacyAtomics::store_relaxed(limit, kRoom);
      if (!detail::is_still_current<RelacyAtomics>(current, &sessions[0]))
        RelacyAtomics::store_relaxed(limit, std::uint64_t{0});
      for (int call = 0; call < 2; ++call) {
        // info_of() and has_room(): an unregistered statement asks for more room than there is.
        const std::uint64_t id = RelacyAtomics::load<Step::load_info>(info);
        const bool has_room = RelacyAtomics::load_relaxed(limit) != 0;
        RL_ASSERT(!(id == kOfNextSession && has_room));
      }
    } else {
      detail::change_session<RelacyAtomics>(
          current, &sessions[1], [this] { RelacyAtomics::store_relaxed(limit, std::uint64_t{0}); },
          [this] { RelacyAtomics::store<Step::aim_info>(info, kOfNextSession); });
    }
  }

  void after() { RL_ASSERT(RelacyAtomics::load_relaxed(limit) == 0); }
};

constexpr Step kSteps[] = {Step::open_line, Step::revoke_lines, Step::aim_info, Step::load_info};

}  // namespace

const Scenario kRevocation{
    "revocation", "the lines of a session that ended are shut", &simulate<Revocation>, 50'000, kEverywhere, kSteps};

}  // namespace lmlog::model
