"""veraPDF, the PDF Association's validator: whether a file is what it claims to be, by somebody who is not its maker.

`requirements/verapdf` fetches it from Maven Central; `YUNTIAO_TEST_VERAPDF` names another place of its jar.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

VERSION: Final = "1.28.2"
PROFILES: Final = ("2a", "ua1")  # ISO 19005-2 level A, ISO 14289-1
_PLACE = f"repository/org/verapdf/apps/greenfield-apps/{VERSION}/greenfield-apps-{VERSION}.jar"


# A process that judges one file for seconds: not worth what compiles for hours and collects with threads.
BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def command() -> list[str] | None:
    """How it is started; None where it, or a Java to run it, is missing."""
    java = shutil.which("java")
    jar = Path(os.environ.get("YUNTIAO_TEST_VERAPDF") or Path.home() / ".m2" / _PLACE)
    return [java, *BRIEF, "-cp", str(jar), "org.verapdf.apps.GreenfieldCliWrapper"] if java and jar.is_file() else None


def refused(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Every rule that one of the files breaks, as "<file> <profile> <clause>-<test>", and every file it passed over."""
    started = command()
    assert started is not None
    paths = []
    for name, content in files.items():
        paths.append(folder / f"{name}.pdf")
        paths[-1].write_bytes(content)
    # One program for both: it judges a file by all that this claims to be; one that claims nothing, by another profile.
    asked = [*started, "-f", "0", "--format", "text", "-v", *map(str, paths)]
    said = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=300).stdout
    judged = set(re.findall(r"^(?:PASS|FAIL) .*/([^/]+)\.pdf (\S+)$", said, re.MULTILINE))
    missed = [(name, profile) for name in files for profile in PROFILES if (name, profile) not in judged]
    found = [f"{name} {profile} not judged: {said[:300]}" for name, profile in missed]
    at = ""
    for line in said.splitlines():
        if heading := re.match(r"(?:PASS|FAIL) .*/([^/]+)\.pdf (\S+)$", line):
            at = f"{heading[1]} {heading[2]}"
        elif broken := re.match(r"\s+FAIL (\S+)", line):
            found.append(f"{at} {broken[1]}")
    return found
