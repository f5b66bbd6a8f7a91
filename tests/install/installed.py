# SPDX-License-Identifier: Apache-2.0
"""An installation below a folder of its own, and what can be asked of its files."""
import os
import pathlib
import re
import subprocess

# What a program that links the library gets, and has anyway.
ALLOWED_LIBRARIES = re.compile(r"^(libc|libm|libstdc\+\+|libgcc_s|ld-linux[-a-z0-9_]*)\.so\.\d+$")


def run(*command, **options):
    """Output of a command; its words on stderr are in the error when it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(str(word) for word in command)}: exit code {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


class Installation:
    """`meson install` of a build into FOLDER, with the prefix as it was configured below it."""

    def __init__(self, build, folder):
        run("meson", "install", "-C", build, "--no-rebuild", "--destdir", folder)
        self.prefix = next(folder.rglob("include/lmlog/lmlog.hpp")).parents[2]
        self.include = self.prefix / "include"
        self.libraries = next(self.prefix.rglob("liblmlog.a")).parent
        self.decode = self.prefix / "bin/lmlog-decode"

    def headers(self):
        """Installed headers as they are included, in order."""
        found = (path.relative_to(self.include) for path in self.include.rglob("*") if path.is_file())
        return sorted(str(path) for path in found)

    def environment(self, **more):
        """For a program that is linked to the shared library where it was put."""
        return {**os.environ, "LD_LIBRARY_PATH": str(self.libraries), **more}


def needed_libraries(program):
    """Shared libraries that a program or library asks the loader for."""
    return re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", program))


def soname(library):
    return re.search(r"\(SONAME\).*\[(.+)\]", run("readelf", "-d", library)).group(1)


def exported_names(library):
    """Dynamic symbols that a library defines: C++ names without arguments and ABI tags, in order."""
    lines = run("nm", "-DC", "--defined-only", library).splitlines()
    names = (line.split(" ", 2)[2].strip() for line in lines)
    return sorted({re.sub(r"\[abi:\w+\]", "", name.split("(", 1)[0]) for name in names})


def lines_of(path):
    """Lines of a list, without remarks."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
