// SPDX-License-Identifier: Apache-2.0
// Runs a relacy test in the way that a Search says.
#pragma once

#include <iostream>

#include "tests/model/relacy_memory.hpp"
#include "tests/model/scenario.hpp"

namespace lmlog::model {

template <class Test> Outcome simulate(const Search& search) {
  rl::test_params params;
  // With relacy's allocator: what operator new gives while a test runs is the test's.
  rl::ostringstream progress;
  rl::ostringstream history;
  params.progress_stream = &progress;
  params.output_stream = &history;
  params.execution_depth_limit = 5000;
  if (search.schedules != 0) {
    params.search_type = rl::random_scheduler_type;
    params.iteration_count = search.first + search.schedules - 1;
    params.initial_state = std::to_string(search.first).c_str();
  } else {
    params.search_type = rl::fair_context_bound_scheduler_type;
    params.context_bound = search.preemptions;
  }
  const bool holds = rl::simulate<Test>(params);
  if (!holds && !search.is_quiet) std::cerr << history.str();
  const std::uint64_t last = params.stop_iteration;
  return {holds, holds ? last - search.first + 1 : last};
}

}  // namespace lmlog::model
