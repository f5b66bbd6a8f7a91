// SPDX-License-Identifier: Apache-2.0
// What a journal file must hold of a session before its ranges.
#include "collector/drain/drain_context.hpp"

#include <lmlog/formats/registry.hpp>

#include "collector/control/time_words.hpp"

namespace lmlog::collector {

void declare(DrainContext& context, AttachedSession& session) {
  context.journal.declare(session.mark, session.uid, session.descriptor, session.catalog.raw());
  if (session.descriptor.clock != static_cast<std::uint32_t>(formats::ClockKind::tsc) ||
      session.descriptor.boot_id != context.clock.boot_id())
    return;
  const std::int64_t now = context.clock.monotonic_ns();
  if (session.mark.anchored_ns != 0 && now - session.mark.anchored_ns < kAnchorNs) return;
  session.mark.anchored_ns = now;
  context.journal.writer().anchor(session.mark.number, context.clock.anchor());
}

}  // namespace lmlog::collector
