"""The statement of cryptography says what is so here, and nothing better."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from server.cli import app
from server.cli.statement import CryptographyFacts, CryptographyUse, SealInUse, libraries, rendered, uses
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD

PLAIN = CryptographyFacts(
    cipher="aes", sm3=False, tls="own", postgresql=False, keys="files", signer_command=False, stamps=False,
    sealed={"aes": 3}, wrapped={"aes": 1}, seals=(SealInUse("青石桥所", "RSA", "own", ""),), libraries=libraries(),
)  # fmt: skip
NATIONAL = replace(
    PLAIN, cipher="sm4", sm3=True, tls="front", sealed={"sm4": 2}, wrapped={"sm4": 1},
    seals=(SealInUse("青石桥所", "SM2", "provider", "某某CA"),),
)  # fmt: skip


def national(facts: CryptographyFacts) -> set[str]:
    return {one.what[1] for one in uses(facts) if one.kind == "national"}


def found(facts: CryptographyFacts, what: str) -> CryptographyUse:
    return next(one for one in uses(facts) if what in one.what[1])


def test_nothing_is_national_until_it_is_set() -> None:
    assert national(PLAIN) == set()
    assert len(national(NATIONAL)) == 5


def test_one_file_that_aes_sealed_keeps_files_from_being_called_national() -> None:
    mixed = replace(NATIONAL, sealed={"sm4": 2, "aes": 1}, wrapped={"aes": 1})
    assert found(mixed, "Recordings, papers").kind == found(mixed, "wraps the key").kind == "other"
    assert "1 AES, 2 SM4" in found(mixed, "Recordings, papers").how[1]


@pytest.mark.parametrize("facts", [PLAIN, NATIONAL, replace(NATIONAL, tls="none", keys="vault", signer_command=True)])
def test_it_never_says_that_anything_of_ours_is_certified_or_was_assessed(facts: CryptographyFacts) -> None:
    chinese, english = (rendered(facts, language, datetime.now(UTC)) for language in ("zh", "en"))
    for said in ("不是商用密码应用安全性评估报告", "均未取得商用密码产品认证证书", "由使用单位负责，本系统不提供"):
        assert said in chinese
    assert "None of them holds a certificate" in english
    for layer in ("物理和环境安全", "网络和通信安全", "设备和计算安全", "应用和数据安全", "管理制度"):
        assert f"## {layer}" in chinese


def test_what_lies_elsewhere_is_said_to_be_whose_it_is() -> None:
    service = replace(PLAIN, seals=(SealInUse("青石桥所", "", "unified", "某省平台"),), postgresql=True, tls="front")
    assert found(service, "Seal of").kind == "operator"
    assert "certified gateway" in found(service, "Between browser").how[1]
    assert found(service, "link to the database").kind == "operator"
    assert found(replace(PLAIN, tls="none"), "Between browser").how[1] == "not encrypted"


async def test_the_command_reads_the_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNTIAO_CIPHER", "sm4")
    demo_app(Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD)))
    (tmp_path / "attachments" / "c").mkdir(parents=True, exist_ok=True)
    (tmp_path / "attachments" / "c" / "old").write_bytes(b"YTS1" + bytes(100))
    said = await asyncio.to_thread(CliRunner().invoke, app, ["statement", "--json", "--data", str(tmp_path)])
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert (told["cipher"], told["tls"], told["keys"]) == ("sm4", "none", "files")
    assert told["sealed"]["aes"] == 1
    out = tmp_path / "statement.md"
    await asyncio.to_thread(CliRunner().invoke, app, ["statement", "--out", str(out), "--data", str(tmp_path)])
    assert "SM4-GCM（GB/T 32907）" in out.read_text("utf-8")
