"""A seal at a service: what comes back is judged before it goes into a paper, and whatever fails seals nothing."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy.engine import URL

from journal.refusals import Refused
from server.connections import ConnectionFault, Connections, read_connections
from server.connections.identity import RealNameSection
from server.connections.seal import SealSection, SealService, SealSignature, judge_ses, seal_services
from server.connections.store import ConnectionStore
from server.db.engine import Database
from server.identity import Seal
from server.signing import sm2
from server.signing.seals import NoSeal, OfficeSeals, SealKeys, put_under_seal
from tests import ROOT
from tests.server.app.office import FIRST
from tests.server.connections.seal_service import CLIENT, OWNER, SECRET, SealHouse, SealSimulator, der
from tests.server.connections.test_connections import CHIEF, OFFICE
from tests.server.signing.sittings import Room, room as room  # a fixture
from tests.server.signing.test_seal import PDF, SAID

NONE: Mapping[str, str] = {}
PLATFORM = "某某省统一电子印章平台"


def now() -> datetime:
    return datetime.now(UTC)


class Set:
    """A service that listens, the section that names it, and the office's seals."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder, self.database = folder, database
        self.house = SealHouse()
        self.simulator = SealSimulator(self.house)
        self.server = TestServer(self.simulator.app())

    async def listen(self, form: str = "ses", timeout: float = 10, more: Mapping[str, str] = NONE) -> SealKeys:
        if not self.server.started:
            await self.server.start_server()
        (secret := self.folder / "secret").write_text(SECRET)
        secret.chmod(0o600)
        said = {
            "url": str(self.server.make_url("/eseal/sign")), "client": CLIENT, "office": OFFICE.id, "name": PLATFORM,
            "authorities": str(self.house.pem(self.folder)), "form": form,
        } | dict(more)  # fmt: skip
        lines = "".join(f'{name} = "{value}"\n' for name, value in said.items())
        (file := self.folder / "connections.toml").write_text(
            f'[seal.gm]\n{lines}unified = true\ntimeout = {timeout}\nsecret = {{ file = "{secret}" }}\n', "utf-8"
        )
        self.connections = Connections(ConnectionStore(self.database), now)
        services = seal_services(read_connections(file), self.connections, now)
        self.service: SealService = services[OFFICE.id]
        return SealKeys(self.folder / "seals", Seal(b"k" * 32), now, services)

    async def state(self) -> tuple[bool, str]:
        (one,) = await self.connections.states(CHIEF)
        return one.failing, one.fault


@pytest.fixture
async def laid(tmp_path: Path, database_url: URL) -> AsyncIterator[Set]:
    made = Set(tmp_path, Database(database_url))
    yield made
    await made.server.close()
    await made.database.close()


@pytest.mark.parametrize("form", ["ses", "cms"])
async def test_a_paper_is_sealed_by_the_service_and_known_again(laid: Set, form: str) -> None:
    keys = await laid.listen(form)
    under = await put_under_seal(keys, OFFICE.id, PDF, SAID, None)
    assert (under.assurance, under.certifier, under.level, under.certificate) == ("unified", PLATFORM, "", "")
    assert keys.standing(OFFICE.id) == ("unified", PLATFORM)
    verdict = await OfficeSeals(keys).judged(under.content)
    assert (verdict.result, verdict.assurance, verdict.certifier) == ("ours", "unified", PLATFORM)
    assert (await OfficeSeals(keys).judged(under.content + b" ")).result == "not_given"
    (asked,) = laid.simulator.asked
    assert set(asked) == {"form", "seal", "hashAlgorithm", "dataHash", "propertyInfo"}, "only a hash leaves"
    assert asked["propertyInfo"].startswith("/ByteRange [0 ")
    assert await laid.state() == (False, "")


@pytest.mark.parametrize("by_digest", [False, True])
async def test_what_lies_in_the_paper_is_the_services_signature_over_every_other_byte(
    laid: Set, by_digest: bool
) -> None:
    laid.house.by_digest = by_digest
    made = (await put_under_seal(await laid.listen(), OFFICE.id, PDF, SAID, None)).content
    start = made.index(b"/Contents <") + 10
    end = made.index(b">", start) + 1
    found = SealSignature.load(bytes.fromhex(made[start + 1 : end - 1].decode()))
    properties = found["to_sign"]["properties"].native
    assert f"[0 {start} {end} {len(made) - end}]" in properties
    assert b"/SubFilter /GB.T38540" in made
    digest = sm2.digest_of(made[:start] + made[end:])
    judge_ses(found.dump(), digest, properties, now(), [der(laid.house.authority)])
    assert found["to_sign"]["seal"]["info"]["properties"]["name"].native == OWNER


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ("down", "unreachable"),
        ("replaying", "forged"),
        ("over something else", "forged"),
        ("not what it was asked", "forged"),
        ("of another house", "forged"),
        ("a seal of another maker", "forged"),
        ("a seal of somebody else", "forged"),
        ("wrong signature", "forged"),
        ("unsigned", "forged"),
        ("expired", "not_understood"),
        ("no structure", "not_understood"),
        ("garbage", "not_understood"),
        ("huge", "not_understood"),
        ("clock", "clock"),
        ("302", "not_understood"),
        ("403", "refused"),
        ("429", "limit"),
        ("503", "not_ready"),
    ],
)
async def test_whatever_fails_seals_nothing_and_is_said_on_the_page(laid: Set, way: str, code: str) -> None:
    keys = await laid.listen()
    keys.create(OFFICE.id, OWNER)
    await put_under_seal(keys, OFFICE.id, PDF, SAID, None)
    laid.simulator.way = way
    with pytest.raises(NoSeal):
        await put_under_seal(keys, OFFICE.id, PDF, SAID, None)
    assert await laid.state() == (True, code), "and no other seal takes its place"


@pytest.mark.parametrize("way", ["replaying", "over something else", "of another house", "wrong signature"])
async def test_a_cms_signature_that_lies_is_refused_too(laid: Set, way: str) -> None:
    keys = await laid.listen("cms")
    await put_under_seal(keys, OFFICE.id, PDF + b"\n", SAID, None)
    laid.simulator.way = way
    with pytest.raises(NoSeal):
        await put_under_seal(keys, OFFICE.id, PDF, SAID, None)
    assert await laid.state() == (True, "forged")


async def test_a_service_that_does_not_answer_is_given_up(laid: Set) -> None:
    keys, done = await laid.listen(timeout=0.3), asyncio.Event()
    laid.simulator.way, laid.simulator.released = "slow", done.wait
    with pytest.raises(NoSeal):
        await put_under_seal(keys, OFFICE.id, PDF, SAID, None)
    done.set()
    assert await laid.state() == (True, "slow")


async def test_a_clock_that_is_off_and_a_wrong_secret_are_told_apart(laid: Set) -> None:
    await laid.listen()
    laid.simulator.skew = timedelta(hours=1)
    assert (await laid.connections.test(CHIEF, "seal", "gm", "")).fault == "clock"
    laid.simulator.skew = timedelta()
    (laid.folder / "secret").write_text("another")
    assert (await laid.connections.test(CHIEF, "seal", "gm", "")).fault == "refused"
    (laid.folder / "secret").write_text(SECRET)
    assert not (await laid.connections.test(CHIEF, "seal", "gm", "")).failing, "a renewed secret counts at once"


@pytest.mark.parametrize("form", ["ses", "cms"])
async def test_the_test_on_the_page_signs_nothing_that_counts(laid: Set, form: str) -> None:
    await laid.listen(form)
    assert not (await laid.connections.test(CHIEF, "seal", "gm", "")).failing
    (asked,) = laid.simulator.asked
    assert asked["propertyInfo"].startswith("yuntiao a test of the connection and no document;request=")


async def test_a_room_seals_by_the_service_and_can_try_again_after_it_was_down(room: Room, tmp_path: Path) -> None:
    laid = Set(tmp_path, room.world.database)
    keys = await laid.listen()
    room.seals.services = {FIRST.id: keys.services[OFFICE.id]}
    text = await room.signed()
    laid.simulator.way = "down"
    with pytest.raises(Refused, match="no_seal"):
        await room.signing.seal(room.world.zhou, room.session, text)
    assert not (await room.state()).documents
    laid.simulator.way = "good"
    await room.signing.seal(room.world.zhou, room.session, text)
    (document,) = (await room.state()).documents
    assert (document.sealed.assurance, document.sealed.certifier) == ("unified", PLATFORM)
    await laid.server.close()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"url": "http://seal.example/sign"}, "https://"),
        ({"url": "ftp://seal.example"}, "https://"),
        ({"form": "ofd"}, "'ses' or 'cms'"),
        ({"authorities": "/nowhere.pem"}, "holds no SM2 certificates"),
        ({"digest": "md5"}, "'sm3' or 'sha256'"),
    ],
)
async def test_a_section_that_cannot_work_is_refused_at_the_start(laid: Set, wrong: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        await laid.listen(more=wrong)


def test_no_structure_however_crafted_is_anything_but_refused() -> None:
    house = SealHouse()
    made = house.ses(bytes(32), "x", house.now)
    judge_ses(made, bytes(32), "x", house.now, [der(house.authority)])
    for at in range(0, len(made), 7):
        changed = made[:at] + bytes([made[at] ^ 0x21]) + made[at + 1 :]
        with pytest.raises(ConnectionFault):
            judge_ses(changed, bytes(32), "x", house.now, [der(house.authority)])


def section_of(name: str) -> dict[str, object]:
    """As docs/connect.md has it."""
    text = (ROOT / "docs" / "connect.md").read_text("utf-8")
    block = next(one for one in text.split("```")[1::2] if one.strip().startswith(f"[{name}."))
    (said,) = tomllib.loads(block)[name].values()
    return dict(said)


def test_the_sections_of_the_document_are_taken_as_they_stand(tmp_path: Path) -> None:
    (secret := tmp_path / "secret").write_text(SECRET)
    secret.chmod(0o600)
    here = {"secret": {"file": str(secret)}}
    seal = SealSection.model_validate(section_of("seal") | here | {"authorities": str(SealHouse().pem(tmp_path))})
    assert (seal.form, seal.digest, seal.unified) == ("ses", "sm3", True)
    assert RealNameSection.model_validate(section_of("identity") | here).name
