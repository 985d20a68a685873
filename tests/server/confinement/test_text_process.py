"""Long texts are worked on beside the loop: what they cost, no room and no page waits for; what costs too much ends."""

from __future__ import annotations

import ast
import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from casebook import LONGEST, NOTHING, Known
from casebook.commands import TextChanged
from casebook.decisions import _residue
from casebook.deidentifying.looking import look
from journal.refusals import Refused
from server.confinement.reader import MOST_CHARACTERS, TextProcess
from tests import ROOT

NASTY = ("店", "市", "路", "公司", "健身房", "王小云", "零", "a", "a@", "13800138000 ", "1-", "（", " ", "\n", "族")


@pytest.fixture
async def texts() -> AsyncIterator[TextProcess]:
    process = TextProcess(seconds=60)
    yield process
    await process.close()


async def test_the_child_finds_what_is_found_here(texts: TextProcess) -> None:
    told = {"facts": "鄢怀瑾（电话13800012345）在云桥动力健身有限公司办卡，支付4980元。"}
    known = Known(people=("鄢怀瑾",), organisations=("云桥动力健身有限公司",))
    assert await texts.look(told, known) == look(told, known)
    assert await texts.residues([told["facts"], "没有什么"]) == {
        told["facts"]: ["鄢怀瑾", "13800012345"],
        "没有什么": [],
    }


async def test_while_the_nastiest_texts_are_looked_through_this_process_does_next_to_nothing(
    texts: TextProcess,
) -> None:
    await texts.look({"facts": "先热身"}, NOTHING)
    began, here = time.monotonic(), time.process_time()
    some = NASTY[::8]  # what each costs the child is asked below
    for nasty in some:
        await texts.look({name: (nasty * 8_000)[:most] for name, most in LONGEST.items() if most >= 2_000}, NOTHING)
    spent, passed = time.process_time() - here, time.monotonic() - began
    assert spent < 0.2 * len(some), f"{spent:.2f} s of this process's own time in {passed:.1f} s"


@pytest.mark.parametrize("nasty", NASTY)
def test_what_a_text_costs_grows_with_its_length_and_not_with_its_square(nasty: str) -> None:
    whole = (nasty * 8_000)[: LONGEST["facts"] // 2]
    parts = whole[: len(whole) // 4]
    _cost(parts)  # and everything is loaded
    short, long = (min(_cost(text) for _ in range(2)) for text in (parts, whole))
    assert long < 8 * short  # a square would be 16 times


def _cost(text: str) -> float:
    began = time.process_time()
    look({"facts": text}, NOTHING)
    return time.process_time() - began


async def test_a_text_of_200_kb_is_refused_before_it_is_looked_at(texts: TextProcess) -> None:
    with pytest.raises(Refused) as refused:
        await texts.look({"facts": "店" * 200_000}, NOTHING)
    assert (refused.value.code, refused.value.params) == ("too_long", {"most": MOST_CHARACTERS})


async def test_what_takes_too_long_is_ended_with_a_sentence_and_the_next_text_finds_a_new_child() -> None:
    process = TextProcess(seconds=60)
    try:
        await process.look({"facts": "先热身"}, NOTHING)
        process._seconds = 0.001
        with pytest.raises(Refused) as refused:
            await process.look({"facts": ("王小云的店" * 8_000)[:8_000]}, NOTHING)
        assert refused.value.code == "text_too_heavy"
        process._seconds = 60
        assert await process.look({"facts": "电话13800012345"}, NOTHING)
    finally:
        await process.close()


async def test_who_goes_away_leaves_no_half_answer_to_the_next(texts: TextProcess) -> None:
    await texts.look({"facts": "先热身"}, NOTHING)
    gone = asyncio.create_task(texts.look({"facts": ("王小云的店" * 8_000)[:8_000]}, NOTHING))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    (found,) = (await texts.look({"facts": "电话13800012345"}, NOTHING)).values()
    assert [span.kind for span in found] == ["phone"]


async def test_not_more_wait_than_may() -> None:
    process = TextProcess(seconds=60)
    try:
        asked = [asyncio.create_task(process.residues(["电话13800012345"])) for _ in range(40)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(one, Refused) and one.code == "busy" for one in answers) == 24
        assert sum(isinstance(one, dict) for one in answers) == 16
    finally:
        await process.close()


def test_only_the_process_for_texts_and_measurements_look_through_a_text() -> None:
    """By where it runs: nothing of the web process has a way of its own to de-identification."""
    root, looking = ROOT, {"look", "residue"}
    allowed = {
        "server/confinement/text_worker.py",
        "casebook/decisions.py",
    }  # the latter only where nobody looked: see below
    callers = set()
    for package in ("casebook", "complaints", "law", "rooms", "server", "signaling", "web"):
        for path in (root / package).rglob("*.py"):
            where = path.relative_to(root).as_posix()
            if "bench" in path.parts or where.startswith("casebook/deidentifying/"):
                continue
            imports = [one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.ImportFrom)]
            named = [one for one in imports if (one.module or "").startswith("casebook.deidentifying")]
            if any(looking & {each.name for each in one.names} for one in named):
                callers.add(where)
    assert callers == allowed


def test_a_text_that_changed_since_the_process_looked_is_refused_and_not_looked_through_here() -> None:
    with pytest.raises(TextChanged):
        _residue("facts", "电话13800012345", {"别的": ()})
    assert _residue("facts", "电话13800012345", {"电话13800012345": ("13800012345",)}) == ("13800012345",)
