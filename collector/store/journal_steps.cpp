// SPDX-License-Identifier: Apache-2.0
// Ranges below the place are old; one that overlaps is cut.
#include "collector/store/journal_steps.hpp"

#include <algorithm>

namespace lmlog::collector {

formats::Status take_catalog(formats::SessionCatalog& catalog, const formats::JournalEntry& entry) {
  const std::uint64_t known = catalog.catalog_bytes();
  if (entry.catalog_offset > known || entry.catalog_offset + entry.bytes.size() <= known) return formats::Done{};
  return catalog.append(entry.bytes.subspan(static_cast<std::size_t>(known - entry.catalog_offset)));
}

NewRange begin_range(RingPlace& place, bool is_known, const formats::JournalEntry& entry) {
  if (is_known && entry.to <= place.position) return {};
  if (is_known && place.position > entry.from)
    return {entry.bytes.subspan(static_cast<std::size_t>(place.position - entry.from)), place.position, place.position};
  const std::uint64_t missing_from = is_known ? place.position : entry.from;
  place.state = entry.state;
  place.position = entry.from;
  return {entry.bytes, entry.from, missing_from};
}

LossStep take_losses(RingPlace& place, bool without_ring, const formats::JournalEntry& entry) {
  const std::uint64_t offset = loss_offset(without_ring, entry);
  const bool is_new = has_news(entry.losses, place.state.losses);
  const bool is_silent_jump = !is_new && offset == formats::kJumpCursor && place.position < entry.to - offset;
  if (entry.to <= place.position || (!is_new && !is_silent_jump)) return LossStep::old;
  place.state = entry.state;
  place.state.losses = entry.losses;
  place.state.sort_key = std::max(place.state.sort_key, entry.time);
  place.position = entry.to - offset;
  place.cursor = without_ring ? 0 : entry.to;
  return is_new ? LossStep::counts : LossStep::silent_jump;
}

}  // namespace lmlog::collector
