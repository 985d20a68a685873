"""The verification page in a real Firefox, from a disk: the same verdict as in Chromium."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

import assets
from tests import ROOT
from tests.browser import bidi
from tests.frontend.tale import Tale
from tests.recordings.evidence.target import opened, zipped
from web.http.responses import verify_page

pytestmark = [pytest.mark.long, pytest.mark.firefox]


DROP = """(() => {
  const bytes = Uint8Array.from(atob(%s), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], "package.zip"));
  document.body.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: carried}));
})()"""
VERDICT = """new Promise((told) => {
  const look = () => {
    const outcome = document.querySelector(".outcome");
    if (outcome) told([outcome.dataset.tone, document.querySelectorAll(".finding").length]);
  };
  new MutationObserver(look).observe(document, {childList: true, subtree: true});
  look();
})"""


async def judged(page: bidi.Firefox, package: bytes) -> list[object]:
    await page.evaluate(DROP % json.dumps(base64.b64encode(package).decode()))
    return list(await page.evaluate(VERDICT))


async def test_a_package_is_open_until_its_key_is_given_and_an_altered_one_fails(tmp_path: Path) -> None:
    assets.build(ROOT)
    built, tale = verify_page(), Tale()
    assert built is not None
    shutil.copy(built, tmp_path / "verify.html")
    async with bidi.launched(tmp_path / "profile") as page:
        await page.goto((tmp_path / "verify.html").as_uri())
        assert await judged(page, tale.bytes()) == ["warn", 21]
        key = json.dumps(base64.b64encode(tale.log.key.public).decode())
        await page.evaluate(
            f"(() => {{ const field = document.getElementById('key'); field.value = {key};"
            " field.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
        assert await page.evaluate("document.querySelector('.outcome').dataset.tone") == "ok"
        entries = {**opened(tale.bytes()), "export.html": b"somebody else"}
        assert await judged(page, zipped(entries)) == ["seal", 21]
