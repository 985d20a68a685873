"""Which carrier takes an office's messages, from the sections `[messages.NAME]` of the connections file: the one that
names the office, or the nearest office above it, else one that names none, else the gateway of `YUNTIAO_SMS_URL`, else
nothing: then a message stays on its page.
"""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol
from urllib.parse import urlsplit

import structlog
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import Field, field_validator

from journal.refusals import Refused
from offices import Officer
from offices.systems import FaultCode
from server.connections import Connection, ConnectionFault, Connections, Secret, Sections
from server.connections.sms import (
    Aliyun,
    AliyunSection,
    CarrierSection,
    Limits,
    Mas,
    MasSection,
    Tencent,
    TencentSection,
)
from server.connections.wechat import MiniProgramLinks, MiniProgramSection, WeChat, WeChatSection
from server.outbox import Wording, parts, trial_text
from server.outbox.notifiers import (
    Awaited,
    Carrier,
    Filled,
    Forged,
    HttpNotifier,
    LogNotifier,
    NotDelivered,
    Notifier,
    OutboxMessage,
    Receipt,
    Taken,
    Trouble,
)
from server.outbox.store import Bound

KIND: Final = "messages"
GATEWAY: Final = "gateway"
"""The name of the one from `YUNTIAO_SMS_URL`."""

log = structlog.get_logger(__name__)


class HttpSection(CarrierSection):
    """A gateway that speaks as docs/connect.md says."""

    provider: Literal["http"]
    url: str
    secret: Secret

    @field_validator("url")
    @classmethod
    def _url(cls, url: str) -> str:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError("an address begins with http:// or https://")
        return url


class MailSection(CarrierSection):
    """A mail for each message, to an address made of the number: `to = "{phone}@sms.example"`."""

    provider: Literal["smtp"]
    host: str
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca: Path | None = None
    user: str = ""
    password: Secret | None = None
    sender: str
    to: str
    subject: str = ""

    @field_validator("to")
    @classmethod
    def _to(cls, to: str) -> str:
        if "{phone}" not in to or "@" not in to:
            raise ValueError("it is an address with {phone} in it")
        return to


class Mail:
    """What it says again is the same mail, by its Message-ID."""

    longest: int | None = None

    def __init__(self, section: MailSection, now: Callable[[], datetime]) -> None:
        self._section, self._now = section, now

    async def start(self) -> None:
        """Each mail has a connection of its own."""

    async def stop(self) -> None: ...

    async def deliver(self, notice: OutboxMessage) -> Taken:
        import aiosmtplib  # heavy where no mail is sent

        own = self._section
        mail = EmailMessage()
        mail["From"], mail["To"] = own.sender, own.to.replace("{phone}", notice.to)
        mail["Subject"] = own.subject or notice.text.signature
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = id_ = f"<{notice.id}@{own.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(str(notice.text))
        context = ssl.create_default_context(cafile=str(own.ca) if own.ca else None) if own.tls != "none" else None
        try:
            await aiosmtplib.send(
                mail,
                hostname=own.host,
                port=own.port,
                username=own.user or None,
                password=own.password.read() if own.password else None,
                use_tls=own.tls == "tls",
                start_tls=own.tls == "starttls",
                tls_context=context,
                timeout=own.timeout,
            )
        except aiosmtplib.SMTPAuthenticationError as fault:
            raise NotDelivered(f"the mail server answered {fault.code}", trouble="credentials") from None
        except aiosmtplib.SMTPRecipientsRefused as fault:
            final = all(one.code >= 500 for one in fault.recipients)
            raise NotDelivered("the mail server refused the address", final, "number" if final else "flood") from None
        except aiosmtplib.SMTPResponseException as fault:
            raise NotDelivered(
                f"the mail server answered {fault.code}", fault.code >= 500, "content" if fault.code >= 500 else ""
            ) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as fault:
            raise NotDelivered(f"no answer ({type(fault).__name__})", trouble="unreachable") from None
        return Taken(id_, parts(notice.text))

    def pushed(self, secret: str, query: Mapping[str, str], body: bytes) -> tuple[Sequence[Receipt], str]:
        raise Forged("mail servers push nothing")

    async def asked(self, awaited: Sequence[Awaited]) -> Sequence[Receipt]:
        return ()


AnySection = Annotated[
    AliyunSection | TencentSection | MasSection | HttpSection | MailSection | WeChatSection,
    Field(discriminator="provider"),
]


def carrier(section: AnySection, now: Callable[[], datetime]) -> Carrier:
    match section:
        case AliyunSection():
            return Aliyun(section, now)
        case TencentSection():
            return Tencent(section, now)
        case MasSection():
            return Mas(section, now)
        case HttpSection():
            return HttpNotifier(section.url, section.secret.read, now, section.timeout)
        case MailSection():
            return Mail(section, now)
        case WeChatSection():
            return WeChat(section, now)


def host_of(section: AnySection | MiniProgramSection) -> str:
    match section:
        case HttpSection():
            return urlsplit(section.url).netloc
        case MailSection():
            return f"{section.host}:{section.port}"
        case _:
            return urlsplit(section.endpoint).netloc


class Book(Protocol):
    """`server.outbox.templates.MessageTemplates`."""

    async def filled(self, connection: str, office: str, wording: Wording, longest: int) -> Filled: ...


_FAULTS: Final[Mapping[Trouble, FaultCode]] = {
    "credentials": "refused", "clock": "clock", "account": "refused", "signature": "refused", "flood": "limit",
    "template_missing": "not_ready", "template_waiting": "not_ready", "template_changed": "not_ready",
    "number": "bad_input",
}  # fmt: skip
# Of one message or one number: the connection itself is well.
_ITS_OWN: Final = frozenset(
    {"number", "off", "blocked", "content", "flood", "template_missing", "template_waiting", "template_changed",
     "value_too_long", "unfollowed", "template"}
)  # fmt: skip


class MessageRouter:
    """`otherwise`: of offices that no section serves, under the name GATEWAY where it is one; `line`: ids of offices
    above one, the nearest first; `follower`: what an official account calls who has this number, "" for nobody."""

    def __init__(
        self,
        sections: Mapping[str, AnySection | MiniProgramSection],
        otherwise: Notifier,
        book: Book,
        line: Callable[[str], Awaitable[Sequence[str]]],
        now: Callable[[], datetime],
        connections: Connections | None = None,
    ) -> None:
        self._otherwise, self._book, self._line = otherwise, book, line
        self._sections = {name: one for name, one in sections.items() if not isinstance(one, MiniProgramSection)}
        self._carriers = {name: carrier(one, now) for name, one in self._sections.items()}
        self._programs = {n: one for n, one in sections.items() if isinstance(one, MiniProgramSection)}
        self._links = {name: MiniProgramLinks(one, now) for name, one in self._programs.items()}
        self._connections, self._now = connections, now
        self.follower: Callable[[str, str], Awaitable[str]] = _nobody
        self.counts: Counter[tuple[str, str]] = Counter()
        self.pieces: Counter[str] = Counter()
        self.cost: Counter[str] = Counter()
        self._all: list[Notifier | MiniProgramLinks] = [otherwise, *self._carriers.values(), *self._links.values()]
        if connections is not None:
            for name, one in sections.items():
                wants: Literal["", "phone"] = "" if isinstance(one, WeChatSection | MiniProgramSection) else "phone"
                connections.add(Connection(KIND, name, host_of(one), self._tester(name), wants))

    async def start(self) -> None:
        for one in self._all:
            await one.start()

    async def stop(self) -> None:
        for one in self._all:
            await one.stop()

    # ------------------------------------------------------------ which one

    async def serving(self, office: str) -> list[str]:
        """Names of what may take an office's messages, an official account before what reaches everybody."""
        beside = {name: one for name, one in self._sections.items() if isinstance(one, WeChatSection)}
        usual = {name: one for name, one in self._sections.items() if name not in beside}
        return [name for name in (await self._near(office, beside), await self._near(office, usual)) if name]

    async def _near(self, office: str, sections: Mapping[str, CarrierSection]) -> str:
        if not sections:
            return ""
        near = [office, *(await self._line(office) if office else ())]
        mine = [
            (min((near.index(id) for id in one.offices if id in near), default=len(near)), name)
            for name, one in sections.items()
            if not one.offices or set(one.offices) & set(near)
        ]
        return min(mine)[1] if mine else ""

    async def account(self, office: str) -> tuple[str, WeChat] | None:
        """The official account that serves it, and its name."""
        for name in await self.serving(office):
            if isinstance(one := self._carriers[name], WeChat):
                return name, one
        return None

    async def _text(self, office: str) -> str:
        """What takes text messages; "": what is otherwise."""
        return next((n for n in await self.serving(office) if not isinstance(self._sections[n], WeChatSection)), "")

    async def bounds(self, office: str) -> Sequence[Bound]:
        """Nothing where nothing is sent."""
        name = await self._text(office)
        if not name and not self._named(self._otherwise):
            return ()
        limits, day = self._sections[name].limits if name else Limits(), timedelta(days=1)
        told = (
            Bound("number", limits.number_hour, timedelta(hours=1)),
            Bound("number", limits.number_day, day),
            Bound("office", limits.office_day, day),
        )
        return [one for one in told if one.most]

    async def with_templates(self, office: str) -> dict[str, int]:
        """Of those the names that take templates only, and how long a value may be."""
        found = {name: self._carriers[name].longest for name in await self.serving(office)}
        return {name: longest for name, longest in found.items() if longest is not None}

    async def secret(self, office: str) -> str:
        """What a gateway of ours signs receipts with; "" for the installation's own, or for none."""
        name = await self._text(office)
        section = self._sections.get(name)
        return section.secret.read() if isinstance(section, HttpSection) else ""

    # ------------------------------------------------------------ sending

    async def deliver(self, notice: OutboxMessage) -> Taken:
        for name in await self.serving(notice.office):
            if isinstance(self._sections[name], WeChatSection):
                taken = await self._beside(name, notice)
                if taken is not None:
                    return taken
            else:
                return await self._by(name, await self._opening(notice) if self._takes_words(name) else notice)
        return await self._count(self._named(self._otherwise), self._otherwise, await self._opening(notice))

    def _takes_words(self, name: str) -> bool:
        return self._carriers[name].longest is None

    async def _opening(self, notice: OutboxMessage) -> OutboxMessage:
        """With a link into the mini-program in the place of ours, where there is one: only in free text, for a template
        has our address in it. Without an answer it goes with ours, which works as well."""
        url = notice.text.values.get("url", "")
        if "/j/" not in url or not (name := await self._near(notice.office, self._programs)):
            return notice
        try:
            link = await self._links[name].link(url.rpartition("/j/")[2])
        except (NotDelivered, ValueError) as fault:
            self.counts[name, "no_link"] += 1
            log.warning("no link into the mini-program", connection=name, why=str(fault))
            return notice
        self.counts[name, "link"] += 1
        return replace(notice, text=notice.text.with_link(link))

    async def _beside(self, name: str, notice: OutboxMessage) -> Taken | None:
        """By an official account whom it can reach so; None: by text message, as everybody. A code proves a phone and
        goes to the phone; whoever reported something did not choose WeChat for that (Order 121 Art 37)."""
        told = notice.text.template
        if (
            notice.kind == "code"
            or told.startswith("informant_")
            or not (openid := await self.follower(name, notice.to))
        ):
            return None
        try:
            return await self._by(name, replace(notice, to=openid))
        except NotDelivered as fault:
            if not fault.final and notice.tries <= 2:
                raise
            log.info("an official account did not take it", id=notice.id, connection=name, why=fault.trouble)
            return None

    async def _by(self, name: str, notice: OutboxMessage) -> Taken:
        one = self._carriers[name]
        try:
            if one.longest is not None:
                filled = await self._book.filled(name, notice.office, notice.text, one.longest)
                notice = replace(notice, filled=filled)
            taken = await self._count(name, one, notice)
        except NotDelivered as fault:
            self._note(name, fault)
            raise
        if self._connections is not None:
            self._connections.succeeded(KIND, name)
        return taken

    async def _count(self, name: str, one: Notifier, notice: OutboxMessage) -> Taken:
        try:
            taken = await one.deliver(notice)
        except ValueError as fault:
            log.error("a secret of a connection cannot be read", connection=name, why=str(fault))
            self.counts[name, "credentials"] += 1
            raise NotDelivered("its secret cannot be read", trouble="credentials") from None
        except NotDelivered as fault:
            self.counts[name, fault.trouble or "refused"] += 1
            raise
        section = self._sections.get(name)
        cost = round(taken.pieces * section.price * 1000) if section is not None else 0
        self.counts[name, "taken"] += 1
        self.pieces[name] += taken.pieces
        self.cost[name] += cost
        return replace(taken, by=name, cost=cost)

    def _note(self, name: str, fault: NotDelivered) -> None:
        if self._connections is not None and fault.trouble not in _ITS_OWN:
            code = _FAULTS.get(fault.trouble, "unreachable")
            self._connections.failed(KIND, name, ConnectionFault(code, fault.reason))

    @staticmethod
    def _named(notifier: Notifier) -> str:
        return "" if isinstance(notifier, LogNotifier) else GATEWAY

    def _tester(self, name: str) -> Callable[[Officer, str], Awaitable[None]]:
        async def test(officer: Officer, phone: str) -> None:
            one = self._links.get(name) or self._carriers[name]
            if isinstance(one, WeChat | MiniProgramLinks):
                with_fault = one.check()
            else:
                if not (phone.isascii() and phone.isdigit() and len(phone) == 11):
                    raise ConnectionFault("bad_input")
                wording = trial_text(officer.office, officer.office.writes("zh"))
                now = self._now()
                notice = OutboxMessage(f"test{int(now.timestamp())}", "test", phone, "", wording, officer.office.id)
                with_fault = self._tried(name, one, notice)
            try:
                await with_fault
            except ValueError:  # its secret cannot be read
                raise ConnectionFault("not_ready") from None
            except NotDelivered as fault:
                raise ConnectionFault(_FAULTS.get(fault.trouble, "unreachable"), fault.reason) from None

        return test

    async def _tried(self, name: str, one: Carrier, notice: OutboxMessage) -> None:
        if one.longest is not None:
            filled = await self._book.filled(name, notice.office, notice.text, one.longest)
            notice = replace(notice, filled=filled)
        await self._count(name, one, notice)

    # ------------------------------------------------------------ hearing of them

    def pushed(self, name: str, secret: str, query: Mapping[str, str], body: bytes) -> tuple[Sequence[Receipt], str]:
        """Refused: not_found. Forged."""
        if (one := self._carriers.get(name)) is None:
            raise Refused("not_found", 404)
        return one.pushed(secret, query, body)

    @property
    def names(self) -> list[str]:
        return [name for name, one in self._carriers.items() if isinstance(one, Aliyun | Tencent)]

    async def asked(self, name: str, awaited: Sequence[Awaited]) -> Sequence[Receipt]:
        return await self._carriers[name].asked(awaited)

    def heard(self, name: str, outcome: str) -> None:
        """ "arrived", "unknown", or why it did not."""
        self.counts[name, outcome] += 1

    def collector(self) -> Collector:
        return _Metrics(self)


async def _nobody(_name: str, _phone: str) -> str:
    return ""


class _Metrics(Collector):
    def __init__(self, router: MessageRouter) -> None:
        self._router = router

    def collect(self) -> list[Metric]:
        told = CounterMetricFamily(
            "yuntiao_messages", "Messages by carrier and what became of them.", labels=["provider", "outcome"]
        )
        for (name, outcome), count in self._router.counts.items():
            told.add_metric([name or "none", outcome], count)
        pieces = CounterMetricFamily("yuntiao_message_pieces", "What carriers count messages as.", labels=["provider"])
        for name, count in self._router.pieces.items():
            pieces.add_metric([name or "none"], count)
        cost = CounterMetricFamily("yuntiao_message_cost_yuan", "At the price of the settings.", labels=["provider"])
        for name, thousandths in self._router.cost.items():
            cost.add_metric([name or "none"], thousandths / 1000)
        return [told, pieces, cost]


def read_messages(sections: Sections) -> dict[str, AnySection | MiniProgramSection]:
    """ValueError, fit for the person at the terminal."""
    any_section = Annotated[AnySection | MiniProgramSection, Field(discriminator="provider")]
    found: dict[str, AnySection | MiniProgramSection] = sections.of(KIND, any_section)
    if GATEWAY in found:
        raise ValueError(f"[messages.{GATEWAY}] is the name of the one from YUNTIAO_SMS_URL")
    return found
