"""The browser's scripts: their types hold, their own tests pass, they build, and they stay light."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

import assets
from tests import ROOT
from web.http.responses import Assets
from web.i18n import catalog

FRONTEND = ROOT / "web" / "frontend"
STATIC = ROOT / "web" / "static"


@pytest.fixture(scope="module")
def built() -> dict[str, dict[str, Any]]:
    assets.build(ROOT)
    manifest: dict[str, dict[str, Any]] = json.loads((STATIC / "dist" / "manifest.json").read_text())
    return manifest


def scripts(name: str) -> set[Path]:
    """A bundle with everything it imports."""
    found, open_ = set(), [STATIC / "dist" / name]
    while open_:
        path = open_.pop()
        if path not in found:
            found.add(path)
            open_ += [path.parent / part for part in re.findall(r'"\./(part-\w+\.js)"', path.read_text())]
    return found


def test_types_hold_and_the_scripts_own_tests_pass() -> None:
    assets.check(ROOT)


def test_every_page_has_its_bundle(built: dict[str, dict[str, Any]]) -> None:
    assert set(built) == {
        "src/layout/layout.ts",
        "src/room/room.ts", "src/cockpit/cockpit.ts", "src/join/device.ts", "src/sign/sign.ts", "src/window/window.ts",
        "src/office/office.ts", "src/office/places.ts", "src/office/board.ts",
        "src/record/statements.ts", "src/office/calendar.ts", "src/office/alerts.ts", "src/office/queue.ts",
        "src/office/selection.ts", "src/office/screen.ts", "src/join/trial_call.ts",
        "src/record/audit.ts", "src/record/review.ts", "src/room/later.ts",
    }  # fmt: skip


def test_building_again_without_a_change_does_nothing(built: dict[str, dict[str, Any]]) -> None:
    assert assets.build(ROOT) is False


@pytest.mark.parametrize(("page", "most"), [("src/join/device.ts", 62_000), ("src/room/room.ts", 120_000)])
def test_a_partys_pages_stay_light(built: dict[str, dict[str, Any]], page: str, most: int) -> None:
    files = {STATIC / name for name in ("tokens.css", "app.css", "room.css", "icons.svg")}
    files |= scripts(built[page]["file"]) | scripts(built["src/layout/layout.ts"]["file"])
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= most  # the rest is for the page itself


def test_what_a_room_fetches_later_is_not_among_what_it_begins_with_and_complete(
    built: dict[str, dict[str, Any]],
) -> None:
    at_once, later = scripts(built["src/room/room.ts"]["file"]), built["src/room/room.ts"]["later"]
    assert later[0] == built["src/room/later.ts"]["file"]
    assert {STATIC / "dist" / name for name in later} == scripts(later[0]) - at_once


@pytest.mark.parametrize("page", ["src/join/device.ts", "src/room/room.ts", "src/cockpit/cockpit.ts"])
def test_a_page_has_the_words_that_its_scripts_say_and_not_those_of_others(
    built: dict[str, dict[str, Any]], page: str
) -> None:
    words = catalog("zh", "room")
    files = [built[page]["file"], *built[page].get("later", [])]
    code = "\n".join(path.read_text() for name in files for path in scripts(name))
    code = re.sub(r"\\u([0-9A-F]{4})", lambda found: chr(int(found[1], 16)), code)
    spoken = Assets(STATIC).spoken(page, words)
    assert not [said for said in words.keys() - spoken.keys() if any(f"{q}{said}{q}" in code for q in "\"'`")]
    assert {"error.unknown", "Mediation room"} <= spoken.keys()  # what is put together, or said by the page itself
    assert ("Admit" in spoken) is (page == "src/cockpit/cockpit.ts")


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    assert not [name for name, about in packages.items() if "resolved" in about]
    assert all("integrity" in about for name, about in packages.items() if name)
    assert "omit-lockfile-registry-resolved=true" in (FRONTEND / ".npmrc").read_text()


def test_the_scripts_make_no_markup_from_text() -> None:
    risky = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
    assert not [path.name for path in FRONTEND.glob("src/**/*.ts") if risky.search(path.read_text())]
