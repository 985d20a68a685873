"""Building and loading the compiled fan-out. Needs a C compiler once, and neither Python's headers nor libsrtp's.

The library lies beside its source under a name that contains the source's digest: one built from another version is
never loaded, and nothing built is ever part of the repository or of a wheel.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from cffi import FFI

SOURCE = Path(__file__).with_name("fan_out.c")
FLAGS = ("-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-std=gnu11")
CDEF = """
struct way {
    void *context;
    void *target;
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t sequence;
    uint16_t picture;
    uint8_t tl0;
    uint8_t shifted;
    uint8_t payload_type;
};
int yuntiao_fan_out(void *protect, struct way **ways, int count, const char *payload, int size,
                    uint32_t extension, int first, int marker, uint32_t sequence, uint32_t timestamp);
"""


class NativeMissing(Exception):
    """There is no compiled fan-out, or none can be built: for whoever set the machine up, never for a caller."""


def path(folder: Path = SOURCE.parent) -> Path:
    """Where the library for this source and machine is, or would be."""
    digest = hashlib.sha256(SOURCE.read_bytes() + CDEF.encode() + " ".join(FLAGS).encode()).hexdigest()[:16]
    return folder / f"fan_out-{platform.machine()}-{digest}.so"


def build(folder: Path = SOURCE.parent) -> Path:
    """Compile what is not there yet; NativeMissing says why it could not be done."""
    library = path(folder)
    if library.exists():
        return library
    compiler = shutil.which(os.environ.get("CC") or "cc")
    if compiler is None:
        raise NativeMissing("no C compiler: install gcc or clang")
    try:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            made = Path(scratch) / "fan_out.so"
            done = subprocess.run(
                [compiler, *FLAGS, "-o", str(made), str(SOURCE)],
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
    for old in folder.glob("fan_out-*.so"):
        if old != library:
            old.unlink(missing_ok=True)
    return library


def main() -> None:
    """Build if it can be done, else say nothing: for set-up, where it is welcome and not needed."""
    with contextlib.suppress(NativeMissing):
        build()


def load(library: Path) -> tuple[FFI, Any]:
    """The library and the binding that speaks to it."""
    ffi = FFI()
    ffi.cdef(CDEF)
    try:
        return ffi, ffi.dlopen(str(library))
    except OSError as error:
        raise NativeMissing(str(error)) from error


if __name__ == "__main__":
    main()
