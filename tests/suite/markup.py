"""Nu, the validator of HTML's own standard: every kind of page that a test renders, judged in one go when all have run.

A kind is a template with the tags, attributes and ids that it came out with: another state of a page is another kind,
the same one with other names in it is not. `requirements/nu` fetches the validator from npm; `YUNTIAO_TEST_NU` names
another place of its jar.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from jinja2 import Template

VERSION: Final = "26.9.27"
PLACE: Final = "YUNTIAO_TEST_PAGES"
"""Where the pages of this run lie: its workers have it from their controller's environment."""

EXPECTED: Final = (
    # Nu lags behind: W3C Picture-in-Picture 5.6, WICG controlsList. Both keep who looks written over a recording.
    re.compile(r"^Attribute “(disablepictureinpicture|controlslist)” not allowed on element “(video|audio)”"),
    # What somebody typed is shown again as it was typed; a browser takes no such value into the field.
    re.compile(r"^Bad value “[^”]*” for attribute “value” on element “input”(?s:.*) aria-invalid=\"true\""),
)
"""Messages that are no fault of a page. Style sheets are not judged: Nu's idea of CSS lacks container queries."""

_TAG: Final = re.compile(r"<[a-zA-Z!/][^>]*>")
_VALUE: Final = re.compile(r"""(?<!\bid)=("[^"]*"|'[^']*')""")
_ID: Final = re.compile(r"""\bid=("[^"]*"|'[^']*')""")
_STRANGE: Final = re.compile(r"[0-9a-f]{8,}|\d+")


def command() -> list[str] | None:
    """How it is started; None where it, or a Java to run it, is missing."""
    java = shutil.which("java")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    jar = Path(os.environ.get("YUNTIAO_TEST_NU") or cache / "yuntiao" / f"vnu-{VERSION}.jar")
    brief = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")  # as of `verapdf`
    return [java, *brief, "-Xss4m", "-jar", str(jar)] if java and jar.is_file() else None


class Pages:
    """The kinds of pages seen by this process; those of all processes of a run lie in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[str] = set()

    @classmethod
    def of_this_run(cls) -> Pages:
        return cls(Path(os.environ[PLACE]))

    def keep(self, name: str, text: str) -> None:
        """Keep a whole page of a kind not seen before, and which test it is of."""
        tags, ids = sorted(set(map(_plain, set(_TAG.findall(text))))), sorted(_ID.findall(text))
        twice = {one for one, next_ in pairwise(ids) if one == next_}
        kind = hashlib.sha256("".join((*tags, *sorted(twice))).encode()).hexdigest()[:16]
        key = f"{name.replace('/', '-').removesuffix('.html')}-{kind}.html"
        if key not in self.seen:
            self.seen.add(key)
            test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0].replace("--", "-")
            whole = self.folder / f"{key}.{os.getpid()}"  # somebody may look at the folder meanwhile
            whole.write_text(f"{text}\n<!-- {test} -->\n", "utf-8")
            whole.replace(self.folder / key)

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """From now on, keep what templates make that is a whole page."""
        render = Template.render

        def rendered(template: Template, *given: Any, **named: Any) -> str:
            text = render(template, *given, **named)
            if text[:400].lstrip().lower().startswith("<!doctype html"):
                self.keep(template.name or "page", text)
            return text

        patch.setattr(Template, "render", rendered)


def refused(folder: Path) -> list[str]:
    """What is wrong with the pages there: the file, the place in it, what it says, and the test that made it."""
    return Judging(folder).refused()


class Judging:
    """The validator at work on the pages of a folder, which stay as they are meanwhile."""

    def __init__(self, folder: Path) -> None:
        started = command()
        assert started is not None
        # Brackets in a name would be read as a pattern: the folder is named, not the files.
        asked = [*started, "--format", "json", "--exit-zero-always", "--stdout", "--skip-non-html", str(folder)]
        self._said = Path(tempfile.mkdtemp(prefix="yuntiao-judged-"))  # a pipe would be full before somebody reads it
        with (self._said / "out").open("wb") as out, (self._said / "err").open("wb") as err:
            self._process = subprocess.Popen(asked, stdout=out, stderr=err)

    @classmethod
    def of_those_there(cls, folder: Path, to: Path) -> Judging | None:
        """The pages there by now, moved out of the way of those to come. None without any, or without a validator."""
        pages = sorted(folder.glob("*.html"))
        for page in pages:
            page.replace(to / page.name)
        return cls(to) if pages and command() else None

    def refused(self) -> list[str]:
        """As the function."""
        self._process.wait(600)
        told, faults = ((self._said / name).read_text("utf-8") for name in ("out", "err"))
        shutil.rmtree(self._said)
        return _wrong(told, faults)


def _wrong(said: str, faults: str) -> list[str]:
    found = []
    try:
        messages = json.loads(said)["messages"]
    except ValueError:
        return [f"the validator could not be run: {faults[:500]}"]
    for one in messages:
        if not any(rule.match(f"{one['message']} {one.get('extract', '')}") for rule in EXPECTED):
            path = Path(one.get("url", "").removeprefix("file:"))
            test = re.findall(r"<!-- (.*?) -->\s*$", path.read_text("utf-8"))[-1:] if path.is_file() else []
            extract = " ".join(one.get("extract", "").split())
            found.append(f"{path.name}:{one.get('lastLine', 0)}: {one['message']} … {extract} … {''.join(test)}")
    return sorted(set(found))


@functools.lru_cache(20_000)  # most of a page stands on many others
def _plain(tag: str) -> str:
    """A tag without the values of its attributes, but ids, which must not come twice."""
    return _STRANGE.sub("0", _VALUE.sub("", tag))
