"""A machine with an ARM processor and an older C library (glibc 2.28: Kylin V10, UOS 20) has a wheel of everything.

The registry is asked for what it has, as `./run setup` does; nothing is downloaded but what says it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import ROOT

MACHINES = {"arm64": "aarch64-manylinux_2_28", "x86-64": "x86_64-manylinux_2_28"}
LACKING = {"gmssl-pyx"}
"""What arm64 has no wheel of: SM2 (docs/operations/deployment.md)."""


def resolved(lock: str, machine: str, folder: Path) -> set[str]:
    """The packages that would be installed, each from a wheel."""
    uv = shutil.which("uv") or ROOT / ".uv" / "bin" / "uv"
    run = subprocess.run(
        [
            uv, "pip", "install", "--dry-run", "--no-deps", "--only-binary", ":all:", "--python-version", "3.11",
            "--python-platform", MACHINES[machine], "--target", folder / machine, "-r", f"requirements/{lock}.lock",
        ],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    return set(re.findall(r"^ \+ ([a-z0-9-]+)==", run.stderr + run.stdout, re.M))


@pytest.mark.long
@pytest.mark.parametrize("lock", ["run", "build", "speech", "phone"])
def test_every_locked_dependency_has_a_wheel_for_arm64(lock: str, tmp_path: Path) -> None:
    there = resolved(lock, "arm64", tmp_path)
    assert "cryptography" in there
    assert resolved(lock, "x86-64", tmp_path) - there == LACKING


def test_what_arm64_lacks_is_said() -> None:
    said = (ROOT / "docs" / "operations" / "deployment.md").read_text("utf-8")
    for package in LACKING:
        assert f"`{package}`" in said
