"""Languages of the pages: which one a request wants, the words of it, and how dates, money and durations are written.

Message ids are English sentences (or keys such as `error.no_seat` for the browser's catalogues); translations are
read from <domain>.po anywhere below web/locales/<language> when first needed. No compiled files.

What pages call states, roles, outcomes and notices stands here too: longer than other modules, as a table is. Times are
shown in the office's zone, of the officer or guest who looks.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import pass_context
from jinja2.runtime import Context

from web import SITE
from web.http import cookies
from web.http.security import GUEST, OFFICER

LOCALES: Final = Path(__file__).parent / "locales"
LANGUAGES: Final = ("zh", "en")
DEFAULT: Final = "zh"

_CONTEXT = "\x04"  # gettext's own separator between a context and its message
_CALLED = re.compile("⟪([^⟪⟫]{1,20})⟫")  # what the office calls itself stands here; inside, for one that says nothing


def N_(msgid: str) -> str:
    """Marks a sentence for extraction that is translated later (gettext's customary name)."""
    return msgid


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language. A message without a translation is shown as it is."""

    language: str
    _messages: Mapping[str, tuple[str, ...]]

    def gettext(self, msgid: str, **params: Any) -> str:
        text = self._messages.get(msgid, (msgid,))[0]
        return text % params if params else text

    def forms(self, singular: str, plural: str, num: int) -> str:
        """The form for `num` with its blanks still open, as Jinja wants it."""
        forms = self._messages.get(singular, (singular, plural))
        return forms[0] if num == 1 else forms[-1]

    def ngettext(self, singular: str, plural: str, num: int, **params: Any) -> str:
        return self.forms(singular, plural, num) % {"num": num, **params}

    def pgettext(self, context: str, msgid: str, **params: Any) -> str:
        text = self._messages.get(context + _CONTEXT + msgid, (msgid,))[0]
        return text % params if params else text

    def listed(self, names: Iterable[str]) -> str:
        """Names one after another in a sentence."""
        return ("、" if self.language == "zh" else ", ").join(names)


def read(language: str, domain: str) -> Catalog:
    with _files(language)[domain].open("rb") as file:
        return read_po(file, locale=language, domain=domain, abort_invalid=True)


def domains(language: str) -> list[str]:
    return sorted(_files(language))


@functools.cache
def _files(language: str) -> Mapping[str, Path]:
    """The catalogues of a language by domain; folders only keep those of a topic together."""
    return {path.stem: path for path in (LOCALES / language).rglob("*.po")}


@functools.cache
def words_of(language: str, called: str = "") -> Words:
    """All domains of a language, merged. `called`: what the office calls itself (`Site.office_called`)."""
    messages: dict[str, tuple[str, ...]] = {}
    for domain in domains(language):
        messages.update(_forms(language, domain, called))
    return Words(language, messages)


@functools.cache
def catalog(language: str, domain: str, called: str = "") -> Mapping[str, str]:
    """One domain as a flat mapping for the browser; a plural's two ids are two keys.

    Ids are those of the default language's file, so that every language has the same keys; a domain that
    nobody has written is empty.
    """
    if domain not in domains(DEFAULT):
        return {}
    known = _forms(language, domain, called) if domain in domains(language) else {}
    flat = {}
    for message in read(DEFAULT, domain):
        ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        if not ids[0]:
            continue  # the header
        forms = known.get(_key(message.context, ids[0]), tuple(ids))
        flat[ids[0]] = forms[0]
        if len(ids) > 1:
            flat[ids[1]] = forms[-1]
    return flat


def _key(context: str | None, msgid: str) -> str:
    return f"{context}{_CONTEXT}{msgid}" if context else msgid


def _forms(language: str, domain: str, called: str) -> dict[str, tuple[str, ...]]:
    return {
        key: tuple(_CALLED.sub(lambda found: called or found[1], text) for text in strings)
        for key, strings in _written(language, domain).items()
    }


@functools.cache
def _written(language: str, domain: str) -> Mapping[str, tuple[str, ...]]:
    """What a translator wrote, whole messages only. Kept: reading all of them takes a quarter of a second."""
    forms = {}
    for message in read(language, domain):
        if not message.id or message.fuzzy:
            continue
        msgid = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        given = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        strings = tuple(text for text in given if text)
        if len(strings) == len(given):
            forms[_key(message.context, msgid)] = strings
    return forms


# ---------------------------------------------------------------- of a request


def language(request: web.Request) -> str:
    """`?lang=`, then the person's own choice, then the officer's, then the browser's."""
    officer = request.get(OFFICER)
    for wish in (
        request.query.get("lang", ""),
        cookies.read(request, cookies.LANGUAGE),
        officer.language if officer else "",
    ):
        if wish in LANGUAGES:
            return wish
    return accepted(request.headers.get("Accept-Language", ""))


def accepted(header: str) -> str:
    """The language a browser prefers among ours; Chinese where it says nothing we speak."""
    best, weight = DEFAULT, 0.0
    for part in header.split(","):
        found = re.fullmatch(r"([A-Za-z]{2,3})(?:-[\w-]*)?\s*+(?:;\s*+q=([01](?:\.[0-9]{0,3})?))?", part.strip())
        if not found or found[1].lower() not in LANGUAGES:
            continue
        quality = float(found[2] or 1)
        if quality > weight:
            best, weight = found[1].lower(), quality
    return best


def called(request: web.Request, said: str = "") -> str:
    """What the office calls itself whose page it is (`said`), or whoever looks; "" for nothing."""
    who = request.get(GUEST) or request.get(OFFICER)
    return said or (who.office.called if who else "") or request.app[SITE].office_called


def words_for(request: web.Request) -> Words:
    """In handlers `_ = words(request).gettext`."""
    return words_of(language(request), called(request))


EXTRA_ROLES: Final = ("representative", "lawyer", "interpreter", "companion", "observer")

SIDES: Final[Mapping[str, str]] = {
    "consumer": N_("with the consumer"),
    "business": N_("with the business"),
    "": N_("with neither side"),
}

OFFICER_ROLES: Final[Mapping[str, str]] = {
    "mediator": N_("Mediator"),
    "supervisor": N_("Supervisor"),
    "administrator": N_("Administrator"),
    "inspector": N_("Inspector"),
}

SEAT_STATES: Final[Mapping[str, str]] = {
    "invited": N_("has not come yet"),
    "unlinked": N_("no link yet"),
    "linked": N_("has not opened the link yet"),
    "opened": N_("opened the link"),
    "agreed": N_("agreed to take part"),
    "undelivered": N_("the message did not arrive"),
    "waiting": N_("in the waiting room"),
    "present": N_("in the room"),
    "reconnecting": N_("reconnecting"),
    "left": N_("has left"),
    "removed": N_("was asked to leave"),
    "refused": N_("does not want to take part"),
}
SEAT_TONES: Final[Mapping[str, str]] = {
    "agreed": "ok",
    "undelivered": "danger",
    "waiting": "ok",
    "present": "ok",
    "reconnecting": "warn",
    "refused": "danger",
    "removed": "danger",
}

SESSION_STATES: Final[Mapping[str, str]] = {
    "scheduled": N_("Scheduled"),
    "live": N_("Under way"),
    "recess": N_("In recess"),
    "closed": N_("Closed"),
    "cancelled": N_("Cancelled"),
}

PHASES: Final[Mapping[str, str]] = {
    "opening": N_("Opening"),
    "consumer_statement": N_("Consumer’s statement"),
    "business_statement": N_("Business’s statement"),
    "discussion": N_("Discussion"),
    "proposal": N_("Proposal"),
    "closing": N_("Closing"),
}

OUTCOMES: Final[Mapping[str, str]] = {
    "settled": N_("Settled"),
    "not_settled": N_("Not settled"),
    "ended": N_("Terminated (statutory ground)"),
    "adjourned": N_("Adjourned"),
}
OUTCOME_TONES: Final[Mapping[str, str]] = {"settled": "ok", "ended": "seal", "adjourned": "warn"}

COMPLAINT_STATES: Final[Mapping[str, str]] = {
    "registered": N_("Registered"),
    "accepted": N_("Accepted"),
    "refused": N_("Not accepted"),
    "mediating": N_("In mediation"),
    "settled": N_("Settled"),
    "performing": N_("Waiting for performance"),
    "ended": N_("Mediation terminated"),
    "closed": N_("Complaint closed"),
    "undone": N_("Taken back"),
    "transferred": N_("Sent to another bureau"),
}

CHANNELS: Final[Mapping[str, str]] = {
    "12315": N_("National 12315 platform"),
    "hotline": N_("Citizen hotline"),
    "director": N_("Bureau chief’s hotline"),
    "board": N_("City message board"),
    "petition": N_("Online petition (letters and visits)"),
    "window": N_("Window"),
}

WHOSE: Final[Mapping[str, str]] = {
    "consumer": N_("complainant"),
    "business": N_("respondent"),
    "proxy": N_("proxy"),
    "joint": N_("joint complainant"),
}

ANSWERS: Final[Mapping[str, str]] = {
    "": N_("reached"),
    "yes": N_("satisfied"),
    "partly": N_("partly satisfied"),
    "no": N_("not satisfied"),
}

NUMBERS: Final[Mapping[str, str]] = {
    "phone": N_("Phone"),
    "other_phone": N_("Another phone"),
    "identity": N_("Identity document"),
    "credit_code": N_("Unified social credit code"),
}

DEADLINES: Final[Mapping[str, str]] = {
    "accept": N_("Decide on acceptance, and tell"),
    "mediate": N_("Finish mediation"),
    "tell_end": N_("Tell both sides of the termination"),
    "competence": N_("Settle who is competent"),
    "verify": N_("Verify the lead"),
    "tell_filing": N_("Tell the informant whether a case is filed"),
    "sender_sign": N_("Confirm receipt to its sender"),
    "sender_feedback": N_("Report back to its sender"),
    "sender_finish": N_("Finish by its sender’s date"),
    "sender_settle": N_("Settlement tried first"),
}

PERFORMANCES: Final[Mapping[str, str]] = {
    "on_the_spot": N_("done on the spot"),
    "later": N_("to be done later"),
}

SENT_STATES: Final[Mapping[str, str]] = {
    "queued": N_("on its way"),
    "sent": N_("sent"),
    "arrived": N_("arrived"),
    "failed": N_("not delivered yet, another try comes"),
    "dead": N_("did not arrive"),
}
"""Of a message about a mediation or a promise (`rooms.views.SentMessage`)."""

MESSAGE_STATES: Final[Mapping[str, str]] = {
    "queued": N_("Waiting to be sent"),
    "sent": N_("Sent"),
    "failed": N_("Failed, will be tried again"),
    "dead": N_("Not delivered"),
}
MESSAGE_TONES: Final[Mapping[str, str]] = {"sent": "ok", "failed": "warn", "dead": "seal"}

STEPS: Final = (N_("Register"), N_("Accept"), N_("Mediate"), N_("Perform"), N_("File"))

NOTES: Final[Mapping[str, str]] = {
    "kept": N_("Everything promised was done"),
    "told": N_("Somebody was told of what was decided"),
    "closed": N_("The file was closed"),
    "refused": N_("Not accepted"),
    "ended": N_("Mediation terminated"),
}


KINDS: Final[Mapping[str, str]] = {
    "acceptance": N_("Notice of acceptance"),
    "refusal": N_("Notice of refusal"),
    "mediation": N_("Notice of mediation"),
    "termination": N_("Notice of termination of mediation"),
    "dispatch": N_("Notice that the complaint was sent on"),
    "identity": N_("Notice to prove identity"),
}
DECIDED: Final[Mapping[str, str]] = {
    "acceptance": N_("that the complaint is accepted"),
    "refusal": N_("that the complaint is not accepted"),
    "mediation": N_("when and where the mediation is"),
    "termination": N_("that the mediation was terminated"),
    "dispatch": N_("that the complaint was sent on"),
}
"""What somebody was told of, in a sentence."""
WHY: Final[Mapping[str, str]] = {
    "acceptance": N_("The complainant is to be told within seven working days of receipt."),
    "refusal": N_("The complainant is to be told the ground and the other ways, within seven working days of receipt."),
    "mediation": N_("Both sides should have time, way of joining and their rights in writing before they meet."),
    "termination": N_("Both sides are to be told within seven working days."),
    "dispatch": N_("Only to who is competent, and back to the intake unit: never sideways."),
    "identity": N_("Where it is not certain who complains. Refusing the check is a ground for not accepting."),
}
DRAFTS: Final[Mapping[str, str]] = {
    "register": N_("Register form of the complaint"),
    "agreement": N_("Draft of the mediation agreement"),
    "record": N_("Draft of the mediation record"),
}
STATES: Final[Mapping[str, str]] = {
    "standing": N_("In force"),
    "replaced": N_("Replaced"),
    "withdrawn": N_("Withdrawn"),
}
STATE_TONES: Final[Mapping[str, str]] = {"standing": "ok", "withdrawn": "seal"}
WAYS: Final[Mapping[str, str]] = {
    "queued": N_("message waiting to be sent"),
    "sent": N_("message sent"),
    "failed": N_("message failed, will be tried again"),
    "dead": N_("message given up: see Messages"),
    "by_hand": N_("no mobile number: hand the sheet over"),
}
WAY_TONES: Final[Mapping[str, str]] = {"sent": "ok", "failed": "warn", "dead": "danger", "by_hand": "warn"}

ROLE_NAMES: Final = {
    "mediator": N_("mediator"),
    "consumer": N_("consumer"),
    "business": N_("business"),
    "representative": N_("representative"),
    "lawyer": N_("lawyer"),
    "interpreter": N_("interpreter"),
    "companion": N_("companion"),
    "observer": N_("observer"),
    "supervisor": N_("supervisor"),
    "administrator": N_("administrator"),
    "inspector": N_("inspector"),
    "sign_on": N_("unified sign-on"),  # by whose word an account was changed
    "scim": N_("directory"),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def money(amount: Decimal | None) -> str:
    """¥2,000.00; nothing for no amount."""
    return "" if amount is None else f"¥{amount:,.2f}"


def span(low: str, high: str, between: str = " – ") -> str:
    """From one to the other, as both are written; where they are the same, it once."""
    return low if low == high else f"{low}{between}{high}"


def day(of: date | datetime, language: str, zone: ZoneInfo) -> str:
    return calendar_day(of.astimezone(zone).date() if isinstance(of, datetime) else of, language)


def calendar_day(of: date, language: str) -> str:
    if language == "zh":
        return f"{of.year}年{of.month}月{of.day}日"
    return f"{of.day} {_MONTHS[of.month - 1]} {of.year}"


def clock(of: datetime, zone: ZoneInfo) -> str:
    return f"{of.astimezone(zone):%H:%M}"


def when(of: datetime, language: str, zone: ZoneInfo) -> str:
    between = "" if language == "zh" else ", "
    return f"{day(of, language, zone)}{between}{clock(of, zone)}"


def duration(milliseconds: int, language: str) -> str:
    """The two largest units that matter: 1小时5分, 9分41秒, 41秒."""
    seconds = round(milliseconds / 1000)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    h, m, s = ("小时", "分", "秒") if language == "zh" else (" h", " min", " s")
    between = "" if language == "zh" else " "
    if hours:
        return f"{hours}{h}{between}{minutes}{m}"
    if minutes:
        return f"{minutes}{m}{between}{seconds}{s}"
    return f"{seconds}{s}"


def iso(of: datetime | date) -> str:
    """For `<time datetime>`."""
    if isinstance(of, datetime):
        return of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return of.isoformat()


# ---------------------------------------------------------------- as filters


def _zone(context: Context) -> ZoneInfo:
    for key in ("officer", "guest"):
        person = context.get(key)
        if person:
            return ZoneInfo(person.office.zone)
    office = context.get("office")
    return ZoneInfo(office.zone if office else "Asia/Shanghai")


@pass_context
def _when(context: Context, of: datetime) -> str:
    return when(of, context["lang"], _zone(context))


@pass_context
def _day(context: Context, of: date | datetime) -> str:
    return day(of, context["lang"], _zone(context))


@pass_context
def _local_day(context: Context, of: datetime) -> date:
    """For counting days; `day` is for reading."""
    return of.astimezone(_zone(context)).date()


@pass_context
def _clock(context: Context, of: datetime) -> str:
    return clock(of, _zone(context))


@pass_context
def _duration(context: Context, milliseconds: int) -> str:
    return duration(milliseconds, context["lang"])


@pass_context
def _role_name(context: Context, role: str) -> str:
    return words_of(context["lang"]).gettext(ROLE_NAMES[role])


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "money": money,
    "span": span,
    "when": _when,
    "day": _day,
    "local_day": _local_day,
    "clock": _clock,
    "duration_ms": _duration,
    "iso": iso,
    "role_name": _role_name,
}
