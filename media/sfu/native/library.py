"""Building and loading what is compiled. Needs a C compiler once, and neither Python's headers nor libsrtp's.

The library lies beside its sources under a name that contains their digest: one built from another version is never
loaded, and nothing built is ever part of the repository or of a wheel.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cffi import FFI

FOLDER = Path(__file__).parent
SOURCES = ("fan_out.c", "way_in.c")
HEADERS = ("media.h", "packets.h")
DECLARED = "media.h"  # of it cffi learns what there is
FLAGS = ("-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-std=gnu11")


class NativeMissing(Exception):
    """Nothing compiled is there, or can be built: for whoever set the machine up, never for a caller."""


def path(folder: Path = FOLDER) -> Path:
    """Where the library for these sources and this machine is, or would be."""
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for name in (*SOURCES, *HEADERS):
        digest.update((FOLDER / name).read_bytes())
    return folder / f"media-{platform.machine()}-{digest.hexdigest()[:16]}.so"


def build(folder: Path = FOLDER) -> Path:
    """Compile what is not there yet; NativeMissing says why it could not be done."""
    library = path(folder)
    if library.exists():
        return library
    compiler = shutil.which(os.environ.get("CC") or "cc")
    if compiler is None:
        raise NativeMissing("no C compiler: install gcc or clang")
    try:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            made = Path(scratch) / "media.so"
            done = subprocess.run(
                [compiler, *FLAGS, "-o", str(made), *(str(FOLDER / name) for name in SOURCES)],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            if done.returncode:
                raise NativeMissing(f"{compiler} failed: {done.stderr.strip()}")
            made.replace(library)  # whole or not at all, also when two build at once
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NativeMissing(f"{folder}: {error}") from error
    for old in (*folder.glob("media-*.so"), *folder.glob("fan_out-*.so")):
        if old != library:
            old.unlink(missing_ok=True)
    return library


def main() -> None:
    """Build if it can be done, else say so in a line: for set-up, where it is welcome and not needed."""
    try:
        build()
    except NativeMissing as reason:
        sys.stderr.write(f"Packets will be forwarded in Python, for about twice the CPU ({reason}).\n")


def load(library: Path) -> tuple[FFI, Any]:
    """The library and the binding that speaks to it."""
    ffi = FFI()
    ffi.cdef((FOLDER / DECLARED).read_text())
    try:
        return ffi, ffi.dlopen(str(library))
    except OSError as error:
        raise NativeMissing(str(error)) from error


if __name__ == "__main__":
    main()
