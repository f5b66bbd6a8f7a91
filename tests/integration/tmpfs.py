# SPDX-License-Identifier: Apache-2.0
"""tmpfs mounts of a test's own, in a mount namespace that goes with the process; where they are not permitted, why."""
import ctypes
import os

CLONE_NEWNS, MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_REC, MS_PRIVATE = 0x20000, 1, 2, 4, 32, 0x4000, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)
in_own_namespace = False


def mount(path, options="", flags=0, kind=b"tmpfs"):
    """None, or the reason why not."""
    if libc.mount(b"lmlog-test", str(path).encode(), kind, flags | MS_NOSUID | MS_NODEV, options.encode()) == 0:
        return None
    return os.strerror(ctypes.get_errno())


def private_tmpfs(path, options="mode=0700"):
    """Mounts a tmpfs for this process and its children alone. None, or the reason why not."""
    global in_own_namespace
    if not in_own_namespace:
        if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) != 0:
            return f"a mount namespace cannot be had: {os.strerror(ctypes.get_errno())}"
        in_own_namespace = True
    why = mount(path, options)
    return f"a tmpfs cannot be mounted: {why}" if why else None


def remount(path, options="", read_only=False):
    return mount(path, options, MS_REMOUNT | (MS_RDONLY if read_only else 0))


def unmount(path):
    libc.umount2(str(path).encode(), 2)  # MNT_DETACH


def used_bytes(path):
    """All pages of the file system: also those of files that are unlinked and held by somebody."""
    now = os.statvfs(path)
    return (now.f_blocks - now.f_bfree) * now.f_frsize
