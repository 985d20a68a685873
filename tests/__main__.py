"""`python -m tests`: the fast tests over all cores, then the ones that need the machine to themselves."""

from __future__ import annotations

import os
import subprocess
import sys

HEAVY = "browser or media"
# Tests start the program hundreds of times; where nobody may keep compiled modules each start compiles them again.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main(arguments: list[str]) -> int:
    """Pass arguments on to pytest; without any, run everything in two passes and report both."""
    pytest = [sys.executable, "-m", "pytest", "-q"]
    if arguments:
        return subprocess.call([*pytest, *arguments], env=ENVIRONMENT)
    first = subprocess.call([*pytest, "-n", "auto", "-m", f"not ({HEAVY})"], env=ENVIRONMENT)
    second = subprocess.call([*pytest, "-m", HEAVY], env=ENVIRONMENT)
    return first or second


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
