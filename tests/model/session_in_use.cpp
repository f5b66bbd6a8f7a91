// SPDX-License-Identifier: Apache-2.0
// A session is given up when nobody looks into it without the lock (SessionInUse, Process::give_up_sessions_locked()).
#include "tests/model/relacy_memory.hpp"
#include "tests/model/simulate.hpp"

namespace lmlog::model {

namespace {

struct Session {
  rl::var<bool> is_there;
};

struct InUse : rl::test_suite<InUse, 3> {
  Session sessions[2];
  rl::atomic<Session*> current;
  rl::atomic<std::uint32_t> users;

  void before() {
    for (auto& session : sessions) session.is_there(RL_INFO) = true;
    RelacyAtomics::store_relaxed(current, &sessions[0]);
    RelacyAtomics::store_relaxed(users, 0u);
  }

  void thread(unsigned index) {
    if (index != 0) {
      const Session* const session = detail::use_session<RelacyAtomics>(users, current);
      RL_ASSERT(session->is_there(RL_INFO));
      detail::leave_session<RelacyAtomics>(users);
      return;
    }
    detail::change_session<RelacyAtomics>(
        current, &sessions[1], [] {}, [] {});
    if (detail::is_unused<RelacyAtomics>(users)) sessions[0].is_there(RL_INFO) = false;
  }
};

constexpr Step kSteps[] = {Step::change_current, Step::load_users, Step::use_session, Step::load_current,
                           Step::leave_session};

}  // namespace

const Scenario kSessionInUse{"session-in-use", "a session is not given up under who looks into it",
                             &simulate<InUse>, 50'000,
                             kEverywhere,      kSteps};

}  // namespace lmlog::model
