# SPDX-License-Identifier: Apache-2.0
"""A file system of its own in a file, whose power can be cut: the shutdown ioctl drops everything that is not on the disk
yet, as a loss of power does; the next mount recovers its log."""
import array
import fcntl
import os
import pathlib
import shutil
import subprocess
import time

# _IOR('X', 125, __u32) of linux/fs.h and of xfs_fs.h; 2: without flushing the log.
SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2
MAKE = {"ext4": ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0"], "xfs": ["mkfs.xfs", "-q", "-f"]}
BYTES = {"ext4": 192 << 20, "xfs": 320 << 20}  # mkfs.xfs makes none below 300 MiB


def why_not(kind):
    """None, or why there can be none here."""
    if os.geteuid() != 0:
        return "only root can mount a file system"
    if not shutil.which(MAKE[kind][0]):
        return f"there is no {MAKE[kind][0]} (packages e2fsprogs, xfsprogs)"
    if not os.path.exists("/dev/loop-control"):
        return "there are no loop devices"
    return None


class DiskImage:
    def __init__(self, folder, kind):
        self.kind = kind
        self.image = pathlib.Path(folder) / f"{kind}.image"
        self.place = pathlib.Path(folder) / f"{kind}.mounted"
        self.place.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(BYTES[kind])
        command(*MAKE[kind], self.image)
        self.is_mounted = False

    def mount(self):
        command("mount", "-o", "loop", "-t", self.kind, self.image, self.place)
        self.is_mounted = True

    def cut_power(self):
        """From now on nothing reaches the disk; what was not there is gone at the next mount."""
        descriptor = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, array.array("I", [NO_LOG_FLUSH]))
        finally:
            os.close(descriptor)

    def unmount(self):
        if not self.is_mounted:
            return
        deadline = time.monotonic() + 30
        while subprocess.run(["umount", self.place], capture_output=True, check=False).returncode != 0:
            assert time.monotonic() < deadline, f"{self.place} stays busy"
            time.sleep(0.02)
        self.is_mounted = False


def command(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stderr}"
