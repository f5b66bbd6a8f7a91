// SPDX-License-Identifier: Apache-2.0
// `lmlog-decode verify`: the checks of the verifier with a summary and a verdict.
#pragma once

#include "decoder/command/arguments.hpp"

namespace lmlog::decoder {

[[nodiscard]] ExitCode run_verify(const VerifyArguments& arguments);

}  // namespace lmlog::decoder
