# SPDX-License-Identifier: Apache-2.0
"""The machine under a measurement, as one line for people."""
import os
import pathlib
import platform
import re
import subprocess


def compiler():
    """First line of what the C++ compiler says of itself."""
    return subprocess.run(["c++", "--version"], capture_output=True, check=True, text=True).stdout.splitlines()[0]


def processor():
    """Model name of the first processor."""
    found = re.search(r"^model name\s*:\s*(.+)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    return found.group(1) if found else platform.machine()


def system():
    """Name of the distribution."""
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', pathlib.Path("/etc/os-release").read_text(encoding="utf-8"), re.M)
    return found.group(1) if found else "unknown system"


def describe(load_before):
    """Processor, system, compiler and the load averages before and after."""
    after = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return (f"{processor()}, {os.cpu_count()} cores; {system()}, kernel {platform.release()}; {compiler()}; "
            f"load {load_before} before, {after} after")
