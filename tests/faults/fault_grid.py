# SPDX-License-Identifier: Apache-2.0
"""Which faults are tried at which calls: what the grid holds, and a smaller part of it that misses no kind of call with no
kind of fault, and no call."""
import collections

Fault = collections.namedtuple("Fault", "what call thread k for_ms below", defaults=(0, None))

ERRORS = ("ENOSPC", "EIO", "EROFS", "EMFILE", "EINTR")
# These reach files. The others concern memory, threads and time alone, or cannot fail in a way that matters (close: what
# counts was synced before): a process is killed at each of them, and that is all.
FILE_CALLS = ("openat", "read", "write", "pread64", "pwrite64", "fdatasync", "fsync", "rename", "unlink", "mkdir",
              "ftruncate", "fallocate", "getdents64", "newfstatat", "fstat", "statfs", "lgetxattr", "fcntl", "flock",
              "lseek", "inotify_init1", "inotify_add_watch")
SHORT_CALLS = ("read", "pread64", "write", "pwrite64", "getdents64")
# Faults that last: all calls that need the disk's good will fail in any thread, from one of them on.
CHANGING_CALLS = "openat,pwrite64,fdatasync,fsync,rename,unlink,mkdir,ftruncate"
LASTING_MS = 300


def name_of(fault):
    lasts = f" for {fault.for_ms} ms" if fault.for_ms else ""
    return f"{fault.what}{lasts} at {fault.call} {fault.k} of thread {fault.thread}"


def arguments(fault):
    """For the injector."""
    out = ["--calls", fault.call, "--at", fault.k]
    out += ["--thread", fault.thread] if fault.thread is not None else []
    out += {"kill": ["--kill"], "short": ["--short"]}.get(fault.what, ["--error", fault.what])
    out += ["--for-ms", fault.for_ms] if fault.for_ms else []
    return out + (["--below", fault.below] if fault.below else [])


def own_calls(calls):
    """Those that the collector makes itself: without the dynamic loader's, which end where it reads its configuration."""
    first = next(i for i, call in enumerate(calls) if call["path"].endswith("lmlog.toml"))
    return calls[first:]


def file_calls(calls):
    return [call for call in calls if call["call"] in FILE_CALLS]


def whole_grid(calls):
    for call in calls:
        where = call["call"], call["thread"], call["k"]
        yield Fault("kill", *where)
        if call["call"] in FILE_CALLS:
            for error in ERRORS:
                yield Fault(error, *where)
        if call["call"] in SHORT_CALLS:
            yield Fault("short", *where)
        if call["call"] == "clone3":
            yield Fault("EAGAIN", *where)


def thinned(grid):
    """All kills and short calls; of the errors every call with one or two, in turn, so that every kind meets every error."""
    turns = collections.Counter()
    for fault in grid:
        if fault.what not in ERRORS:
            yield fault
            continue
        turn, error = divmod(turns[fault.call], len(ERRORS))
        turns[fault.call] += 1
        # A call kind's n-th call meets its n-th error and the one after the next; its first five calls meet all.
        if error in {turn % len(ERRORS), (turn + 2) % len(ERRORS)} or turn == 0:
            yield fault


def lasting(calls, archive):
    """One for each error, from every changing call below the archive on that is the first of its kind in its thread, and
    from every fifth of the others."""
    seen = collections.Counter()
    k = collections.Counter()
    for call in calls:
        if call["call"] not in CHANGING_CALLS.split(",") or not call["path"].startswith(archive):
            continue
        k[call["thread"]] += 1
        kind = call["thread"], call["call"]
        seen[kind] += 1
        if seen[kind] % 5 == 1:
            for error in ERRORS[:3]:
                yield Fault(error, CHANGING_CALLS, call["thread"], k[call["thread"]], LASTING_MS, archive)
