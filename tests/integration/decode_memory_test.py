# SPDX-License-Identifier: Apache-2.0
"""A decode of any size streams: its memory stays below 128 MiB, whether the archive is large or in many pieces."""
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from cases import Skipped, equal, run  # noqa: E402
from served import Served  # noqa: E402
from workplace import is_sanitized  # noqa: E402

BOUND_KIB = 128 << 10
RECORDS = 5_000_000
SEGMENTS = 500


def peak_kib(served, *arguments):
    """Largest resident set of one lmlog-decode, and how many lines it wrote; the kernel counts both."""
    process = subprocess.Popen(["lmlog-decode", *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               env=served.environment)
    lines = 0
    while chunk := process.stdout.read1(1 << 20):
        lines += chunk.count(b"\n")
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    equal(process.returncode, 0)
    return usage.ru_maxrss, lines


def without_sanitizers():
    if is_sanitized():
        raise Skipped("shadow memory of a sanitizer is no memory of the decoder")


def in_bounds(served, records, *paths):
    for arguments in (["-o", "json"], ["-o", "text", "-n", "1000000"], ["verify"], ["sites", "--json"], ["-g", "777", "-o", "json"]):
        kib, lines = peak_kib(served, *arguments, *paths)
        print(f"# {records} records, {arguments}: {kib >> 10} MiB, {lines} lines")
        assert kib < BOUND_KIB, f"{arguments}: {kib} KiB"
        if arguments == ["-o", "json"]:
            equal(lines, records)


def test_a_large_archive_is_decoded_in_bounded_memory():
    without_sanitizers()
    with Served() as served:
        collector = served.start_collector()
        producers = [served.start("lmlog-replay", "synth", "--workload", workload, "--threads", "2", "--records", RECORDS // 4,
                                  "--policy", "block", "--service", workload) for workload in ("W2", "mix")]
        for process in producers:
            process.communicate()
            equal(process.returncode, 0)
        equal(served.stop(collector)[0], 0)
        in_bounds(served, RECORDS // 4 * 4, served.archive)


def test_many_small_segments_are_decoded_in_bounded_memory():
    without_sanitizers()
    with Served() as served:
        for wave in range(0, SEGMENTS, 10):  # each service has segments of its own
            for process in [served.start("lmlog-replay", "synth", "--workload", "W4", "--records", "1000", "--ring-bytes",
                                         "128KiB", "--service", f"s{number}") for number in range(wave, wave + 10)]:
                process.communicate()
                equal(process.returncode, 0)
        done = served.collect("--drain")
        equal((done.returncode, done.stderr, len(served.segments())), (0, "", SEGMENTS))
        in_bounds(served, SEGMENTS * 1000, served.archive)


def test_many_small_blocks_are_decoded_in_bounded_memory():
    without_sanitizers()
    with Served() as served:
        config = served.folder / "lmlog.toml"
        config.write_text("[tier.hot]\nblock_records = 200\n", encoding="utf-8")
        served.replay("synth", "--workload", "W4", "--threads", "8", "--records", "60000", "--ring-bytes", "8MiB")
        equal(served.collect("--drain", "--config", config).returncode, 0)
        in_bounds(served, 480000, served.archive)


def test_full_rings_of_dead_processes_are_decoded_in_bounded_memory():
    without_sanitizers()
    with Served() as served:
        report = served.replay("synth", "--workload", "W3", "--threads", "4", "--records", "600000", "--ring-bytes", "32MiB")
        in_bounds(served, report["stored"], served.rings)


if __name__ == "__main__":
    sys.exit(run(globals()))
