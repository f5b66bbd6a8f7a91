// SPDX-License-Identifier: Apache-2.0
// A producer that lies: the only process against which a record's stamp protects.
#pragma once

#include <string>

namespace lmlog::torture {

/// Moves the head of the session's first ring beyond what was written there, as far as the tail allows: whole records
/// of the lap before seem to be new. Nothing happens while there is no room for one.
void claim_stale_records(const std::string& session_path, const std::string& session_id);

}  // namespace lmlog::torture
