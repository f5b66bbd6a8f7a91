# SPDX-License-Identifier: Apache-2.0
"""Which file may include what: the arrows of the architecture, read from the #include lines.

    libproducer ──▶ formats (wire part) ◀── collector, decoder ──▶ formats

tools, tests and bench may include everything. The wire part is what formats/meson.build lists as
formats_wire_headers: services compile it, so it includes the standard library alone.
"""
import pathlib
import re

AREAS = ("formats", "libproducer", "collector", "decoder", "tools", "tests", "bench")
SOURCE_SUFFIXES = {".hpp", ".cpp", ".h", ".c"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)

# Own code that an area may include; tools, tests and bench may include all.
ALLOWED_AREAS = {
    "formats": {"formats"},
    "libproducer": {"libproducer", "formats"},
    "collector": {"collector", "formats"},
    "decoder": {"decoder", "formats"},
}
# formats holds layouts and codecs: no threads and no I/O.
BANNED_IN_FORMATS = {"thread", "mutex", "condition_variable", "future", "fstream", "iostream", "filesystem",
                     "unistd.h", "fcntl.h", "sys/mman.h", "sys/stat.h", "pthread.h"}
ARCHIVE_LIBRARIES = ("zstd", "xxhash", "zdict")


def wire_headers(root):
    """Names in formats_wire_headers of formats/meson.build."""
    build_file = root / "formats" / "meson.build"
    text = build_file.read_text(encoding="utf-8") if build_file.exists() else ""
    listed = re.search(r"formats_wire_headers\s*=\s*files\(([^)]*)\)", text)
    return {pathlib.PurePath(name).name for name in re.findall(r"'([^']+)'", listed.group(1))} if listed else set()


def owner_of(root, file, quote, target):
    """The area of our own tree that an include names, or None: standard library or third party."""
    if target.startswith("lmlog/formats/"):
        return "formats"
    if target.startswith("lmlog/testing/"):
        return "tools"
    if target.startswith("lmlog/"):
        return "libproducer"
    first = target.split("/", 1)[0]
    if first in AREAS:
        return first
    if quote == '"':
        beside = (file.parent / target).resolve()
        if beside.exists() and root.resolve() in beside.parents:
            return beside.relative_to(root.resolve()).parts[0]
    return None


def is_standard(target):
    """<vector>, <cstdint>: no suffix, no folder."""
    return re.fullmatch(r"[a-z0-9_]+", target) is not None


def problems_of_file(root, file, wire):
    """What is wrong with the includes of one file, as 'path:line: sentence'."""
    relative = file.relative_to(root)
    area = relative.parts[0]
    public = relative.parts[:2] == ("libproducer", "include")
    in_wire = area == "formats" and relative.parts[1] == "include" and file.name in wire
    text = file.read_text(encoding="utf-8")
    for match in INCLUDE.finditer(text):
        quote, target = match.groups()
        where = f"{relative}:{text.count(chr(10), 0, match.start(1)) + 1}"
        owner = owner_of(root, file, quote, target)
        if owner and owner not in ALLOWED_AREAS.get(area, AREAS):
            yield f"{where}: {area} may not include {target}, which belongs to {owner}"
        if area == "libproducer" and owner == "formats" and pathlib.PurePath(target).name not in wire:
            yield f"{where}: libproducer may include only the wire part of formats, not {target}"
        if public and target.startswith("boost/"):
            yield f"{where}: a public header includes Boost: {target}"
        if public and ("src/" in target or target.startswith("libproducer/")):
            yield f"{where}: a public header includes a private one: {target}"
        if area == "libproducer" and target.startswith(ARCHIVE_LIBRARIES):
            yield f"{where}: libproducer may not depend on the archive's libraries: {target}"
        if area == "formats" and target in BANNED_IN_FORMATS:
            yield f"{where}: formats does no I/O and starts no threads: {target}"
        if in_wire and owner == "formats" and pathlib.PurePath(target).name not in wire:
            yield f"{where}: a wire header includes {target}, which is no wire header"
        if in_wire and owner is None and not is_standard(target):
            yield f"{where}: a wire header includes more than the standard library: {target}"


def problems_of_tree(root):
    """All problems of a tree, in path order."""
    root = pathlib.Path(root)
    wire = wire_headers(root)
    found = []
    for area in AREAS:
        for file in sorted((root / area).rglob("*")):
            if file.suffix in SOURCE_SUFFIXES and file.is_file():
                found.extend(problems_of_file(root, file, wire))
    return found
