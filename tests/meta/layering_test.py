#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tree keeps its arrows, and the check sees every kind of broken arrow in a made-up tree."""
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
from layering import problems_of_tree, wire_headers  # noqa: E402
from tap import Tap  # noqa: E402

WIRE_LIST = "formats_wire_headers = files(\n  'include/lmlog/formats/ring_layout.hpp',\n)\n"

CLEAN = {
    "formats/meson.build": WIRE_LIST,
    "formats/include/lmlog/formats/ring_layout.hpp": "#include <atomic>\n#include <cstdint>\n",
    "formats/include/lmlog/formats/segment_writer.hpp": '#include "lmlog/formats/ring_layout.hpp"\n',
    "formats/src/segment_writer.cpp": "#include <zstd.h>\n#include <lmlog/formats/segment_writer.hpp>\n",
    "libproducer/include/lmlog/lmlog.hpp": "#include <lmlog/formats/ring_layout.hpp>\n#include <vector>\n",
    "libproducer/src/ring_file.cpp": "#include <boost/interprocess/file_mapping.hpp>\n#include <lmlog/lmlog.hpp>\n",
    "collector/drain/ring_reader.cpp": '#include "collector/drain/ring_reader.hpp"\n',
    "collector/drain/ring_reader.hpp": "#include <lmlog/formats/segment_writer.hpp>\n",
    "decoder/read/scan.cpp": '#include <lmlog/formats/segment_writer.hpp>\n#include "scan.hpp"\n',
    "decoder/read/scan.hpp": "",
    "tools/replay/main.cpp": "#include <lmlog/lmlog.hpp>\n",
    "tests/integration/all.cpp": '#include "collector/drain/ring_reader.hpp"\n#include "decoder/read/scan.hpp"\n',
}

# Name of the case, file that is added or replaced, its text, words that the report must hold.
BROKEN = [
    ("formats includes the producer", "formats/src/x.cpp", "#include <lmlog/lmlog.hpp>\n", "formats may not include"),
    ("formats includes the collector", "formats/src/x.cpp", '#include "collector/drain/ring_reader.hpp"\n',
     "formats may not include"),
    ("formats does I/O", "formats/src/x.cpp", "#include <fstream>\n", "formats does no I/O"),
    ("libproducer includes the archive part", "libproducer/src/x.cpp", "#include <lmlog/formats/segment_writer.hpp>\n",
     "only the wire part"),
    ("libproducer includes zstd", "libproducer/src/x.cpp", "#include <zstd.h>\n", "archive's libraries"),
    ("libproducer includes the decoder", "libproducer/src/x.cpp", '#include "decoder/read/scan.hpp"\n',
     "libproducer may not include"),
    ("a public header includes Boost", "libproducer/include/lmlog/x.hpp",
     "#  include <boost/interprocess/mapped_region.hpp>\n", "public header includes Boost"),
    ("a public header includes a private one", "libproducer/include/lmlog/x.hpp",
     '#include "../../src/ring_file.hpp"\n', "includes a private one"),
    ("a public header includes a private one from the top", "libproducer/include/lmlog/x.hpp",
     '#include "libproducer/src/ring_file.hpp"\n', "includes a private one"),
    ("the collector includes the decoder", "collector/drain/x.cpp", '#include "decoder/read/scan.hpp"\n',
     "collector may not include"),
    ("the collector includes the decoder by a relative path", "collector/drain/x.cpp",
     '#include "../../decoder/read/scan.hpp"\n', "collector may not include"),
    ("the collector includes the producer", "collector/drain/x.cpp", "#include <lmlog/lmlog.hpp>\n",
     "collector may not include"),
    ("the decoder includes the collector", "decoder/read/x.cpp", '#include "collector/drain/ring_reader.hpp"\n',
     "decoder may not include"),
    ("the decoder includes a test", "decoder/read/x.hpp", '#include "tests/golden/golden_file.hpp"\n',
     "decoder may not include"),
    ("a wire header includes a system header", "formats/include/lmlog/formats/ring_layout.hpp",
     "#include <sys/mman.h>\n", "more than the standard library"),
    ("a wire header includes the archive part", "formats/include/lmlog/formats/ring_layout.hpp",
     '#include "lmlog/formats/segment_writer.hpp"\n', "which is no wire header"),
]


def problems_with(changes):
    """Problems of the clean tree after some files are added or replaced."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CLEAN, **changes}.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return problems_of_tree(folder)


def main():
    tap = Tap()
    root = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"])
    tap.case("the tree keeps its arrows", problems_of_tree(root))
    tap.case("the tree names its wire headers", [] if wire_headers(root) else
             ["formats/meson.build: formats_wire_headers is empty or not found"])
    tap.case("a made-up clean tree has no problem", problems_with({}))
    for name, file, text, words in BROKEN:
        found = problems_with({file: text})
        tap.case(f"it is reported when {name}",
                 [] if len(found) >= 1 and any(words in line and line.startswith(file) for line in found)
                 else [f"expected '{words}' for {file}, got: {found}"])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
