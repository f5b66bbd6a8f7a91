# SPDX-License-Identifier: Apache-2.0
"""What a segment says about itself more than once: the footer against the blocks, runs against the checkpoint."""

from .segment_bodies import sum_by_site


def check_footer(segment):
    """Blocks, sums, catalog and rings of the footer against what the walk found; differences are `accounting` damage."""
    footer, where = segment.footer, (segment.footer_offset, len(segment.data) - segment.footer_offset)

    def differ(message):
        segment.findings.report("accounting", *where, f"footer: {message}")

    stated = [(block["offset"], block["bytes"], block["records"], block["index"], block["level_mask"], block["sites"])
              for block in footer.blocks]
    found = [(offset, size, directory.records, directory.index.shown(), directory.level_mask,
              sum_by_site((hash_, count) for hash_, _, count in directory.sites))
             for offset, size, directory, _ in segment.blocks]
    if stated != found:
        differ(f"{len(stated)} blocks stated, {len(found)} found, or they differ in place, records or index")
    if footer.records != sum(block[2] for block in found):
        differ(f"{footer.records} records stated, {sum(block[2] for block in found)} found")
    ranges = [directory.index for _, _, directory, _ in segment.blocks]
    if ranges:
        whole = {"min_time": min(each.min_time for each in ranges), "max_time": max(each.max_time for each in ranges),
                 "min_sort_key": min(each.min_sort_key for each in ranges),
                 "max_sort_key": max(each.max_sort_key for each in ranges)}
        if footer.index.shown() != whole:
            differ(f"ranges {footer.index.shown()} stated, {whole} found")
    mask = 0
    for _, _, directory, _ in segment.blocks:
        mask |= directory.level_mask
    if footer.level_mask != mask:
        differ(f"levels {footer.level_mask:#x} stated, {mask:#x} found")
    for number, session in segment.sessions.items():
        kept = segment.footer_sessions.get(number)
        if kept is None or kept.stored != session.stored or not session.raw_entries <= kept.raw_entries:
            differ(f"its catalog lacks what the catalog parts have of session {number}")
    check_footer_rings(segment, differ)


def check_footer_rings(segment, differ):
    """Per ring: smallest from, largest to, records that are not the collector's, losses."""
    found = {}
    for _, _, directory, _ in segment.blocks:
        for run in directory.runs:
            session = segment.sessions.get(directory.sessions[run.session][0])
            key = (session.descriptor.session_id.hex() if session else "", run.ring_id.hex())
            ring = found.setdefault(key, {"from": run.start, "to": run.end, "records": 0, "lost": {}, "state": None})
            ring["from"], ring["to"] = min(ring["from"], run.start), max(ring["to"], run.end)
            ring["records"] += 0 if run.by_collector else run.records
            for reason, count in run.losses.items():
                ring["lost"][reason] = ring["lost"].get(reason, 0) + count
            ring["state"], ring["clock"] = run.state_at_end, session.descriptor.clock if session else 0
    stated = {(ring["session"], ring["ring"]): ring for ring in segment.footer.rings}
    if set(stated) != set(found):
        differ(f"rings {sorted(ring for _, ring in stated)} stated, {sorted(ring for _, ring in found)} found")
    for key in set(stated) & set(found):
        mine, its = found[key], stated[key]
        if (its["from"], its["to"], its["records"]) != (mine["from"], mine["to"], mine["records"]):
            differ(f"ring {key[1]}: [{its['from']}, {its['to']}) with {its['records']} records stated, "
                   f"[{mine['from']}, {mine['to']}) with {mine['records']} found")
        if sum(its["lost"].values()) != sum(mine["lost"].values()):
            differ(f"ring {key[1]}: losses {its['lost']} stated, {mine['lost']} found")
        different = mine["state"].differences(its["state"], mine["clock"])
        if different:
            differ(f"ring {key[1]}: the state at the end differs in {', '.join(different)}")


def check_rings(segment):
    """Runs of a ring in the order of positions, from the checkpoint on, with states that follow from one another."""
    reached = {}
    for ring in [ring for rings in segment.checkpoints[:1] for ring in rings]:
        reached[ring["ring"]] = (ring["position"], ring["state"])
    clean = not segment.findings.damage
    for offset, size, directory, _ in segment.blocks:
        for run in directory.runs:
            session = segment.sessions.get(directory.sessions[run.session][0])
            position, state = reached.get(run.ring_id.hex(), (run.start, None))
            if run.start < position and not run.by_collector:
                segment.findings.report("accounting", offset, size, f"ring {run.ring_id.hex()}: a run from {run.start} behind "
                                                                    f"one that reaches {position}")
            elif run.start > position and not run.by_collector and clean:
                segment.findings.note(f"ring {run.ring_id.hex()}: no run holds [{position}, {run.start})")
            elif state is not None and clean and session is not None:
                different = state.differences(run.state_at_start, session.descriptor.clock)
                if different:
                    segment.findings.report("accounting", offset, size,
                                            f"ring {run.ring_id.hex()}: the state at {run.start} differs from that before "
                                            f"in {', '.join(different)}")
            reached[run.ring_id.hex()] = (max(position, run.end), run.state_at_end)
