"""A seal is promised as what it is: own key, a licensed provider's certificate, or a platform of the unified system."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from journal.refusals import Refused
from server.identity import Seal
from server.signing.certificates import BadCertificate, Platform, PlatformFailed, new_authority, new_seal
from server.signing.seals import OfficeSeals, SealKeys
from tests import ROOT
from tests.server.app.office import FIRST
from tests.server.signing.sittings import (
    Room,
    room as room,  # a fixture
    text_in,
)
from tests.server.signing.test_seal import NOW, PAIR, bare, p12
from web.links.documents import SENTENCES

PROVIDER = "某某电子认证有限公司（ECP00000000000）"
UNIFIED = "某某省统一电子印章平台"
SEALING = "import sys; pdf = sys.stdin.buffer.read(); sys.stdout.buffer.write(pdf + b'\\n% sealed\\n')"


async def test_a_paper_under_an_own_key_says_so_and_offers_the_stamped_copy(room: Room) -> None:
    said = text_in(await room.sealed())
    assert "使用本机关自行管理的密钥和证书" in said
    assert "未登记为依法设立的电子认证服务机构所签发" in said
    assert "请向本机关领取纸质件" in said
    assert "同等" not in said
    assert "验证码由本系统生成和核对" in said, "who controls what was signed with (E-signature Law Art 13)"
    sealed = (await room.state()).documents[0].sealed
    assert (sealed.assurance, sealed.certifier) == ("own", "")


async def test_a_paper_under_a_providers_certificate_names_the_provider_and_the_law(room: Room) -> None:
    now = room.world.clock.now()
    pair = new_seal(new_authority("provider", now), FIRST.name, now)
    await asyncio.to_thread(room.seals.take, FIRST.id, p12(pair), b"word", True, PROVIDER)
    said = text_in(await room.sealed())
    for part in (PROVIDER, "第十三条", "第十四条", "不是国家统一电子印章"):
        assert re.sub(r"\s", "", part) in said, part
    assert (await room.state()).documents[0].sealed.certifier == PROVIDER
    verdict = await OfficeSeals(room.seals).judged(await room.pdf())
    assert (verdict.result, verdict.assurance, verdict.certifier) == ("ours", "provider", PROVIDER)


async def test_a_platform_seals_and_its_file_is_known_again_by_every_byte(room: Room) -> None:
    room.seals.platforms.set(FIRST.id, Platform(UNIFIED, (sys.executable, "-c", SEALING)))
    pdf = await room.sealed()
    assert pdf.endswith(b"% sealed\n")
    said = text_in(pdf)
    assert f"由{UNIFIED}加盖国家统一电子印章" in said
    assert "第九条" in said
    sealed = (await room.state()).documents[0].sealed
    assert (sealed.assurance, sealed.certifier, sealed.level, sealed.certificate) == ("unified", UNIFIED, "", "")
    seals = OfficeSeals(room.seals)
    assert (await seals.judged(pdf)).result == "ours"
    changed = await seals.judged(pdf + b" ")
    assert changed.result == "not_given"
    assert "platform's own tool" in SENTENCES[changed.result][1]


@pytest.mark.parametrize(
    "program",
    [
        (sys.executable, "-c", "raise SystemExit(3)"),
        (sys.executable, "-c", "print('no PDF')"),
        (sys.executable, "-c", "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"),
        (sys.executable, "-c", "import sys; sys.stdout.buffer.write(b'%PDF-' + bytes(5 << 20))"),
        ("/nowhere/at/all",),
    ],
)
async def test_a_platform_that_seals_nothing_leaves_no_document_and_no_other_seal(
    room: Room, program: tuple[str, ...]
) -> None:
    room.seals.platforms.set(FIRST.id, Platform(UNIFIED, program))
    text = await room.signed()
    with pytest.raises(Refused, match="no_seal"):
        await room.signing.seal(room.world.zhou, room.session, text)
    assert not (await room.state()).documents
    room.seals.platforms.set(FIRST.id, None)
    await room.signing.seal(room.world.zhou, room.session, text)
    assert (await room.state()).documents[0].sealed.assurance == "own"


async def test_a_platform_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.signing.certificates.LONGEST_WAIT", 0.2)
    keys = SealKeys(tmp_path, Seal(b"k" * 32), lambda: NOW)
    with pytest.raises(PlatformFailed, match="did not answer"):
        await keys.platforms.sealed("yi", Platform(UNIFIED, ("sleep", "600")), b"%PDF-1.7")


def test_a_certificate_that_nobody_vouches_for_is_never_said_to_be_a_providers(tmp_path: Path) -> None:
    keys = SealKeys(tmp_path, Seal(b"k" * 32), lambda: NOW)
    own = bare(ec.generate_private_key(ec.SECP256R1()), NOW.replace(year=NOW.year + 1))
    with pytest.raises(BadCertificate, match="issued by its owner"):
        keys.take("yi", p12(own), b"word", certifier=PROVIDER)
    with pytest.raises(BadCertificate, match="at most"):
        keys.take("yi", p12(PAIR), b"word", certifier="某" * 121)
    assert keys.take("yi", p12(PAIR), b"word", certifier=PROVIDER).assurance == "provider"


def test_no_text_of_ours_says_that_a_file_counts_like_paper() -> None:
    root = ROOT
    for path in (*root.glob("web/locales/zh/**/*.po"), *root.glob("web/frontend/src/**/*.ts"), *root.glob("README.md")):
        text = path.read_text("utf-8")
        for promise in ("和纸质的一样有效", "counts like paper"):
            assert promise not in text, (path.name, promise)
