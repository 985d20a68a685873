"""企业微信, 钉钉 and 专有钉钉 keep the contract against simulators of their wire formats."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from server.connections.sign_on import ProviderRefused, Redirecting, WorkAppSection, provider_of
from server.connections.work_apps import signature
from tests.contracts.sign_on_contract import SECRET, TIMEOUT, RedirectingContract
from tests.server.connections.providers import DingTalkProvider, Provider, WeComProvider, ZheZhengDingProvider


def section(preset: str, provider: Provider, secret: Path, **said: Any) -> WorkAppSection:
    kept = secret / "secret"
    kept.write_text(f"{SECRET}\n")
    kept.chmod(0o600)
    return WorkAppSection.model_validate(
        {"preset": preset, "label": "一", "client_secret": {"file": kept}, "timeout": TIMEOUT,
         "login_address": provider.url, "api_address": provider.url, **said}
    )  # fmt: skip


class WorkAppContract(RedirectingContract):
    provider: Any

    async def gone_through(self, address: str) -> Mapping[str, str]:
        return dict(await self.provider.gone_through(address))

    async def stop(self) -> None:
        await self.provider.stop()

    def hush(self) -> None:
        self.provider.hushed = True

    def answer(self, status: int, body: bytes) -> None:
        self.provider.spoiled = status, body

    def take_no_secret(self) -> None:
        self.provider.secret = "another"

    async def running(self, provider: Provider, made: WorkAppSection) -> AsyncIterator[Redirecting]:
        adapter = provider_of(made, lambda: datetime.now(UTC))
        yield adapter  # type: ignore[misc]
        await adapter.close()
        await provider.stop()


class TestWeCom(WorkAppContract):
    @pytest.fixture
    async def adapter(self, tmp_path: Path) -> AsyncIterator[Redirecting]:
        self.provider = WeComProvider()
        await self.provider.start()
        made = section("wecom", self.provider, tmp_path, client_id="ww-corp", agent_id="1000002")
        async for one in self.running(self.provider, made):
            yield one

    async def test_departments_are_there_for_rules(self) -> None:
        person = await self.signed_on()
        assert (person.subject, person.claims["name"], person.claims["department"]) == ("ZhouMin", "周敏", [12, 7])

    async def test_somebody_of_outside_is_refused(self) -> None:
        self.provider.outsider = True
        with pytest.raises(ProviderRefused):
            await self.signed_on()

    async def test_who_was_disabled_there_is_refused(self) -> None:
        self.provider.status = 2
        with pytest.raises(ProviderRefused):
            await self.signed_on()

    async def test_the_apps_token_is_asked_for_once_and_again_when_another_program_had_a_new_one(self) -> None:
        await self.signed_on()
        await self.signed_on()
        assert self.provider.app_tokens == 1
        self.provider.app_token = "somebody else's"
        await self.signed_on()
        assert self.provider.app_tokens == 2


class TestDingTalk(WorkAppContract):
    @pytest.fixture
    async def adapter(self, tmp_path: Path) -> AsyncIterator[Redirecting]:
        self.provider = DingTalkProvider()
        await self.provider.start()
        made = section("dingtalk", self.provider, tmp_path, client_id="dingapp", corp_id="dingcorp")
        async for one in self.running(self.provider, made):
            yield one

    async def test_somebody_is_who_the_organisation_calls_so(self) -> None:
        person = await self.signed_on()
        assert (person.subject, person.claims["name"]) == ("manager4220", "周敏")
        assert person.claims["dept_id_list"] == [2, 3]

    async def test_who_chose_another_organisation_is_refused(self) -> None:
        self.provider.corp = "dingother"
        with pytest.raises(ProviderRefused):
            await self.signed_on()

    async def test_who_is_not_of_the_organisation_is_refused(self) -> None:
        self.provider.stranger = True
        with pytest.raises(ProviderRefused):
            await self.signed_on()

    async def test_who_is_not_active_there_is_refused(self) -> None:
        self.provider.active = False
        with pytest.raises(ProviderRefused):
            await self.signed_on()


class TestZheZhengDing(WorkAppContract):
    @pytest.fixture
    async def adapter(self, tmp_path: Path) -> AsyncIterator[Redirecting]:
        self.provider = ZheZhengDingProvider()
        await self.provider.start()
        made = section("zhezhengding", self.provider, tmp_path, client_id="zzd-app")
        async for one in self.running(self.provider, made):
            yield one

    async def test_the_account_is_who_it_is(self) -> None:
        person = await self.signed_on()
        assert (person.subject, person.claims["nickNameCn"]) == ("100135", "周敏")


def test_a_call_is_signed_as_in_the_documentations_example() -> None:
    """Made once with openssl dgst -sha256 -hmac, of the five lines that the documentation names."""
    made = signature("s", "GET", "2026-12-01T09:00:00.000+08:00", "1", "/gettoken.json", "appkey=a&appsecret=b")
    assert made == "Z87IMyevUlaEPiyUauhqs+y/8Tiy+bXMeLviTLSHRs0="


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"preset": "wecom"}, "needs agent_id"),
        ({"preset": "dingtalk"}, "needs corp_id"),
        ({"preset": "zhezhengding", "api_address": "http://openplatform.example"}, "begins with https://"),
        ({"preset": "zhezhengding", "login_address": "https://login.example/?next=x"}, "begins with https://"),
    ],
)
def test_what_is_missing_or_could_be_listened_to_is_said(said: dict[str, str], why: str, tmp_path: Path) -> None:
    (kept := tmp_path / "secret").write_text(SECRET)
    kept.chmod(0o600)
    with pytest.raises(ValidationError, match=why):
        WorkAppSection.model_validate({"label": "一", "client_id": "x", "client_secret": {"file": kept}, **said})
