"""The complaint's form: what its fields are called, how they are read, and how a record on file fills them.

One form serves registering and amending. Numbers on file are never written into it: when amending, an empty field
keeps what is there and `NONE` removes it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import complaints
from complaints import IdKind
from complaints.events import ComplaintRegistered
from complaints.record import ObjectRecord, PartyTyped, SourceNumber
from complaints.record.identifiers import credit_code, industry_code, resident_number
from complaints.record.places import division, division_named, find_divisions, provinces_and_cities
from complaints.record.rules import MOST_JOINT, MOST_REPRESENTATIVES
from complaints.service import NONE, Authorised
from complaints.state import LONGEST
from complaints.views import NewComplaint
from journal.numbers import narrow
from journal.refusals import DomainError
from web import i18n
from web.http.forms import BAD_CODE, BAD_DATE, NEEDED, PHONE, SAID, Form
from web.i18n import N_

KINDS: Final[Mapping[str, str]] = {"goods": N_("Goods"), "service": N_("A service")}
NO_AREA: Final = N_("Choose one of the office’s areas; the administrator draws them on the page Areas.")
NOT_YET: Final = N_("This day has not come yet.")
NO_DIVISION: Final = N_("No such place is known. Write province, city and county, or the six-digit code.")
BAD_INDUSTRY: Final = N_("This is not a GB/T 4754 code. Write a section’s letter or digits, for example F5211.")
BAD_EMAIL: Final = N_("This does not look like a mail address.")
NEEDS_NUMBER: Final = N_("Write the number of this document.")
NEEDS_KIND: Final = N_("Choose which document this number is of.")
NOT_AMONG: Final = N_("Name somebody who complains: the complainant or one of the others.")
BAD_LINE: Final = N_("One person a line: the name, then the phone number. One of these lines is not like that.")
TOO_MANY: Final = N_("These are too many for one complaint.")

_LINE = re.compile(r"(?P<name>[^0-9,，;；\t+*]+)[\s,，;；:：]*(?P<phone>[+*0-9][0-9\s()*-]*)?")
EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_BETWEEN = re.compile(r"[\s,，、;；]+")
MOST_KEYWORDS = 20


def defaults(now: datetime, zone: str) -> dict[str, str]:
    """What most complaints taken at the window have."""
    local = now.astimezone(ZoneInfo(zone))
    return {
        "channel": "window",
        "mode": "visit",
        "received_day": local.date().isoformat(),
        "received_time": f"{local:%H:%M}",
        "kind": "goods",
        "wants_reply": "yes",
    }


def received(form: Form, zone: str, today: date) -> datetime:
    """When it came in, as typed; what is wrong with it is in `form.errors`."""
    day = form.day("received_day")
    if day is None:
        form.errors.setdefault("received_day", NEEDED)
    elif day > today:
        form.errors["received_day"] = NOT_YET
    if not form.values.get("received_time"):
        form.values["received_time"] = "09:00"
    moment = form.moment("received", zone)
    if form.errors.pop("received", None) and "received_day" not in form.errors:
        form.errors["received_time"] = BAD_DATE
    return moment or datetime.combine(today, time(), ZoneInfo(zone))  # nobody's day: the form is wrong


def read(
    form: Form,
    zone: str,
    today: date,
    on_file: ComplaintRegistered | None = None,
    areas: Mapping[str, str] = MappingProxyType({}),
) -> NewComplaint:
    """What was typed; what is wrong with it is in `form.errors`, by field. `on_file`: the record that is amended;
    `areas`: names of the office's own areas by id."""
    moment = received(form, zone, today)
    form.values.setdefault("kind", "goods")
    consumer, joint = _consumer(form, on_file), _joint(form)
    number = narrow(form.text("source_number", longest=60))
    channel = form.choice("channel", i18n.CHANNELS)
    if on_file and moment == on_file.received.replace(second=0, microsecond=0):
        moment = on_file.received  # the fields show no seconds
    return NewComplaint(
        channel=channel,
        received=moment,
        title=form.text("title", needed=True, longest=LONGEST["title"]),
        request=form.text("request", needed=True, longest=LONGEST["request"]),
        facts=form.text("facts", needed=True, longest=LONGEST["facts"]),
        amount=form.amount("amount"),
        consumer=consumer,
        business=_business(form),
        industry=form.text("industry", longest=60),
        problem=form.text("problem", longest=60),
        mode=form.choice("mode", _known(complaints.MODES)),
        sources=_sources(channel, number, on_file),
        joint=joint,
        representatives=_representatives(form, {consumer.name, *(person.name for person in joint)}),
        proxy=_proxy(form),
        object=_object(form),
        requests=_ticked(form, "requests", complaints.REQUESTS, on_file.requests if on_file else ()),
        problem_class=form.choice("problem_class", _known(complaints.PROBLEMS)),
        industry_code=_checked(form, "industry_code", industry_code, BAD_INDUSTRY),
        division=_division(form),
        jurisdiction=_area(form, areas, on_file.jurisdiction if on_file else ""),
        urgency=_ticked(form, "urgency", complaints.URGENCIES, on_file.urgency if on_file else ()),
        secret="secret" in form.values,
        wants_reply="wants_reply" in form.values,
        keywords=_keywords(form),
        also_reports="also_reports" in form.values,
        place=form.text("place", longest=200),
    )


def _area(form: Form, areas: Mapping[str, str], on_file: str) -> str:
    """The id of the area with this name; what is on file may stay as it is."""
    typed = form.text("jurisdiction", longest=60)
    if not typed or typed == on_file:
        return typed
    found = next((id for id, name in areas.items() if typed in (id, name)), "")
    if not found:
        form.errors.setdefault("jurisdiction", NO_AREA)
    return found


def filled(record: ComplaintRegistered, zone: str, areas: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """The fields as they are on file; numbers stay out."""
    local = record.received.astimezone(ZoneInfo(zone))
    consumer, business, thing, proxy = record.consumer, record.business, record.object, record.proxy
    values: dict[str, Any] = {
        "channel": record.channel,
        "mode": record.mode,
        "received_day": local.date().isoformat(),
        "received_time": f"{local:%H:%M}",
        "source_number": _number_there(record.sources, record.channel),
        "title": record.title,
        "request": record.request,
        "facts": record.facts,
        "amount": record.amount,
        "industry": record.industry,
        "industry_code": record.industry_code,
        "problem": record.problem,
        "problem_class": record.problem_class,
        "division": division_named(record.division) or record.division,
        "jurisdiction": areas.get(record.jurisdiction, record.jurisdiction),
        "keywords": "，".join(record.keywords),
        "consumer_name": consumer.name,
        "consumer_city": consumer.city,
        "consumer_address": consumer.address,
        "consumer_email": consumer.email,
        "sex": consumer.sex,
        "age_band": consumer.age_band,
        "id_kind": consumer.id_kind,
        "business_name": business.organisation,
        "business_contact": business.name,
        "business_city": business.city,
        "business_address": business.address,
        "business_email": business.email,
        "place": record.place,
        "joint": "\n".join(f"{one.name}，{one.phone_masked}".rstrip("，") for one in record.joint),
        "representative_1": next(iter(record.representatives), ""),
        "representative_2": next(iter(record.representatives[1:]), ""),
        "kind": thing.kind,
        **{f"object_{name}": getattr(thing, name) for name in _THING},
        "paid": thing.paid,
        "bought": thing.bought,
        **{f"requests_{one}": "yes" for one in record.requests},
        **{f"urgency_{one}": "yes" for one in record.urgency},
        **{name: "yes" for name in ("secret", "wants_reply", "also_reports") if getattr(record, name)},
    }
    if proxy is not None:
        values |= {f"proxy_{name}": getattr(proxy, name) for name in ("name", "relation", "matters", "powers", "until")}
        values |= {f"proxy_{name}": "yes" for name in ("guardian", "consents") if getattr(proxy, name)}
    return {name: str(value) for name, value in values.items() if value not in (None, "")}


@functools.cache
def upper_divisions() -> list[tuple[str, str]]:
    """Provinces and cities, for a list to choose from without script."""
    return [(one.code, one.whole) for one in provinces_and_cities()]


def note(form: Form, code: str, params: Mapping[str, Any]) -> bool:
    """A service's no above the field it is about; False when it is about none of this form."""
    if code not in SAID:
        return False
    field = str(params.get("field", "amount" if code == "bad_amount" else "consumer_phone"))
    form.errors[{"id_number": "consumer_id_number", "joint_phone": "joint"}.get(field, field)] = SAID[code]
    return True


_THING: Final[Mapping[str, int]] = {
    "category": 60, "name": 120, "brand": 60, "model": 60, "quantity": 40, "order_number": 60, "platform": 60,
    "shop": 120,
}  # fmt: skip


def _consumer(form: Form, on_file: ComplaintRegistered | None) -> PartyTyped:
    """A complainant needs a phone; one that is amended has it already."""
    kind = form.choice("id_kind", _known(complaints.ID_KINDS))
    number = form.text("consumer_id_number", longest=40)
    if number and number != NONE:
        if not kind:
            form.errors["id_kind"] = NEEDS_KIND
        elif kind == IdKind.RESIDENT:
            number = _checked(form, "consumer_id_number", resident_number, BAD_CODE)
    elif kind and not (on_file and on_file.consumer.id_sealed):
        form.errors["consumer_id_number"] = NEEDS_NUMBER
    return PartyTyped(
        name=form.text("consumer_name", needed=True, longest=60),
        phone=form.phone("consumer_phone", needed=on_file is None),
        other_phone=_phone(form, "consumer_other_phone"),
        city=form.text("consumer_city", longest=60),
        address=form.text("consumer_address", longest=200),
        sex=form.choice("sex", _known(complaints.SEXES)),
        age_band=form.choice("age_band", _known(complaints.AGES)),
        id_kind=kind,
        id_number=number,
        email=_email(form, "consumer_email"),
    )


def _business(form: Form) -> PartyTyped:
    return PartyTyped(
        name=form.text("business_contact", longest=60),
        phone=_phone(form, "business_phone"),
        city=form.text("business_city", longest=60),
        address=form.text("business_address", longest=200),
        organisation=form.text("business_name", needed=True, longest=120),
        credit_code=_checked(form, "credit_code", credit_code, BAD_CODE),
        email=_email(form, "business_email"),
    )


def _proxy(form: Form) -> Authorised | None:
    """Order 121 Art 11: an authorisation names its matters, powers and term; a guardian acts by law."""
    names = ("name", "phone", "relation", "matters", "powers", "until", "guardian", "consents")
    if not any(form.values.get(f"proxy_{name}", "").strip() for name in names):
        return None
    return Authorised(
        name=form.text("proxy_name", needed=True, longest=60),
        phone=_phone(form, "proxy_phone"),
        relation=form.text("proxy_relation", longest=60),
        matters=form.text("proxy_matters", longest=200),
        powers=form.text("proxy_powers", longest=200),
        until=form.day("proxy_until"),
        guardian="proxy_guardian" in form.values,
        consents="proxy_consents" in form.values,
    )


def _joint(form: Form) -> tuple[PartyTyped, ...]:
    people = []
    for line in form.text("joint", longest=20_000).splitlines():
        if not line.strip():
            continue
        parts = _LINE.fullmatch(line.strip())
        phone = (parts["phone"] or "").strip() if parts else ""
        if not parts or ("*" not in phone and phone and not PHONE.fullmatch(re.sub(r"[\s()-]", "", phone))):
            form.errors["joint"] = BAD_LINE
            continue
        people.append(PartyTyped(parts["name"].strip(" ：:"), phone))
    if len(people) > MOST_JOINT:
        form.errors["joint"] = TOO_MANY
    return tuple(people[:MOST_JOINT])


def _representatives(form: Form, complainants: set[str]) -> tuple[str, ...]:
    named_ = []
    for n in range(1, MOST_REPRESENTATIVES + 1):
        name = form.text(f"representative_{n}", longest=60)
        if name and name not in complainants:
            form.errors[f"representative_{n}"] = NOT_AMONG
        if name:
            named_.append(name)
    return tuple(dict.fromkeys(named_))


def _object(form: Form) -> ObjectRecord:
    texts = {name: form.text(f"object_{name}", longest=longest) for name, longest in _THING.items()}
    bought = form.day("bought")
    return ObjectRecord(
        kind=form.choice("kind", KINDS),
        category=texts["category"],
        name=texts["name"],
        brand=texts["brand"],
        model=texts["model"],
        quantity=texts["quantity"],
        paid=form.amount("paid"),
        bought=bought,
        order_number=texts["order_number"],
        platform=texts["platform"],
        shop=texts["shop"],
    )


def _sources(channel: str, number: str, on_file: ComplaintRegistered | None) -> tuple[SourceNumber, ...]:
    """The number of the channel it came through; those of other channels stay."""
    before = on_file.sources if on_file else ()
    if number == _number_there(before, channel):
        return before
    others = tuple(one for one in before if one.channel != channel)
    return (*([SourceNumber(channel, number)] if number else []), *others)


def _number_there(sources: tuple[SourceNumber, ...], channel: str) -> str:
    return next((one.number for one in sources if one.channel == channel), "")


def _division(form: Form) -> str:
    """A place that is not clear is asked for again with the places it may be."""
    typed = form.text("division", longest=60)
    try:
        return division(typed)
    except DomainError:
        form.errors["division"] = NO_DIVISION
        form.choices["division"] = [(one.code, one.whole) for one in find_divisions(typed)]
        return ""


def _keywords(form: Form) -> tuple[str, ...]:
    typed = tuple(filter(None, _BETWEEN.split(form.text("keywords", longest=400))))
    if len(typed) > MOST_KEYWORDS:
        form.errors["keywords"] = TOO_MANY
    return tuple(dict.fromkeys(typed))


def _ticked(form: Form, name: str, among: Mapping[str, object], before: tuple[str, ...]) -> tuple[str, ...]:
    """In the order of the boxes; the same as `before` in the order they had."""
    ticked = tuple(value for value in among if f"{name}_{value}" in form.values)
    return before if set(ticked) == set(before) else ticked


def _email(form: Form, name: str) -> str:
    typed = form.text(name, longest=120)
    if typed and not EMAIL.fullmatch(typed):
        form.errors[name] = BAD_EMAIL
    return typed


def _phone(form: Form, name: str) -> str:
    return NONE if form.values.get(name, "").strip() == NONE else form.phone(name)


def _checked(form: Form, name: str, check: Callable[[str], str], said: str) -> str:
    typed = form.text(name, longest=40)
    if typed == NONE:
        return NONE
    try:
        return check(typed)
    except DomainError:
        form.errors[name] = said
        return ""


def _known(table: Mapping[str, object]) -> tuple[str, ...]:
    """Its values; nothing at all is one of them."""
    return tuple(dict.fromkeys(("", *table)))
