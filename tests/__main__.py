"""`python -m tests`: the fast tests over all cores, then the ones that need the machine to themselves."""

from __future__ import annotations

import subprocess
import sys

HEAVY = "browser or media"


def main(arguments: list[str]) -> int:
    """Pass arguments on to pytest; without any, run everything in two passes and report both."""
    pytest = [sys.executable, "-m", "pytest", "-q"]
    if arguments:
        return subprocess.call([*pytest, *arguments])
    first = subprocess.call([*pytest, "-n", "auto", "-m", f"not ({HEAVY})"])
    second = subprocess.call([*pytest, "-m", HEAVY])
    return first or second


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
