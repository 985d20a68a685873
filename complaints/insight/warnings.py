"""A warning to consumers drawn from a hot spot: drafted, approved by a second person, published, withdrawn.

    draft → approved → published → withdrawn
      ↑ any new wording is a draft again, and needs a second person again

Order 121 Art 38 has the office warn and publish. Whoever wrote the wording that is to go out does not approve it;
what was approved is what goes out, word by word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, assert_never, get_args

from complaints import PROBLEMS, BadChoice, Missing, NotAllowed, SamePerson, TooLong, WrongState
from complaints.commands import SUPERVISOR, office_standing
from complaints.events import typed
from complaints.service import append
from journal import Actor, Event, Journal
from journal.refusals import refusal_of

STREAM: Final = "warning"
STAGES: Final = ("draft", "approved", "published", "withdrawn")
LONGEST: Final = {"title": 120, "body": 4_000, "reason": 500}


@dataclass(frozen=True, slots=True)
class WarningWritten:
    """A wording, whole. It is a new edition, and nobody has approved it."""

    title: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class WarningApproved:
    """`digest`: of the wording that was read (`wording`)."""

    edition: int
    digest: str


@dataclass(frozen=True, slots=True)
class WarningPublished:
    """`office`, `office_name`: in whose name, as it was called then."""

    edition: int
    digest: str
    office: str
    office_name: str


@dataclass(frozen=True, slots=True)
class WarningWithdrawn:
    reason: str


WarningEvent = WarningWritten | WarningApproved | WarningPublished | WarningWithdrawn
KINDS: Mapping[str, type[WarningEvent]] = {kind.__name__: kind for kind in get_args(WarningEvent)}


@dataclass(frozen=True, slots=True)
class WriteWarning:
    """`edition`: the one that was read, 0 when there was none."""

    title: str
    body: str
    language: str
    edition: int


@dataclass(frozen=True, slots=True)
class ApproveWarning:
    edition: int


@dataclass(frozen=True, slots=True)
class PublishWarning:
    edition: int
    office: str
    office_name: str


@dataclass(frozen=True, slots=True)
class WithdrawWarning:
    reason: str


WarningCommand = WriteWarning | ApproveWarning | PublishWarning | WithdrawWarning


@dataclass(frozen=True, slots=True)
class WarningWording:
    """One edition. `writer`: an officer's id."""

    title: str
    body: str
    language: str
    writer: str
    writer_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IssuedWarning:
    """What the public reads, frozen when it went out."""

    wording: WarningWording
    office: str
    office_name: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Warning:
    """`edition` counts wordings from 1. `issued`: the last that was published, also while a new one is at work."""

    wording: WarningWording
    edition: int
    stage: str = "draft"
    approved_by: str = ""  # a name
    issued: IssuedWarning | None = None
    withdrawn: str = ""  # why, when what was issued stands no more
    withdrawn_at: datetime | None = None


def wording(title: str, body: str) -> str:
    """What stands for a wording: SHA-256 over its words."""
    return hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()


def decide(command: WarningCommand, warning: Warning | None, actor: Actor) -> Sequence[WarningEvent]:
    """DomainError says why not. Empty: already so."""
    if office_standing(actor) != SUPERVISOR:
        raise NotAllowed
    stage, edition = (warning.stage, warning.edition) if warning else ("none", 0)
    match command:
        case WriteWarning(title, body, language, read):
            for name, text in (("title", title), ("body", body)):
                _check(name, text)
            if read != edition:
                raise WrongState(state=stage)
            old = warning.wording if warning else None
            if old is not None and (old.title, old.body) == (title, body) and stage != "withdrawn":
                return []
            return [WarningWritten(title, body, language)]
        case ApproveWarning(read):
            if warning is None or stage != "draft" or read != edition:
                raise WrongState(state=stage)
            if warning.wording.writer == actor.id:
                raise SamePerson
            return [WarningApproved(edition, wording(warning.wording.title, warning.wording.body))]
        case PublishWarning(read, office, office_name):
            if warning is None or stage != "approved" or read != edition:
                raise WrongState(state=stage)
            digest = wording(warning.wording.title, warning.wording.body)
            return [WarningPublished(edition, digest, office, office_name)]
        case WithdrawWarning(reason):
            _check("reason", reason)
            if warning is None or warning.issued is None or warning.withdrawn:
                raise WrongState(state=stage)
            return [WarningWithdrawn(reason.strip())]
        case _:
            assert_never(command)


def _check(name: str, text: str) -> None:
    if not text.strip():
        raise Missing(field=name)
    if len(text) > LONGEST[name]:
        raise TooLong(field=name, most=LONGEST[name])


def evolve(warning: Warning | None, event: WarningEvent, at: datetime, by: Actor) -> Warning | None:
    """None while nothing was written."""
    if isinstance(event, WarningWritten):
        made = WarningWording(event.title, event.body, event.language, by.id, by.name, at)
        if warning is None:
            return Warning(made, 1)
        return replace(warning, wording=made, edition=warning.edition + 1, stage="draft", approved_by="")
    if warning is None:
        return None  # its beginning was erased
    match event:
        case WarningApproved():
            return replace(warning, stage="approved", approved_by=by.name)
        case WarningPublished(_, digest, office, office_name):
            issued = IssuedWarning(warning.wording, office, office_name, digest, at)
            return replace(warning, stage="published", issued=issued, withdrawn="", withdrawn_at=None)
        case WarningWithdrawn(reason):
            stage = "withdrawn" if warning.stage == "published" else warning.stage
            return replace(warning, stage=stage, withdrawn=reason, withdrawn_at=at)
        case _:
            assert_never(event)


def fold(entries: Iterable[Event]) -> Warning | None:
    warning: Warning | None = None
    for entry in entries:
        if not entry.erased and (kind := KINDS.get(entry.type)) is not None:
            warning = evolve(warning, typed(kind, entry.data), entry.at, entry.actor)
    return warning


def stream(spot: str) -> str:
    return f"{STREAM}/{spot}"


class WarningService:
    """The one writer of warnings' streams."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def submit(self, spot: str, command: WarningCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(spot), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )


# ------------------------------------------------------------ drafts


@dataclass(frozen=True, slots=True)
class WarningDraft:
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class OwnAdvice:
    """What an office advises consumers on a problem, a line each; none of a language: the program's. `number` of the
    times it was written."""

    zh: tuple[str, ...]
    en: tuple[str, ...]
    number: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class WarnedMatter:
    """What is warned of. `what`: the trade or word in the reader's language; `problem`: one of the problem classes;
    `own`: the office's own advice."""

    what: str
    problem: str
    since: date
    day: date
    seen: int
    office: str
    phone: str
    own: Mapping[str, OwnAdvice] = field(default_factory=dict)


ADVICE_ZH: Final[Mapping[str, tuple[str, ...]]] = {
    "contract": (
        "预付前先问清楚：能不能退、怎么退、多久到账，并写进合同。",
        "一次少充一点，不为赠送多充钱；合同、收据和付款记录都留好。",
        "发现门店停业、换人或突然大幅打折，尽快要求退款并保留证据。",
    ),
    "quality": ("收货时当面检查，有问题当场拍照。", "保留发票、订单和聊天记录。", "七日内发现不合适，先看清退货规则。"),
    "after_sale": (
        "维修前先要报价单，写明故障、配件和价格。",
        "更换下来的旧件当面确认。",
        "先修后加价的，可以拒付多收的部分。",
    ),
    "price": ("消费前看清标价和计费方法，没有标价的先问。", "结账时核对明细，多收的当场提出。"),
    "publicity": ("广告里的承诺请商家写进合同。", "“包过”“根治”“稳赚”的说法不要信。"),
    "advertising": ("广告里的承诺请商家写进合同。", "广告截图留好，它可以作为证据。"),
    "counterfeit": ("从正规渠道购买，价格明显偏低的要当心。", "疑似假货不要使用，保留包装和订单。"),
    "trademark": ("从正规渠道购买，价格明显偏低的要当心。", "疑似假货不要使用，保留包装和订单。"),
    "safety": ("停止使用有问题的商品，先顾好人身安全。", "留下实物、照片和就诊记录。"),
    "measurement": ("称重时看清零位和单价。", "觉得分量不对，可以用市场里的公平秤复称。"),
    "": ("保留合同、发票、付款和聊天记录。", "先与商家协商，谈不拢时尽早投诉。"),
}
ADVICE_EN: Final[Mapping[str, tuple[str, ...]]] = {
    "contract": (
        "Before you pay in advance, ask whether, how and when money is returned, and have it written down.",
        "Pay in small amounts; keep the contract, receipts and proof of payment.",
        "If the shop closes, changes hands or suddenly sells cheap, ask for your money soon and keep proof.",
    ),
    "quality": (
        "Look at the goods when you receive them and take a picture of what is wrong.",
        "Keep the invoice, the order and the messages.",
    ),
    "after_sale": (
        "Ask for a written estimate before a repair: fault, parts, price.",
        "Have the old parts shown to you.",
    ),
    "price": ("Read the price and how it is counted before you buy.", "Check the bill at once."),
    "publicity": ("Have promises of an advertisement written into the contract.", "Do not trust “guaranteed” results."),
    "advertising": (
        "Have promises of an advertisement written into the contract.",
        "Keep a picture of the advertisement.",
    ),
    "counterfeit": (
        "Buy where you know the seller; beware of very low prices.",
        "Do not use what may be fake; keep packaging and order.",
    ),
    "trademark": (
        "Buy where you know the seller; beware of very low prices.",
        "Do not use what may be fake; keep packaging and order.",
    ),
    "safety": ("Stop using it and look after yourself first.", "Keep the thing, pictures and medical records."),
    "measurement": ("Look at the zero of the scales and the price.", "Weigh again on the market’s fair scales."),
    "": (
        "Keep contract, invoice, proof of payment and messages.",
        "Talk to the seller first; complain early if that leads nowhere.",
    ),
}


def draft(matter: WarnedMatter, language: str) -> WarningDraft:
    """Fill the template of a warning from a hot spot, for an officer to change and to answer for.

    It names no business: whether one is named is decided by who publishes, with a case behind it.
    """
    return _english(matter) if language.startswith("en") else _chinese(matter)


def _chinese(matter: WarnedMatter) -> WarningDraft:
    tips = advice_on(matter.problem, "zh", matter.own)
    lines = [
        f"{_day_zh(matter.since)}以来，{matter.office}收到有关{matter.what}的投诉{matter.seen}件，按以往情况和季节推算，"
        "明显偏多。请广大消费者留意：",
        *(f"{n}．{tip}" for n, tip in enumerate(tips, start=1)),
        f"遇到纠纷，可以拨打12315或{matter.phone}，也可以登录全国12315平台投诉。",
        f"{matter.office}\n{_day_zh(matter.day)}",
    ]
    return WarningDraft(f"消费提示：{matter.what}", "\n\n".join(lines))


def _english(matter: WarnedMatter) -> WarningDraft:
    tips = advice_on(matter.problem, "en", matter.own)
    lines = [
        f"Since {matter.since:%-d %B %Y} we have received {matter.seen} complaints about {matter.what}, clearly more "
        "than earlier months and the season would lead one to expect. Please take note:",
        *(f"{n}. {tip}" for n, tip in enumerate(tips, start=1)),
        f"If there is a dispute, ring 12315 or {matter.phone}, or complain on the national 12315 platform.",
        f"{matter.office}\n{matter.day:%-d %B %Y}",
    ]
    return WarningDraft(f"To consumers: {matter.what}", "\n\n".join(lines))


def _day_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# ------------------------------------------------------------ advice in an office's own words


ADVICE: Final = "advice"
LONGEST_ADVICE: Final = 1_000  # characters of one language


@dataclass(frozen=True, slots=True)
class AdviceWritten:
    """`problem`: a class, "" for all that have none; `zh`, `en`: a line each, "" for the program's own again."""

    problem: str
    zh: str
    en: str


def advice_stream(office: str) -> str:
    return f"{ADVICE}/{office}"


def advice_on(problem: str, language: str, own: Mapping[str, OwnAdvice]) -> Sequence[str]:
    """The office's, else the program's; of a class that has neither, what is told of any."""
    english = language.startswith("en")
    known = ADVICE_EN if english else ADVICE_ZH
    for code in (problem, ""):
        mine = own.get(code)
        if said := (mine.en if english else mine.zh) if mine else ():
            return said
        if code in known:
            return known[code]
    return ()


def fold_advice(entries: Iterable[Event]) -> dict[str, OwnAdvice]:
    own: dict[str, OwnAdvice] = {}
    for entry in entries:
        if not entry.erased and entry.type == AdviceWritten.__name__:
            event: AdviceWritten = typed(AdviceWritten, entry.data)
            before = own.get(event.problem)
            zh, en = (tuple(line for line in text.split("\n") if line) for text in (event.zh, event.en))
            own[event.problem] = OwnAdvice(zh, en, before.number + 1 if before else 1, entry.at, entry.actor.name)
    return own


def decide_advice(
    wanted: AdviceWritten, seen: int, own: Mapping[str, OwnAdvice], actor: Actor
) -> Sequence[AdviceWritten]:
    """`seen`: the number of what the writer had before them. DomainError says why not."""
    if office_standing(actor) != SUPERVISOR:
        raise NotAllowed
    if wanted.problem not in {*PROBLEMS, ""}:
        raise BadChoice(field="problem")
    zh, en = ("\n".join(line.strip() for line in text.split("\n") if line.strip()) for text in (wanted.zh, wanted.en))
    for name, text in (("zh", zh), ("en", en)):
        if len(text) > LONGEST_ADVICE:
            raise TooLong(field=name, most=LONGEST_ADVICE)
    before = own.get(wanted.problem)
    if seen != (before.number if before else 0):
        raise WrongState(state="changed")
    same = (zh, en) == (("\n".join(before.zh), "\n".join(before.en)) if before else ("", ""))
    return [] if same else [AdviceWritten(wanted.problem, zh, en)]


class AdviceService:
    """Implements `Advice`; the one writer of `advice/<office>`."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def own(self, office: str) -> Mapping[str, OwnAdvice]:
        return fold_advice(await self._journal.read(advice_stream(office)))

    async def write(self, wanted: AdviceWritten, seen: int, actor: Actor) -> None:
        """Of the actor's own office."""
        with refusal_of():
            await append(
                self._journal, advice_stream(actor.office), self._now, actor,
                lambda entries: decide_advice(wanted, seen, fold_advice(entries), actor),
            )  # fmt: skip
