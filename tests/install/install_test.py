# SPDX-License-Identifier: Apache-2.0
"""Installs into a folder of its own, builds services with what is there as their authors would, and reads what they log.
usage: install_test.py COMPILER...     (called by meson, when what is installed is built)"""
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(os.environ["LMLOG_SOURCE_ROOT"])
BUILD = pathlib.Path(os.environ["LMLOG_BUILD_ROOT"])
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests" / "meta"))
from tap import Tap  # noqa: E402
import installed  # noqa: E402
from installed import run  # noqa: E402

# Without a compiler cache before it: CMake wants one program.
COMPILER = shutil.which(sys.argv[-1])
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def check_record(installation, service):
    """Runs a service, and reads its records with the installed reader."""
    rings = pathlib.Path(tempfile.mkdtemp(dir="/dev/shm", prefix="lmlog-install-test-"))
    try:
        run(service, "somebody", env=installation.environment(LMLOG_RING_DIR=str(rings)))
        records = [json.loads(line) for line in run(installation.decode, "-o", "json", rings).splitlines()]
    finally:
        shutil.rmtree(rings)
    messages = [record["message"] for record in records]
    if messages != ["order 42 of somebody filled at 48.5", "rejected"]:
        raise AssertionError(f"decoded: {messages}")
    if records[0]["fields"] != {"order_id": 42, "name": "somebody", "px": 48.5} or records[0]["service"] != "consumer":
        raise AssertionError(f"decoded: {records[0]}")


def check_libraries(program, shared):
    needed = installed.needed_libraries(program)
    more = [name for name in needed if not installed.ALLOWED_LIBRARIES.match(name)]
    if more != (["liblmlog.so.0"] if shared else []):
        raise AssertionError(f"{program} needs {needed}")


def check_header(installation, header):
    """A header compiles when it is the only one."""
    language = ["-x", "c", "-std=c11"] if header.endswith(".h") else ["-x", "c++", "-std=c++20"]
    run(COMPILER, *language, "-fsyntax-only", *STRICT, f"-I{installation.include}", "-",
        input=f"#include <{header}>\n")


def check_headers_are_public(installation):
    for header in installation.headers():
        if not re.fullmatch(r"lmlog/(formats/|testing/)?[a-z0-9_]+\.(hpp|h)", header):
            raise AssertionError(f"{header} is installed")
        for target in re.findall(r"#\s*include\s*[<\"]([^>\"]+)", (installation.include / header).read_text()):
            if "/" in target and not target.startswith(("lmlog/", "sys/")):
                raise AssertionError(f"{header} includes {target}")
            if target.startswith("lmlog/") and not (installation.include / target).exists():
                raise AssertionError(f"{header} includes {target}, which is not installed")


def check_exports(installation):
    allowed = installed.lines_of(HERE / "exported_symbols.txt")
    names = installed.exported_names(installation.libraries / "liblmlog.so")
    for name in names:
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in allowed):
            raise AssertionError(f"liblmlog.so exports {name}: hide it, or enter it in exported_symbols.txt")
    for pattern in allowed:
        if "*" not in pattern and pattern not in names:
            raise AssertionError(f"liblmlog.so does not export {pattern}, which exported_symbols.txt names")


def build_by_pkg_config(installation, folder, kind):
    program = folder / f"pkgconfig-{kind}"
    environment = {**os.environ, "CXX": COMPILER, "PKG_CONFIG_PATH": str(installation.libraries / "pkgconfig")}
    run(HERE / "pkgconfig/build", kind, program, f"--define-variable=prefix={installation.prefix}", env=environment)
    return program


def build_by_cmake(installation, folder, kind):
    build = folder / f"cmake-{kind}"
    use_static = "ON" if kind == "static" else "OFF"
    run("cmake", "-G", "Ninja", "-S", HERE / "cmake", "-B", build, f"-DCMAKE_PREFIX_PATH={installation.prefix}",
        "-DCMAKE_BUILD_TYPE=Debug", f"-Dlmlog_USE_STATIC_LIBS={use_static}", f"-DCMAKE_CXX_COMPILER={COMPILER}")
    run("ninja", "-C", build, "service", *(["capture_test"] if kind == "shared" else []))
    return build / "service"


def build_as_subproject(installation, folder):
    """Both kinds: the library is compiled once."""
    del installation
    source = folder / "subproject"
    shutil.copytree(HERE / "subproject", source)
    shutil.copy(HERE / "service.cpp", source)
    below = source / "subprojects/lmlog"
    below.mkdir(parents=True)
    # All that a producer needs of the tree.
    for name in ("meson.build", "meson_options.txt"):
        shutil.copy(ROOT / name, below)
    for area in ("formats", "libproducer"):
        shutil.copytree(ROOT / area, below / area)
    build = source / "build"
    run("meson", "setup", build, source, "--wrap-mode=forcefallback", "-Doptimization=0", "-Ddebug=false", "-Dunity=on",
        "-Dunity_size=8", env={**os.environ, "CXX": COMPILER})
    found = {entry["name"] for entry in json.loads(run("meson", "introspect", "--dependencies", build))}
    if not found <= {"threads", "boost", "lmlog"}:
        raise AssertionError(f"a subproject looks for {found}")
    services = {}
    for kind in ("static", "shared"):
        run("meson", "configure", build, f"-Dlmlog:default_library={kind}")
        run("ninja", "-C", build, "service")
        services[kind] = folder / f"subproject-{kind}"
        shutil.copy(build / "service", services[kind])
    return services


class Cases:
    """A case is a call that raises an AssertionError, or does not."""

    def __init__(self):
        self.tap = Tap()

    def check(self, name, does):
        try:
            does()
            self.tap.case(name, [])
        except AssertionError as problem:
            self.tap.case(name, [str(problem)])

    def skip(self, name, reason):
        self.tap.skip(name, reason)


def check_service(cases, how, installation, built, kind):
    cases.check(f"a service logs: {how}", lambda: check_record(installation, built()))
    cases.check(f"a service needs no further library: {how}", lambda: check_libraries(built(), kind == "shared"))


def main():
    tap = Cases()
    with tempfile.TemporaryDirectory(prefix="lmlog-install-") as name:
        folder = pathlib.Path(name)
        installation = installed.Installation(BUILD, folder / "root")
        shared_library = installation.libraries / "liblmlog.so"
        tap.check("liblmlog.so needs nothing but the libraries of the compiler",
                  lambda: check_libraries(shared_library, shared=False))
        tap.check("liblmlog.so exports only names of its own that are meant", lambda: check_exports(installation))
        tap.check("installed headers are public and include only such", lambda: check_headers_are_public(installation))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            headers = {header: pool.submit(check_header, installation, header) for header in installation.headers()}
            services = [(how.__name__.replace("_", " "), kind, pool.submit(how, installation, folder, kind))
                        for how in (build_by_pkg_config, build_by_cmake) for kind in ("shared", "static")]
            both = pool.submit(build_as_subproject, installation, folder)
            tap.check("each installed header compiles alone", lambda: [one.result() for one in headers.values()])
            for how, kind, service in services:
                if how == "build by cmake" and shutil.which("cmake") is None:
                    tap.skip(f"a service that is {how}, {kind}", "there is no cmake here")
                    continue
                check_service(tap, f"{how}, {kind}", installation, service.result, kind)
            for kind in ("shared", "static"):
                check_service(tap, f"build as subproject, {kind}", installation, lambda: both.result()[kind], kind)
            capture_test = folder / "cmake-shared/capture_test"
            tap.check("a test of a service captures its records",
                      lambda: run(capture_test, env=installation.environment()))
    return tap.tap.finish()


sys.exit(main())
