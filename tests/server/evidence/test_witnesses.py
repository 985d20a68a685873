"""Witnesses elsewhere: what they get, what is kept of their answers, and what becomes of them when they are away."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from journal.notes import Ed25519Signer, opened, signed, split, verifies
from server.app.parts import witness_keys
from server.connections import signature
from server.evidence import attesting
from server.evidence.attesting import AttestationService, NotAttested, WitnessService
from server.evidence.log_store import AttestationStore
from server.serving.settings import Settings
from tests.server.evidence.house import House

SECRET = "shared-with-the-witness"
COSIGNER = Ed25519Signer("witness.example/w1", bytes(range(32)))


class Elsewhere:
    """Keeps what it gets and countersigns it, on a real socket."""

    def __init__(self) -> None:
        self.status, self.kept, self.answer = 200, list[str](), ""
        app = web.Application()
        app.router.add_post("/", self._take)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return str(self.server.make_url("/"))

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        timestamp = request.headers["X-Yuntiao-Timestamp"]
        if request.headers["X-Yuntiao-Signature"] != signature(SECRET.encode(), timestamp, body):
            return web.Response(status=401)
        if self.status != 200:
            return web.Response(status=self.status)
        self.kept.append(body.decode())
        text = self.answer or split(signed(split(body.decode())[0], COSIGNER))[1][0].line
        return web.Response(text=text)


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    elsewhere = Elsewhere()
    await elsewhere.server.start_server()
    yield elsewhere
    await elsewhere.server.close()


async def owed(house: House, *places: Elsewhere) -> tuple[AttestationService, AttestationStore, int]:
    """A checkpoint they are to be asked about."""
    store = AttestationStore(house.database)
    keeper = house.another_keeper(ask=[("witness", place.url) for place in places])
    await house.note("session/a")
    made = await keeper.make()
    assert made is not None
    asked = {("witness", place.url): WitnessService(place.url, SECRET, house.now, timeout=2) for place in places}
    return AttestationService(store, asked, house.now, chance=lambda: 0.0), store, made.size


async def test_a_witness_gets_the_note_and_its_signature_is_kept(house: House, elsewhere: Elsewhere) -> None:
    asking, store, size = await owed(house, elsewhere)
    await asking.ask_due()
    newest = await house.store.newest()
    assert newest is not None
    assert elsewhere.kept == [newest.note]
    [kept] = await store.of(size)
    both = newest.note + (kept.answer or b"").decode()
    assert opened(both, COSIGNER.name, COSIGNER.public, verifies) == split(newest.note)[0]


def cosigned(note: str, seconds: int = 1_790_000_000, key: Ed25519Signer = COSIGNER, name: str = COSIGNER.name) -> str:
    """C2SP cosignature/v1, written from its specification."""
    said = key.sign(f"cosignature/v1\ntime {seconds}\n{split(note)[0]}".encode())
    key_id = hashlib.sha256(name.encode() + b"\n\x04" + key.public).digest()[:4]
    return f"\u2014 {name} {base64.b64encode(key_id + seconds.to_bytes(8, 'big') + said).decode()}\n"


def known(elsewhere: Elsewhere, house: House) -> WitnessService:
    return WitnessService(elsewhere.url, SECRET, house.now, timeout=2, key=(COSIGNER.name, COSIGNER.public))


@pytest.mark.parametrize("form", ["lines", "the note with a line added"])
async def test_a_cosignature_is_checked_by_the_witnesss_key_and_alone_is_kept(
    house: House, elsewhere: Elsewhere, form: str
) -> None:
    await house.note("session/a")
    made = await house.another_keeper().make()
    assert made is not None
    mine, stranger = cosigned(made.note), cosigned(made.note, key=Ed25519Signer("other", b"x" * 32), name="other")
    elsewhere.answer = f"{stranger}{mine}" if form == "lines" else f"{made.note}{stranger}{mine}"
    assert await known(elsewhere, house).attest(made.note) == mine.encode()


async def test_a_wrong_missing_or_foreign_cosignature_is_named_and_not_kept(house: House, elsewhere: Elsewhere) -> None:
    await house.note("session/a")
    made = await house.another_keeper().make()
    assert made is not None
    thief = Ed25519Signer(COSIGNER.name, b"t" * 32)
    earlier = made.note.replace("time 20", "time 19", 1)
    for answer, why in (
        (cosigned(made.note, key=thief), f"the signature by {COSIGNER.name} does not hold"),
        (cosigned(earlier), f"the signature by {COSIGNER.name} does not hold"),
        ("kept, thank you\n", f"no signature by {COSIGNER.name}"),
        (earlier + cosigned(earlier), "about something else"),
    ):
        elsewhere.answer = answer
        with pytest.raises(NotAttested, match=why):
            await known(elsewhere, house).attest(made.note)


def test_keys_of_witnesses_are_as_many_as_addresses_and_have_one_form() -> None:
    """`YUNTIAO_WITNESS_KEYS`."""
    where: dict[str, Any] = {"witness_urls": "https://w.example/add", "witness_secret": SECRET}
    raw, name = b"\x04" + COSIGNER.public, COSIGNER.name
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex()
    key = f"{name}+{key_id}+{base64.b64encode(raw).decode()}"
    assert witness_keys(Settings(**where | {"witness_keys": key})) == [(name, COSIGNER.public)]
    for wrong in (f"{key},{key}", key[:-4], key.replace(name, "another")):
        with pytest.raises(ValueError, match=r"YUNTIAO_WITNESS_KEYS|no key of a witness"):
            Settings(**where | {"witness_keys": wrong})


@pytest.mark.parametrize("answer", ["kept, thank you\n", "— broken line\n", "<html>"])
async def test_of_an_answer_only_signature_lines_are_kept(house: House, elsewhere: Elsewhere, answer: str) -> None:
    elsewhere.answer = answer
    asking, store, size = await owed(house, elsewhere)
    await asking.ask_due()
    [kept] = await store.of(size)
    assert (kept.state, kept.answer) == ("got", b"")


async def test_a_long_answer_is_not_read_to_its_end(house: House, elsewhere: Elsewhere) -> None:
    elsewhere.answer = "x" * 100_000
    with pytest.raises(NotAttested, match="longer"):
        await WitnessService(elsewhere.url, SECRET, house.now).attest("a\n\n— b c\n")


async def test_a_wrong_secret_is_final(house: House, elsewhere: Elsewhere) -> None:
    with pytest.raises(NotAttested) as no:
        await WitnessService(elsewhere.url, "guessed", house.now).attest("note")
    assert no.value.final


async def test_a_witness_that_is_away_is_asked_again_until_it_is_given_up(
    house: House, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attesting, "TRIES_MOST", 3)
    asking, store, size = await owed(house, elsewhere)
    await elsewhere.server.close()
    for _ in range(3):
        assert await asking.ask_due() == 1
        house.time += timedelta(hours=1)
    assert await asking.ask_due() == 0
    [kept] = await store.of(size)
    assert (kept.state, kept.tries) == ("dead", 3)
    assert "unreachable" in kept.last_error


async def test_one_witness_away_keeps_no_other_from_being_asked(house: House, elsewhere: Elsewhere) -> None:
    away = Elsewhere()
    await away.server.start_server()
    asking, store, size = await owed(house, away, elsewhere)
    away.status = 503
    assert await asking.ask_due() == 2
    assert {one.place: one.state for one in await store.of(size)} == {away.url: "failed", elsewhere.url: "got"}
    await away.server.close()


async def test_the_newest_checkpoint_is_asked_about_first(house: House, elsewhere: Elsewhere) -> None:
    asking, _, _ = await owed(house, elsewhere)
    await owed(house, elsewhere)
    await asking.ask_due()
    sizes = [int(note.splitlines()[1]) for note in elsewhere.kept]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 2


async def test_the_running_task_asks_when_told_and_counts(house: House, elsewhere: Elsewhere) -> None:
    asking, store, _ = await owed(house, elsewhere)
    await asking.start()
    asking.nudge()
    await asking.stop()
    while await asking.ask_due():
        pass
    assert await store.states() == {("witness", "got"): 1}
