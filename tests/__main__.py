"""`python -m tests`: the whole suite over all cores, without the long tests whose day it is not.

With arguments, those are pytest's, and every test they name runs. `--all`: the whole suite with every long test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

WHOLE = ["-n", "auto", "--dist", "loadfile"]
# Tests start the program hundreds of times; where nobody may keep compiled modules each start compiles them again.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main(arguments: list[str]) -> int:
    if not arguments:
        arguments = [*WHOLE, "--share", str(datetime.now(UTC).toordinal())]  # asked for once: workers may disagree
    elif arguments == ["--all"]:
        arguments = WHOLE
    return subprocess.call([sys.executable, "-m", "pytest", "-q", *arguments], env=ENVIRONMENT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
