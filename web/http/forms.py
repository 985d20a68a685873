"""Forms as they arrive: their bodies, the token that shows they are ours, and a posted form while it is being read.

Owns the checks shared by the office's forms, and the days and the time as pages know them. Errors are message ids
and stand above their field; whatever was typed is kept, so a form with errors is shown again as it was.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from journal.numbers import narrow
from journal.refusals import Refused
from web import SITE, WINDOW
from web.http import cookies
from web.http.responses import nonce
from web.http.security import BODY_LIMIT, SAFE, Handler, access_of, ask_again, counted_as, is_known, site_of
from web.i18n import N_

FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_NO_TEXT: Final = re.compile("[\\x00\\ud800-\\udfff]")
UNREADABLE: Final = (ValueError, LookupError, RecursionError, web.RequestPayloadError, HttpProcessingError)
"""What aiohttp and the codecs raise for a body that is not what its headers say."""


@web.middleware
async def readable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No address with a NUL in it: neither PostgreSQL nor a file's name takes one."""
    if not _texts((request.path, request.query_string)):
        raise Refused("bad_request", 400)
    return await handler(request)


async def form_of(request: web.Request) -> None:
    """Refused(400) when the body says that it is a form and is none."""
    if request.content_type not in FORMS:
        return
    try:
        posted = await request.post()
    except UNREADABLE:
        raise Refused("bad_request", 400) from None
    texts = (value if isinstance(value, str) else getattr(value, "filename", "") for value in posted.values())
    if not _texts((*posted.keys(), *texts)):
        raise Refused("bad_request", 400)


async def whole(request: web.Request) -> None:
    """Wait for a body that is no form. Refused(400) when it is not what its headers say."""
    if request.content_type in FORMS:
        return  # `form_of` has read it
    try:
        await request.read()
    except UNREADABLE:
        raise Refused("bad_request", 400) from None


def _texts(several: Iterable[str]) -> bool:
    """Half of a surrogate pair stands for a byte that was no UTF-8."""
    return not any(_NO_TEXT.search(text) for text in several)


_BINDING: Final = (cookies.OFFICER, cookies.DEVICE, cookies.SEEN)  # the strongest first
_LENGTH: Final = hashlib.sha256().digest_size

_WRITTEN: web.RequestKey[str] = web.RequestKey("form_token", str)
_FRESH: web.RequestKey[str] = web.RequestKey("fresh_seen", str)


def form_token(request: web.Request) -> str:
    """Goes into every form as `csrf`; bound to the strongest cookie this browser has, and written anew for each page.

    The cookies are unguessable themselves, so they key the HMAC: no further secret, nothing to lose at a restart.
    """
    if _WRITTEN not in request:
        held = (cookies.read(request, cookie) for cookie in _BINDING)
        value = next(filter(None, held), "")
        if not value:
            value = request[_FRESH] = secrets.token_urlsafe(32)
        request[_WRITTEN] = _masked(_token(value), secrets.token_bytes(_LENGTH))
    return request[_WRITTEN]


def keep_fresh(request: web.Request, response: web.StreamResponse) -> None:
    """Set the cookie that `form_token` had to make up."""
    if _FRESH in request:
        cookies.put(request, response, cookies.SEEN, request[_FRESH])


def _token(value: str) -> bytes:
    return hmac.new(value.encode(), b"yuntiao form", hashlib.sha256).digest()


def _masked(token: bytes, mask: bytes) -> str:
    """No two pages show the same characters, so a packed page's size says nothing about them (BREACH)."""
    return (mask + _xor(token, mask)).hex()


def _unmasked(given: str) -> bytes:
    """What no token can be is empty."""
    try:
        both = bytes.fromhex(given)
    except ValueError:
        return b""
    return _xor(both[:_LENGTH], both[_LENGTH:]) if len(both) == 2 * _LENGTH else b""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


@web.middleware
async def own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """An unsafe request must come from our own page (ASVS 3.5.1) and be of sensible size."""
    if request.method in SAFE or request.match_info.http_exception is not None:
        return await handler(request)
    resource = request.match_info.route.resource
    path = resource.canonical if resource else ""
    access = access_of(request.app, request.match_info.route.method, path, request.match_info.handler)
    if access and access.self_checked:
        return await handler(request)
    most = access.most_bytes if access else BODY_LIMIT
    if most > BODY_LIMIT:
        if access is None or (access.who != "anyone" and not await is_known(request)):
            return await handler(request)  # its guard refuses, and nothing is read
        if access.who == "visitor":
            await request.app[WINDOW].require_room(counted_as(request), request.content_length or most)
        nonce(request)  # made before there are two of this request, so that header and page have the same
        request = request.clone(client_max_size=most)
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    await form_of(request)
    if not _from_here(request) or not await _has_token(request):
        raise Refused("foreign_form", 403)
    # All of it is here before its guard asks who sends it: whoever may no longer writes nothing by sending slowly.
    await whole(request)
    ask_again(request)
    return await handler(request)


def _from_here(request: web.Request) -> bool:
    """Browsers before 2023 send no Sec-Fetch-Site; and under `no-referrer` their Origin is "null" (Fetch 4.6)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return True  # the token decides
    ours = {request.host.lower(), site_of(request.app[SITE].public_url)[1]}
    return site_of(origin)[1] in ours


async def _has_token(request: web.Request) -> bool:
    given = request.headers.get("X-CSRF-Token", "")
    if not given and request.content_type in FORMS:
        field_value = (await request.post()).get("csrf", "")
        given = field_value if isinstance(field_value, str) else ""
    token = _unmasked(given)
    values = [cookies.read(request, cookie) for cookie in _BINDING]
    return any(hmac.compare_digest(token, _token(value)) for value in values if value)


class TimeOfDay(Protocol):
    def __call__(self) -> datetime:
        """Now, with a zone."""
        ...


CLOCK: web.AppKey[TimeOfDay] = web.AppKey("clock", TimeOfDay)


def now(request: web.Request) -> datetime:
    return request.app[CLOCK]()


YEARS: Final = range(1990, 2101)  # as imports take them: a day beyond has no next one, or none in another zone


def typed_day(text: str) -> date | None:
    """None for what is no day (ISO 8601), and for one outside `YEARS`."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.year in YEARS else None


PHONE: Final = re.compile(r"\+?[0-9]{7,15}")
LONGEST: Final = 2000

NEEDED: Final = N_("Please fill this in.")
TOO_LONG: Final = N_("This is too long. Please shorten it.")
BAD_PHONE: Final = N_("This does not look like a phone number. Digits only, for example 13800001234.")
BAD_AMOUNT: Final = N_("Write the amount in yuan, for example 2360.00.")
BAD_CODE: Final = N_("This number cannot exist: its check character does not fit. Please compare it once more.")
BAD_DATE: Final = N_("Choose a date and a time.")
BAD_CHOICE: Final = N_("Choose one of these.")
BAD_LOGIN_NAME: Final = N_("3 to 64 small letters, digits, dots and hyphens only, for example zhou.min")
WEAK_PASSWORD: Final = N_("Choose a longer password: at least 12 characters, and not one that is on everybody’s list.")

GUARDIAN_NEEDED: Final = N_(
    "Under 14: name the guardian below, and tick that they agree, before anything is registered (PIPL Art 31)."
)
SAID: Final[Mapping[str, str]] = {
    "missing": NEEDED,
    "bad_phone": BAD_PHONE,
    "bad_amount": BAD_AMOUNT,
    "bad_check": BAD_CODE,
    "bad_choice": BAD_CHOICE,
    "too_long": TOO_LONG,
    "guardian_needed": GUARDIAN_NEEDED,
}
"""What a service's no says above the field it is about, by its code."""


@dataclass(slots=True)
class Form:
    """`values` and `errors` by field name; `choices`: what may have been meant, as (value, text)."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, posted: Mapping[str, object]) -> Form:
        """Text fields only; uploaded files have no place in these forms."""
        return cls({name: value.replace("\r\n", "\n") for name, value in posted.items() if isinstance(value, str)})

    @property
    def good(self) -> bool:
        return not self.errors

    def text(self, name: str, needed: bool = False, longest: int = LONGEST) -> str:
        value = self.values.get(name, "").strip()
        if needed and not value:
            self.errors[name] = NEEDED
        elif len(value) > longest:
            self.errors[name] = TOO_LONG
        return value

    def secret(self, name: str) -> str:
        """As typed, and not kept for showing the form again."""
        return self.values.pop(name, "")

    def choice(self, name: str, among: Mapping[str, str] | tuple[str, ...]) -> str:
        value = self.values.get(name, "")
        if value not in among:
            self.errors[name] = BAD_CHOICE
        return value

    def phone(self, name: str, needed: bool = False) -> str:
        """Spaces and hyphens are how people write numbers; they are dropped."""
        value = re.sub(r"[\s\-()]", "", narrow(self.text(name, needed)))
        if value and not PHONE.fullmatch(value):
            self.errors[name] = BAD_PHONE
        return value

    def amount(self, name: str) -> Decimal | None:
        """Yuan with two decimals; None when left empty."""
        typed = narrow(self.text(name)).replace(",", "").removeprefix("¥").strip()
        if not typed:
            return None
        try:
            value = Decimal(typed if typed.isascii() else "?")  # it would read ٣ as well
            if not value.is_finite() or not 0 <= value < 10**12 or value != value.quantize(Decimal("0.01")):
                raise InvalidOperation
        except InvalidOperation:
            self.errors[name] = BAD_AMOUNT
            return None
        return value.quantize(Decimal("0.01"))

    def day(self, name: str) -> date | None:
        """None when left empty; an error when it is no date."""
        typed = self.text(name)
        found = typed_day(typed) if typed else None
        if typed and found is None:
            self.errors[name] = BAD_DATE
        return found

    def moment(self, name: str, zone: str) -> datetime | None:
        """UTC, from the fields `<name>_day` and `<name>_time`, read in the office's zone."""
        day = typed_day(self.text(f"{name}_day"))
        try:
            clock = time.fromisoformat(self.text(f"{name}_time"))
        except ValueError:
            clock = None
        if day is None or clock is None:
            self.errors[name] = BAD_DATE
            return None
        return datetime.combine(day, clock.replace(tzinfo=None), ZoneInfo(zone)).astimezone(UTC)
