"""Messages to people outside: kept until delivered, by whichever notifier is configured. Here is what they say, in
Chinese or English, to parties, of notices, to who reported something, and what of a text may be shown to an officer.
The words stand in templates.toml, where a provider that takes no free text can be told of them.

Each begins with its office's mark 【东湖市监】 (before a code `server.identity.codes` puts it, which knows whose it
is) and may carry a link of ours, so nothing else in them may look like either: what a stranger typed (a complaint's
title, what was claimed) is in no message at all; names that an officer keeps are, as `plain` has them. What a complaint
is about is in the notice, which the office has read; a message names its number.

The phone of somebody who reported something may be read by others, and nobody is to learn from it what was reported,
whom about, or even that it was a report (Order 121 Art 37): a message to them names no business, no content and no
number (a report's has 举 in it), only the day it came in.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final, Self
from zoneinfo import ZoneInfo

from complaints.notices import NoticeKind
from complaints.record.identifiers import Sealer
from law.orders import ON_SITE, PHONE as PHONE_MODE
from offices import Office
from server.documents import Facts, sentence, title

MOST = 40  # characters
_BRACKETS = re.compile(r"[【】\[\]［］〖〗<>＜＞〈〉]")
# With a scheme, or anything that a phone makes a link of: labels with dots up to a domain's ending, and its path.
_ADDRESS = re.compile(
    r"(?:(?<!\w)\w+:)?//[^\s，。；、）)]+"
    r"|(?<![a-z0-9-])(?:[a-z0-9-]{1,63}[.。．｡]){1,8}"
    r"(?:[a-z]{2,}|xn--[a-z0-9-]+|中国|公司|网络|网址)(?::\d+)?(?:/[^\s，。；、）)]*)?",
    re.IGNORECASE | re.ASCII,
)


def mark(signature: str) -> str:
    """What a text message begins with, in any language: the signature that the carrier has on its books."""
    return f"【{plain(signature)}】"


def plain(text: str, most: int = MOST) -> str:
    """On one line, without addresses, brackets and characters that are not seen; at most `most` characters."""
    seen = "".join(" " if unicodedata.category(one) in ("Zl", "Zp", "Cc") else one for one in text)
    seen = "".join(one for one in seen if unicodedata.category(one) not in ("Cf", "Co", "Cs", "Cn"))
    flat = " ".join(_ADDRESS.sub("", _BRACKETS.sub("", seen)).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def parts(text: str) -> int:
    """What a carrier counts it as: one up to 70 characters, else one for each 67."""
    return 1 if len(text) <= 70 else -(-len(text) // 67)


@dataclass(frozen=True, slots=True)
class Template:
    """`texts`: in Chinese and in English, with {names} of values; `path`: of our link, before what is secret of it."""

    name: str
    texts: tuple[str, str]
    path: str = ""

    def text(self, language: str) -> str:
        return self.texts[language.startswith("en")]

    def parameters(self, language: str) -> list[str]:
        """Names of its values in the order they first appear, but for those that are the office's own."""
        found = (name for _, name, _, _ in Formatter().parse(self.text(language)) if name)
        return [one for one in dict.fromkeys(found) if one not in FIXED]


FIXED: Final = frozenset({"office", "phone", "site"})
"""Values that are the same in every message of an office: a provider's template has them written out."""


@cache
def known_templates() -> Mapping[str, Template]:
    """By name, in the order of the file."""
    told = tomllib.loads((Path(__file__).parent / "templates.toml").read_text("utf-8"))
    found: dict[str, Template] = {}
    for base, one in told["templates"].items():
        for way in one.get("ways", [""]):
            name = f"{base}.{way}" if way else base
            texts = (one["zh"], one["en"])
            if way:
                ways = told["ways"][way]
                texts = (texts[0].replace("{way}", ways["zh"]), texts[1].replace("{way}", ways["en"]))
            path = one.get("path", "") if any("{url}" in text for text in texts) else ""
            found[name] = Template(name, texts, path)
            for gone in one.get("optional", []):
                without = f"{name}.no_{gone}"
                cut = (texts[0].replace("{" + gone + "}", ""), texts[1].replace("{" + gone + "}", ""))
                found[without] = Template(without, cut, path)
    return found


class Wording(str):
    """A message's text that knows by which template and with which values it was made, for providers that take only
    these. `values` without those of the office itself are what a provider is given."""

    __slots__ = ("language", "signature", "template", "values")
    template: str
    language: str
    signature: str
    values: Mapping[str, str]

    def __new__(cls, text: str, template: str, language: str, signature: str, values: Mapping[str, str]) -> Self:
        made = super().__new__(cls, text)
        made.template, made.language, made.signature, made.values = template, language, signature, values
        return made

    @property
    def unsigned(self) -> str:
        """Without 【…】, for a carrier that puts it there."""
        return self.removeprefix(mark(self.signature)) if self.template else str(self)

    def with_link(self, url: str) -> Wording:
        """The same, with this in the place of its link."""
        own = self.values["url"]
        values = {**self.values, "url": url}
        return Wording(self.replace(own, url), self.template, self.language, self.signature, values)

    def packed(self) -> str:
        """To be sealed; `unpacked` reads it, and what was sealed before there were templates."""
        made = {"template": self.template, "language": self.language, "signature": self.signature}
        return f"{self}{_END}{json.dumps({**made, 'values': dict(self.values)}, ensure_ascii=False)}"


_END = "\x1e"  # in no text: `plain` takes it out


def unpacked(kept: str) -> Wording:
    text, end, made = kept.partition(_END)
    if not end:
        return Wording(text, "", "zh", "", {})
    told = json.loads(made)
    return Wording(text, told["template"], told["language"], told["signature"], told["values"])


def seal_wording(seal: Sealer, wording: Wording) -> str:
    return seal.seal(wording.packed(), TEXT)


def open_wording(seal: Sealer, kept: str) -> Wording:
    """SealBroken."""
    return unpacked(seal.open(kept, TEXT))


TEXT: Final = "message"  # the purpose texts are sealed for


def wording(template: str, language: str, signature: str, **values: str) -> Wording:
    """A value that is "" and may be is not in the template: `templates.toml`."""
    known = known_templates()
    gone = next((name for name, value in values.items() if not value and f"{template}.no_{name}" in known), "")
    name = f"{template}.no_{gone}" if gone else template
    text = known[name].text(language)
    used = {field: values[field] for _, field, _, _ in Formatter().parse(text) if field}
    language = "en" if language.startswith("en") else "zh"
    return Wording(mark(signature) + text.format_map(used), name, language, plain(signature), used)


def _said(template: str, language: str, office: Office, **values: str) -> Wording:
    own = {"office": plain(office.name), "phone": office.phone}
    return wording(template, language, office.signs_as, **own, **values)


def _tried(template: str, tried: str, language: str, office: Office, **values: str) -> Wording:
    """Where a call can be tried beforehand, unless saying so makes the message one part longer."""
    short = _said(template, language, office, **values)
    site, path, _ = values.get("url", "").rpartition("/j/")
    if not path:
        return short
    whole = _said(tried, language, office, site=site, **values)
    return whole if parts(whole) <= parts(short) else short


_WEEKDAYS = "一二三四五六日"
_SECRETS = re.compile(r"(?<=/[jacqgo]/)[^\s?#]+")
_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


def _at(at: datetime, language: str) -> str:
    if language.startswith("en"):
        return f"{at:%Y-%m-%d %H:%M}"
    return f"{at.month}月{at.day}日（星期{_WEEKDAYS[at.weekday()]}）{at:%H:%M}"


def _day(day: date, language: str) -> str:
    return f"{day:%Y-%m-%d}" if language.startswith("en") else f"{day.month}月{day.day}日"


@dataclass(frozen=True, slots=True)
class InvitationText:
    office: Office
    mediator: str
    number: str
    starts: datetime
    url: str
    until: datetime | None = None  # of a mediation in which nobody has to be there at one time


def invitation_text(invitation: InvitationText, language: str) -> Wording:
    office, number, url = invitation.office, invitation.number, invitation.url
    zone, mediator = ZoneInfo(office.zone), plain(invitation.mediator)
    if invitation.until is not None:
        until = _at(invitation.until.astimezone(zone), language)
        return _said("invitation_apart", language, office, mediator=mediator, number=number, until=until, url=url)
    starts = _at(invitation.starts.astimezone(zone), language)
    told = {"mediator": mediator, "number": number, "starts": starts, "url": url}
    return _tried("invitation", "invitation_tried", language, office, **told)


@dataclass(frozen=True, slots=True)
class ApartText:
    """`until`, `meeting`: in the office's zone; `url` "" for who has no link that stands."""

    office: Office
    number: str
    until: datetime
    url: str
    meeting: datetime | None = None


def apart_text(told: ApartText, kind: str, language: str) -> Wording:
    """`kind`: rooms.apart.rules.WORDS."""
    if kind in ("meeting", "day", "hour") and told.meeting is None:
        kind = "off"
    return _said(
        f"apart_{kind}.{'link' if told.url else 'linkless'}",
        language,
        told.office,
        number=told.number,
        until=_at(told.until, language),
        meeting=_at(told.meeting, language) if told.meeting else "",
        url=told.url,
    )


NEWS: Final = ("accepted", "refused", "scheduled", "settled", "ended", "performed", "reopened")


def news_text(what: str, office: Office, number: str, url: str, starts: datetime | None, language: str) -> Wording:
    """Nobody's name and nothing of the matter: whoever sees the phone learns only that there is a complaint."""
    at = _at(starts.astimezone(ZoneInfo(office.zone)), language) if starts else ""
    return _said(f"news_{what}", language, office, number=number, url=url, starts=at)


def answer_invitation_text(office: Office, number: str, due: date, url: str, language: str) -> Wording:
    return _said("answer", language, office, number=number, due=_day(due, language), url=url)


def publicity_text(office: Office, due: date, url: str, language: str) -> Wording:
    """To a business that is to be named; it names nobody, whoever sees the phone."""
    return _said("publicity", language, office, due=_day(due, language), url=url)


def questions_text(office: Office, number: str, url: str, due: bool, language: str) -> Wording:
    return _said("questions_due" if due else "questions", language, office, number=number, url=url)


def term_due_text(office: Office, number: str, term: int, due: date, language: str) -> Wording:
    return _said("term_due", language, office, number=number, term=str(term), due=_day(due, language))


def term_late_text(office: Office, number: str, term: int, due: date, language: str) -> Wording:
    return _said("term_late", language, office, number=number, term=str(term), due=_day(due, language))


def term_escalated_text(office: Office, number: str, term: int, due: date, language: str) -> Wording:
    """To who oversees the office."""
    return _said("term_escalated", language, office, number=number, term=str(term), due=_day(due, language))


def cancelled_text(office: Office, number: str, starts: datetime, language: str) -> Wording:
    at = _at(starts.astimezone(ZoneInfo(office.zone)), language)
    return _said("cancelled", language, office, number=number, starts=at)


@dataclass(frozen=True, slots=True)
class MediationText:
    """`url`: of whom it goes to, "" where they have no link; `mode`: law.orders."""

    office: Office
    number: str
    starts: datetime
    mode: str
    place: str
    url: str

    @property
    def way(self) -> str:
        """To the mediation: of templates.toml."""
        return {ON_SITE: "place", PHONE_MODE: "phone"}.get(self.mode, "link" if self.url else "linkless")

    def values(self, language: str) -> dict[str, str]:
        starts = _at(self.starts.astimezone(ZoneInfo(self.office.zone)), language)
        return {"number": self.number, "starts": starts, "place": plain(self.place, _LONGEST), "url": self.url}


def rescheduled_text(told: MediationText, language: str) -> Wording:
    return _said(f"rescheduled.{told.way}", language, told.office, **told.values(language))


def kept_text(told: MediationText, language: str) -> Wording:
    return _said(f"kept.{told.way}", language, told.office, **told.values(language))


def reminder_text(told: MediationText, when: str, language: str) -> Wording:
    """`when`: complaints.procedure.BEFORE. The day before there is time to try a call."""
    template, values = f"reminder_{when}.{told.way}", told.values(language)
    if template == "reminder_day.link":
        return _tried(template, "reminder_day.tried", language, told.office, **values)
    return _said(template, language, told.office, **values)


def sign_text(office: Office, number: str, url: str, days: int, language: str, record: bool = False) -> Wording:
    """`record`: it is the record of a mediation that is over, and no agreement."""
    return _said("sign_record" if record else "sign", language, office, number=number, url=url, days=str(days))


def copy_text(office: Office, number: str, url: str, days: int, language: str) -> Wording:
    return _said("copy", language, office, number=number, url=url, days=str(days))


def code_text(template: str, code: str, minutes: int, signature: str, language: str, number: str = "") -> Wording:
    """`template`: "code" | "code_window" | "code_sign" | "code_copy"."""
    return wording(template, language, signature, code=code, minutes=str(minutes), number=number)


def trial_text(office: Office, language: str) -> Wording:
    return _said("test", language, office)


def without_secrets(text: str, kind: str) -> str:
    """A link without what makes it work, a code without its digits."""
    return _CODE.sub("••••••", text) if kind == "code" else _SECRETS.sub("…", text)


_LONGEST = 200  # characters of one thing told


@dataclass(frozen=True, slots=True)
class MessageTo:
    """`link`: the party's own way into the mediation and to their papers, "" when they have none."""

    kind: str
    number: str
    facts: Facts  # in the language of the message
    link: str = ""


def notice_text(sending: MessageTo, language: str) -> Wording:
    facts = {name: _spaced(value) for name, value in sending.facts.items()}
    told = facts | {"phone": facts["office_phone"], "number": sending.number, "url": sending.link}
    told["sheet"] = title(sending.kind, language)
    signature = told.pop("signature")
    return wording(
        f"notice_{NoticeKind(sending.kind)}.{'read' if sending.link else 'sheet'}", language, signature, **told
    )


def _spaced(value: str) -> str:
    """Plain, with the space that parts it from its neighbours in English."""
    return " " * value.startswith(" ") + plain(value, _LONGEST) + " " * value.endswith(" ")


def withdrawal_text(office: Office, number: str, reason: str, language: str) -> Wording:
    return _said("withdrawal", language, office, number=number, reason=sentence(plain(reason, _LONGEST)))


MOST_TO_INFORMANT: Final = 60  # characters of what an inspector adds
ASKS = {"moved": "authority", "result": "result"}
"""What an inspector has to add to some, by what is told."""


def informant_text(which: str, day: date, said: str, office: Office, language: str) -> Wording:
    """`which`: of templates.toml, informant_…; `day`: it was received on; `said`: to whom to turn, or the result."""
    told = plain(said, MOST_TO_INFORMANT).rstrip("。.")
    at = f"{day:%Y-%m-%d}" if language.startswith("en") else f"{day.year}年{day.month}月{day.day}日"
    return _said(f"informant_{which}", language, office, day=at, said=told)
