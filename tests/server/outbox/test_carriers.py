"""Each carrier of messages keeps the contract, as its simulator reckons; and says why it does not take one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from server.connections import Secret
from server.connections.messages import Mail, MailSection
from server.connections.sms import Aliyun, AliyunSection, Mas, MasSection, Tencent, TencentSection, acs3
from server.connections.wechat import MiniProgramLinks, MiniProgramSection, WeChat, WeChatSection
from server.outbox.notifiers import Awaited, Carrier, Filled, Forged, NotDelivered, Notifier, OutboxMessage, Trouble
from tests.contracts.notifier_contract import NOTICE, NotifierContract
from tests.server.outbox.carriers import (
    KEY,
    SECRET,
    AliyunSimulator,
    MasSimulator,
    Simulator,
    TencentSimulator,
    WeChatSimulator,
    said,
)

START = datetime(2026, 6, 24, 1, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


def secret(folder: Path, name: str, said_: str = SECRET) -> Secret:
    file = folder / name
    file.write_text(said_)
    file.chmod(0o600)
    return Secret(file=file)


class CarrierContract(NotifierContract):
    """`kind`: the simulator; `filled`: the template of what takes no words."""

    kind: type[Simulator]
    filled: Filled | None = None

    def made(self, endpoint: str, folder: Path, now: Callable[[], datetime]) -> Carrier:
        raise NotImplementedError

    @pytest.fixture
    async def simulator(self) -> AsyncIterator[Simulator]:
        self.clock, self.theirs = Clock(), Clock()
        self.sim = self.kind(self.theirs)
        yield self.sim
        await self.sim.stop()

    @pytest.fixture
    async def notifier(self, simulator: Simulator, tmp_path: Path) -> AsyncIterator[Notifier]:
        self.carrier = self.made(await simulator.start(), tmp_path, self.clock)
        self.folder = tmp_path
        await self.carrier.start()
        yield self  # delivers with the template
        await self.carrier.stop()

    async def start(self) -> None:
        await self.carrier.start()

    async def stop(self) -> None:
        await self.carrier.stop()

    async def deliver(self, notice: OutboxMessage) -> Any:
        return await self.carrier.deliver(replace(notice, filled=self.filled, created=START))

    def arrived(self) -> list[str]:
        return [NOTICE.id for _ in self.sim.held]

    async def refused(self, notice: OutboxMessage = NOTICE) -> NotDelivered:
        with pytest.raises(NotDelivered) as no:
            await self.deliver(notice)
        assert NOTICE.to not in str(no.value)
        assert "407216" not in str(no.value)
        assert SECRET not in str(no.value)
        return no.value

    async def test_a_wrong_secret_is_told_as_such_and_tried_later(self, notifier: Notifier) -> None:
        secret(self.folder, "key", "another")
        fault = await self.refused()
        assert (fault.trouble, fault.final) == ("credentials", False)
        assert self.sim.held == []

    async def test_a_renewed_secret_counts_at_once(self, notifier: Notifier) -> None:
        secret(self.folder, "key", "another")
        await self.refused()
        secret(self.folder, "key")
        await self.deliver(NOTICE)
        assert len(self.sim.held) == 1

    async def test_one_that_is_away_slow_or_talks_nonsense_is_tried_again(self, notifier: Notifier) -> None:
        self.sim.wrong = [
            web.Response(status=502, text="<html>Bad Gateway</html>"),
            web.Response(text="[]"),
            web.Response(text='{"a":'),
            web.Response(status=302, headers={"Location": "/elsewhere"}),
            said({}),
        ]
        for _ in range(5):
            fault = await self.refused()
            assert not fault.final
        self.sim.hush = True
        assert (await self.refused()).trouble == "unreachable"
        self.sim.silent.set()
        await self.sim.stop()
        fault = await self.refused()
        assert (fault.trouble, fault.final) == ("unreachable", False)

    async def test_an_answer_that_comes_in_pieces_is_one(self, notifier: Notifier) -> None:
        self.sim.in_pieces = True
        await self.deliver(NOTICE)
        assert len(self.sim.held) == 1

    async def test_nobody_without_the_secret_of_the_address_says_what_arrived(self, notifier: Notifier) -> None:
        for given in ("", "guessed", "a-callback\u20ac"):
            with pytest.raises(Forged):
                self.carrier.pushed(given, {}, b"[]")


class TestAliyun(CarrierContract):
    kind = AliyunSimulator
    filled = Filled("SMS_1", (("code", "407216"), ("minutes", "10")))

    def made(self, endpoint: str, folder: Path, now: Callable[[], datetime]) -> Carrier:
        return Aliyun(
            AliyunSection(
                provider="aliyun", endpoint=endpoint, access_key_id=KEY, timeout=0.5,
                access_key_secret=secret(folder, "key"), callback=secret(folder, "back", "a-callback"),
            ),
            now,
        )  # fmt: skip

    async def test_it_gets_number_signature_template_and_values(self, notifier: Notifier) -> None:
        taken = await self.deliver(NOTICE)
        (held,) = self.sim.held
        assert taken.reference == held.reference
        assert (held.to, held.said["SignName"], held.said["TemplateCode"]) == (NOTICE.to, "云调", "SMS_1")
        assert held.said["values"] == {"code": "407216", "minutes": "10"}

    async def test_after_an_answer_that_was_lost_it_is_asked_first_and_gets_it_once(self, notifier: Notifier) -> None:
        self.sim.hush = True
        assert (await self.refused()).trouble == "unreachable"
        self.sim.hush = False
        self.sim.silent.set()
        await self.deliver(replace(NOTICE, tries=2))
        assert self.sim.asked == ["SendSms", "QuerySendDetails"]
        assert len(self.sim.held) == 1

    async def test_clocks_that_differ_too_far_are_told_as_such(self, notifier: Notifier) -> None:
        self.theirs.at += timedelta(minutes=14)
        await self.deliver(NOTICE)
        self.theirs.at += timedelta(minutes=2)
        fault = await self.refused()
        assert (fault.trouble, fault.final) == ("clock", False)

    @pytest.mark.parametrize(
        ("code", "trouble", "final"),
        [
            ("isv.BUSINESS_LIMIT_CONTROL", "flood", False),
            ("isv.AMOUNT_NOT_ENOUGH", "account", False),
            ("isv.SMS_TEMPLATE_ILLEGAL", "template", True),
            ("isv.SMS_SIGNATURE_SCENE_ILLEGAL", "signature", True),
            ("isv.MOBILE_NUMBER_ILLEGAL", "number", True),
            ("isp.SYSTEM_ERROR", "unreachable", False),
            ("isv.SOMETHING_NEW", "operator", False),
        ],
    )
    async def test_its_refusals_with_200_are_refusals(
        self, notifier: Notifier, code: str, trouble: Trouble, final: bool
    ) -> None:
        self.sim.wrong = [said({"Code": code, "Message": f"{NOTICE.to} no", "RequestId": "R"})]
        fault = await self.refused()
        assert (fault.trouble, fault.final) == (trouble, final)

    async def test_it_says_later_when_asked_and_when_it_posts(self, notifier: Notifier) -> None:
        assert isinstance(self.sim, AliyunSimulator)
        taken = await self.deliver(NOTICE)
        awaited = [Awaited(NOTICE.id, taken.reference, NOTICE.to, START)]
        assert await self.carrier.asked(awaited) == []
        self.sim.arrived[taken.reference] = "MOBILE_NOT_ON_SERVICE"
        (told,) = await self.carrier.asked(awaited)
        assert (told.arrived, told.message, told.trouble) == (False, NOTICE.id, "off")
        (held,) = self.sim.held
        body = json.dumps(self.sim.report(held, "DELIVERED")).encode()
        (told,), answer = self.carrier.pushed("a-callback", {}, body)
        assert (told.arrived, told.message, told.at) == (True, NOTICE.id, datetime(2026, 6, 24, 1, 0, 5, tzinfo=UTC))
        assert json.loads(answer)["code"] == 0

    async def test_a_post_that_is_no_list_of_receipts_is_forged(self, notifier: Notifier) -> None:
        for body in (b"", b"[1]", b"\xff", b"[" * 5000):
            with pytest.raises(Forged):
                self.carrier.pushed("a-callback", {}, body)


def test_aliyuns_signature_is_the_one_of_its_documentation() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances", "x-acs-version": "2014-05-26",
        "x-acs-date": "2023-10-26T10:22:32Z", "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }  # fmt: skip
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    names, signature = acs3("YourAccessKeySecret", query, headers)
    assert names == "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
    assert signature == "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


class TestTencent(CarrierContract):
    kind = TencentSimulator
    filled = Filled("1110", (("1", "407216"), ("2", "10")))

    def made(self, endpoint: str, folder: Path, now: Callable[[], datetime]) -> Carrier:
        return Tencent(
            TencentSection(
                provider="tencent", endpoint=endpoint, secret_id=KEY, secret_key=secret(folder, "key"), timeout=0.5,
                app_id="1400006666", callback=secret(folder, "back", "a-callback"),
            ),
            now,
        )  # fmt: skip

    async def test_it_gets_values_in_order_and_says_what_it_is_paid_for(self, notifier: Notifier) -> None:
        taken = await self.deliver(NOTICE)
        (held,) = self.sim.held
        assert (held.to, held.said["TemplateParamSet"]) == ("+86" + NOTICE.to, ["407216", "10"])
        assert (taken.reference, taken.pieces) == (held.reference, 2)

    async def test_after_an_answer_that_was_lost_it_is_asked_first_and_gets_it_once(self, notifier: Notifier) -> None:
        self.sim.hush = True
        await self.refused()
        self.sim.hush = False
        self.sim.silent.set()
        await self.deliver(replace(NOTICE, tries=2))
        assert self.sim.asked == ["SendSms", "PullSmsSendStatusByPhoneNumber"]
        assert len(self.sim.held) == 1

    async def test_clocks_that_differ_too_far_are_told_as_such(self, notifier: Notifier) -> None:
        self.theirs.at += timedelta(minutes=6)
        assert (await self.refused()).trouble == "clock"

    @pytest.mark.parametrize(
        ("code", "trouble", "final"),
        [
            ("LimitExceeded.PhoneNumberDailyLimit", "flood", False),
            ("FailedOperation.PhoneNumberInBlacklist", "blocked", True),
            ("FailedOperation.SignatureIncorrectOrUnapproved", "signature", True),
            ("InvalidParameterValue.TemplateParameterLengthLimit", "template", True),
            ("FailedOperation.InsufficientBalanceInSmsPackage", "account", False),
        ],
    )
    async def test_its_refusals_with_200_are_refusals(
        self, notifier: Notifier, code: str, trouble: Trouble, final: bool
    ) -> None:
        row = {"Code": code, "Message": "no", "SerialNo": ""}
        for told in ({"SendStatusSet": [row]}, {"Error": {"Code": code, "Message": "no"}}):
            self.sim.wrong = [said({"Response": told})]
            fault = await self.refused()
            assert (fault.trouble, fault.final) == (trouble, final)
        self.sim.wrong = [said({"Response": {"SendStatusSet": []}})]
        assert not (await self.refused()).final

    async def test_it_says_later_when_asked_and_when_it_posts(self, notifier: Notifier) -> None:
        assert isinstance(self.sim, TencentSimulator)
        taken = await self.deliver(NOTICE)
        awaited = [Awaited(NOTICE.id, taken.reference, NOTICE.to, START)]
        assert await self.carrier.asked(awaited) == []
        self.sim.arrived[taken.reference] = "DELIVRD"
        (told,) = await self.carrier.asked(awaited)
        assert (told.arrived, told.message) == (True, NOTICE.id)
        (held,) = self.sim.held
        body = json.dumps(self.sim.report(held, "MK:0001")).encode()
        (told,), answer = self.carrier.pushed("a-callback", {}, body)
        assert (told.arrived, told.reference, told.trouble) == (False, held.reference, "number")
        assert json.loads(answer)["result"] == 0


class TestMasWords(CarrierContract):
    kind = MasSimulator

    def made(self, endpoint: str, folder: Path, now: Callable[[], datetime]) -> Carrier:
        return Mas(
            MasSection(
                provider="mas", endpoint=f"{endpoint}/sms", ec_name="某市市场监督管理局", ap_id="api", sign="signcode",
                secret_key=secret(folder, "key"), timeout=0.5, templates=self.filled is not None,
                callback=secret(folder, "back", "a-callback"),
            ),
            now,
        )  # fmt: skip

    async def test_it_gets_what_its_platform_wants(self, notifier: Notifier) -> None:
        taken = await self.deliver(NOTICE)
        (held,) = self.sim.held
        assert taken.reference == held.reference
        if self.filled is None:
            assert held.said["content"] == NOTICE.text.unsigned
            assert "【" not in held.said["content"]  # the platform puts the signature there
        else:
            assert (held.said["templateId"], json.loads(held.said["params"])) == ("tpl1", ["407216", "10"])

    async def test_its_reports_say_what_arrived(self, notifier: Notifier) -> None:
        assert isinstance(self.sim, MasSimulator)
        await self.deliver(NOTICE)
        (held,) = self.sim.held
        for code, trouble in (("DELIVRD", ""), ("EXPIRED", "off"), ("XX:9", "operator")):
            body = json.dumps(self.sim.report(held, code)).encode()
            (told,), _ = self.carrier.pushed("a-callback", {}, body)
            assert (told.arrived, told.reference, told.trouble) == (not trouble, held.reference, trouble)


class TestMasTemplates(TestMasWords):
    filled = Filled("tpl1", (("code", "407216"), ("minutes", "10")))


class TestWeChat(CarrierContract):
    kind = WeChatSimulator
    filled = Filled("tpl", (("thing1", "一所"),))

    def made(self, endpoint: str, folder: Path, now: Callable[[], datetime]) -> Carrier:
        return WeChat(
            WeChatSection(
                provider="wechat", endpoint=endpoint, app_id="wx1", app_secret=secret(folder, "key"), timeout=0.5,
                callback=secret(folder, "back", "a-callback"),
            ),
            now,
        )  # fmt: skip

    async def test_the_same_message_twice_is_there_once(self, notifier: Notifier) -> None:
        await self.deliver(NOTICE)
        await self.deliver(NOTICE)
        assert len(self.sim.held) == 1

    async def test_a_token_is_fetched_once_by_many_and_again_when_it_is_void_or_old(self, notifier: Notifier) -> None:
        assert isinstance(self.sim, WeChatSimulator)
        await asyncio.gather(*(self.deliver(replace(NOTICE, id=f"m{n}")) for n in range(8)))
        assert self.sim.asked.count("stable_token") == 1
        self.sim.void = True
        await asyncio.gather(*(self.deliver(replace(NOTICE, id=f"n{n}")) for n in range(8)))
        assert self.sim.asked.count("stable_token") == 2
        self.clock.at += timedelta(hours=2)
        await self.deliver(replace(NOTICE, id="o"))
        assert self.sim.asked.count("stable_token") == 3
        assert len(self.sim.held) == 17

    async def test_who_no_longer_follows_is_told_as_such(self, notifier: Notifier) -> None:
        assert isinstance(self.sim, WeChatSimulator)
        self.sim.gone.add(NOTICE.to)
        fault = await self.refused()
        assert (fault.trouble, fault.final) == ("unfollowed", True)

    def _query(self, token: str = "a-callback") -> dict[str, str]:
        stamp = str(int(self.clock().timestamp()))
        made = hashlib.sha1("".join(sorted((token, stamp, "n"))).encode()).hexdigest()
        return {"timestamp": stamp, "nonce": "n", "signature": made, "echostr": "42"}

    async def test_it_says_in_xml_what_became_of_one_and_is_believed_only_signed_and_fresh(
        self, notifier: Notifier
    ) -> None:
        assert isinstance(self.carrier, WeChat)
        body = (
            b"<xml><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>900000</MsgID>"
            b"<Status><![CDATA[%b]]></Status></xml>"
        )
        (told,), _ = self.carrier.pushed("a-callback", self._query(), body % b"success")
        assert (told.arrived, told.reference) == (True, "900000")
        (told,), _ = self.carrier.pushed("a-callback", self._query(), body % b"failed:user block")
        assert (told.arrived, told.trouble) == (False, "blocked")
        assert self.carrier.pushed("a-callback", self._query(), b"") == ((), "42")  # it asks whether we are there
        with pytest.raises(Forged):
            self.carrier.pushed("a-callback", self._query("guessed"), body)
        old = self._query()
        self.clock.at += timedelta(minutes=6)
        with pytest.raises(Forged):
            self.carrier.pushed("a-callback", old, body)

    async def test_who_comes_back_with_a_code_is_known_by_it(self, notifier: Notifier) -> None:
        assert isinstance(self.carrier, WeChat)
        assert await self.carrier.openid("c0de") == "oPerson"
        with pytest.raises(NotDelivered):
            await self.carrier.openid("guessed")

    async def test_a_link_into_the_mini_program(self, notifier: Notifier) -> None:
        links = MiniProgramLinks(
            MiniProgramSection(
                provider="mini_program", endpoint=str(self.sim.server.make_url("")), app_id="wx2",
                app_secret=secret(self.folder, "key"), path="pages/open/index", timeout=0.5,
            ),
            self.clock,
        )  # fmt: skip
        await links.start()
        assert await links.link("abcd1234") == "https://wxaurl.cn/1234"
        await links.stop()


class MailServer:
    """On a real socket: takes who says the password, and answers RCPT as told."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.rcpt = "250 OK"
        self.commands: list[str] = []

    async def start(self) -> int:
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return int(self.server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        say("220 mail.example")
        while line := (await reader.readline()).decode().strip():
            self.commands.append(line)
            match line.split()[0].upper():
                case "EHLO":
                    say("250-mail.example")
                    say("250 AUTH PLAIN")
                case "AUTH":
                    right = base64.b64encode(f"\0office\0{SECRET}".encode()).decode()
                    say("235 OK" if line.endswith(right) else "535 no")
                case "RCPT":
                    say(self.rcpt)
                case "DATA":
                    say("354 go on")
                    self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                    say("250 OK")
                case "QUIT":
                    say("221 bye")
                    break
                case _:
                    say("250 OK")
        writer.close()


class TestMail(NotifierContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[MailServer]:
        self.mail = MailServer()
        self.port = await self.mail.start()
        yield self.mail
        await self.mail.stop()

    @pytest.fixture
    def notifier(self, server: MailServer, tmp_path: Path) -> Notifier:
        self.folder = tmp_path
        section = MailSection(
            provider="smtp", host="127.0.0.1", port=self.port, tls="none", user="office", timeout=2,
            password=secret(tmp_path, "key"), sender="a@office.example", to="{phone}@sms.example",
        )  # fmt: skip
        return Mail(section, Clock())

    def arrived(self) -> list[str]:
        parsed = [message_from_string(one, policy=default) for one in self.mail.mails]
        return [str(one["Message-ID"]).strip("<>").partition("@")[0] for one in parsed]

    async def test_a_mail_goes_to_the_number_at_the_carrier_with_the_whole_text(self, notifier: Notifier) -> None:
        await notifier.deliver(NOTICE)
        mail = message_from_string(self.mail.mails[0], policy=default)
        assert (mail["To"], mail["Subject"]) == (f"{NOTICE.to}@sms.example", "云调")
        assert mail.get_content().strip() == NOTICE.text

    async def test_its_refusals_say_whether_to_try_again(self, notifier: Notifier) -> None:
        for answer, trouble, final in (("550 no such", "number", True), ("451 later", "flood", False)):
            self.mail.rcpt = answer
            with pytest.raises(NotDelivered) as no:
                await notifier.deliver(NOTICE)
            assert (no.value.trouble, no.value.final) == (trouble, final)
            assert NOTICE.to not in str(no.value)
        secret(self.folder, "key", "another")
        with pytest.raises(NotDelivered) as no:
            await notifier.deliver(NOTICE)
        assert (no.value.trouble, no.value.final) == ("credentials", False)
        await self.mail.stop()
        with pytest.raises(NotDelivered) as no:
            await notifier.deliver(NOTICE)
        assert (no.value.trouble, no.value.final) == ("unreachable", False)
