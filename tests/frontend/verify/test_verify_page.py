"""verify.html as it is built: one file that runs its own script, reaches nothing, and stays light."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

import assets
from tests import ROOT
from web.http.responses import verify_page

HEAVIEST = 290_000  # bytes; a sentence for every kind of event, and every edition of the consents, in two languages


@pytest.fixture(scope="module")
def page() -> str:
    assets.build(ROOT)
    path = verify_page()
    assert path is not None
    return path.read_text("utf-8")


def policy(page: str) -> dict[str, list[str]]:
    [content] = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    return {name: sources for name, *sources in (part.split() for part in content.split(";"))}


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_only_its_own_script_and_style_may_run_and_nothing_be_fetched(page: str) -> None:
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy(page) == {
        "default-src": ["'none'"],
        "script-src": [digest(script)],
        "style-src": [digest(style)],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_it_names_no_address_it_could_load_from(page: str) -> None:
    # No network, and nothing beside it: an address would be a promise the page cannot keep.
    assert not re.search(r'(src|href)="(?!#|data:)|@import|url\((?!#)|\bfetch\(|XMLHttpRequest|import\(', page)


def test_it_is_light_and_is_the_same_whenever_it_is_built(page: str, tmp_path: Path) -> None:
    assert len(page.encode()) <= HEAVIEST
    node = assets.Node()
    node.run([*node.node, "build.mjs"], ROOT / "web" / "frontend", OUT=str(tmp_path))
    assert (tmp_path / "verify.html").read_text("utf-8") == page


def test_its_parts_are_among_what_a_build_depends_on(tmp_path: Path) -> None:
    for part in ("static/app.css", "locales/zh/verify.po", "frontend/src/verify/page.html"):
        assert (ROOT / "web" / part).is_file()
    before = assets.digest(ROOT / "web" / "frontend")
    changed = tmp_path / "web"
    for source in [*(ROOT / "web").glob("static/*.*"), *(ROOT / "web").glob("locales/**/*.po")]:
        target = changed / source.relative_to(ROOT / "web")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    fixed = changed / "frontend"
    fixed.mkdir()
    for name in ("package.json", "package-lock.json", "build.mjs", ".npmrc"):
        (fixed / name).write_bytes((ROOT / "web" / "frontend" / name).read_bytes())
    same = assets.digest(fixed)
    (changed / "locales" / "zh" / "verify.po").write_text("changed")
    assert assets.digest(fixed) != same != before
