"""`python -m tests`: the whole suite over all cores, without the long tests whose day it is not.

`--all`: with every long test. `-m pure`: the pure ones over all cores. Other arguments are pytest's, and every test
they name runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

from tests.machine import missing_tools
from tests.suite.schedule import WORKERS

WHOLE = ["-n", str(WORKERS), "--dist", "loadfile"]
# Tests start the program hundreds of times; where nobody may keep compiled modules each start compiles them again.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main(arguments: list[str]) -> int:
    if arguments in ([], ["--all"]) and os.environ.get("CI") and (missing := missing_tools()):
        sys.stderr.writelines(f"{marker}: {hint}\n" for marker, hint in missing.items())
        return 1
    if not arguments:
        arguments = [*WHOLE, "--share", str(datetime.now(UTC).toordinal())]  # asked for once: workers may disagree
    elif arguments == ["--all"]:
        arguments = WHOLE
    elif arguments == ["-m", "pure"]:
        arguments = [*WHOLE, *arguments]
    return subprocess.call([sys.executable, "-m", "pytest", "-q", *arguments], env=ENVIRONMENT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
