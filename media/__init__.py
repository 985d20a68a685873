"""Live media: the engine's interface, and the embedded SFU.

Here is how a C library is built and loaded, this plane's (`media.sfu.native`) and the recorder's (`recordings.native`).
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cffi import FFI

_FLAGS = ("-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-std=gnu11")


class NativeMissing(Exception):
    """There is no library, and none can be built. Not for callers, but for whoever set the machine up."""


@dataclass
class NativeLibrary:
    """The sources of one library. cffi reads the first of `headers`. `output`: the folder to build in, if another."""

    folder: Path
    name: str
    sources: tuple[str, ...]
    headers: tuple[str, ...]
    extra_flags: tuple[str, ...] = ()
    output: Path | None = None

    @property
    def _flags(self) -> tuple[str, ...]:
        return (*_FLAGS, *self.extra_flags)

    def path(self, folder: Path | None = None) -> Path:
        """Return where the library for these sources and this machine is, or would be built."""
        digest = hashlib.sha256(" ".join(self._flags).encode())
        for name in (*self.sources, *self.headers):
            digest.update((self.folder / name).read_bytes())
        return (folder or self.output or self.folder) / f"{self.name}-{platform.machine()}-{digest.hexdigest()[:16]}.so"

    def build(self, folder: Path | None = None) -> Path:
        """Compile the library if there is none, and return where it is. Raises NativeMissing."""
        library = self.path(folder)
        folder = library.parent
        if library.exists():
            return library
        compiler = shutil.which(os.environ.get("CC") or "cc")
        if compiler is None:
            if self.path().exists():  # built by a compiler that is gone now
                return Path(shutil.copy(self.path(), library))
            raise NativeMissing("no C compiler: install gcc or clang")
        try:
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                made = Path(scratch) / f"{self.name}.so"
                done = subprocess.run(
                    [compiler, *self._flags, "-o", str(made), *(str(self.folder / name) for name in self.sources)],
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=False,
                )
                if done.returncode:
                    raise NativeMissing(f"{compiler} failed: {done.stderr.strip()}")
                made.replace(library)  # atomically, even if two build at once
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NativeMissing(f"{folder}: {error}") from error
        for old in folder.glob(f"{self.name}-*.so"):
            if old != library:
                old.unlink(missing_ok=True)
        return library

    def build_if_possible(self, without: str) -> None:
        """Build it, or print the line `without` and the reason: for set-up, where it is optional."""
        try:
            self.build()
        except NativeMissing as reason:
            sys.stderr.write(f"{without} ({reason}).\n")

    def load(self, library: Path) -> tuple[FFI, Any]:
        """Return the cffi binding and the loaded library. Raises NativeMissing."""
        ffi = FFI()
        ffi.cdef((self.folder / self.headers[0]).read_text())
        try:
            return ffi, ffi.dlopen(str(library))
        except OSError as error:
            raise NativeMissing(str(error)) from error
