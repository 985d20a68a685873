"""Filing a complaint on a phone: one question a screen. What was answered is kept with the visit, so that going back,
the language or a lost connection loses nothing; every screen works without script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

import complaints
from complaints import AgeBand
from complaints.public_views import WindowFiling
from journal.refusals import Refused
from offices import Office
from rooms.joining import consents
from rooms.vocabulary import MINORS, Age
from web import SITE, WINDOW, i18n
from web.http import cookies, security
from web.http.forms import BAD_CHOICE, BAD_PHONE, NEEDED, TOO_LONG, Form
from web.http.security import anyone
from web.i18n import N_
from web.join.invitation import data_handler
from web.rendering import go, render
from web.window import LATER, MOBILE, show_visit, token_of, visit_problem, with_token

AGES: Final[Mapping[str, str]] = {
    Age.ADULT.value: N_("18 or older"),
    Age.MINOR.value: N_("14 to 17"),
    Age.CHILD.value: N_("Under 14"),
}
BANDS: Final[Mapping[str, str]] = {
    Age.ADULT.value: AgeBand.ADULT.value,
    Age.MINOR.value: AgeBand.TEENAGER.value,
    Age.CHILD.value: AgeBand.CHILD.value,
}
GUARDIAN: Final = N_("Without the guardian’s agreement the office cannot take the complaint.")
AGREE: Final = N_("Without this the office cannot take the complaint.")
CHANGED: Final = N_("This text has changed since you opened the page. Please read it and answer once more.")
SAID: Final[Mapping[str, str]] = {
    "missing": NEEDED, "too_long": TOO_LONG, "bad_choice": BAD_CHOICE, "bad_phone": BAD_PHONE,
}  # fmt: skip
Offices = Sequence[Office]


@dataclass(frozen=True, slots=True)
class FilingStep:
    """One screen. `check` puts what is wrong into the form; `fields`: what is kept of it."""

    name: str
    fields: tuple[str, ...]
    check: Callable[[Form, Offices], None]


def _who(form: Form, _: Offices) -> None:
    """Of a minor the guardian; for a child the guardian agrees before anything else is asked (PIPL Art 31)."""
    age = form.values.get("age", "")
    if age not in AGES:
        form.errors["age"] = NEEDED
    if age in MINORS:
        form.text("guardian", needed=True, longest=40)
        form.text("relation", needed=True, longest=40)
        form.phone("guardian_phone")
    if age == Age.CHILD and form.values.get("consents") != "yes":
        form.errors["consents"] = GUARDIAN


def _title(form: Form, _: Offices) -> None:
    form.text("title", needed=True, longest=60)


def _story(form: Form, _: Offices) -> None:
    form.text("facts", needed=True)


def _business(form: Form, _: Offices) -> None:
    form.text("business_name", needed=True, longest=120)
    form.phone("business_phone")


def _place(form: Form, offices: Offices) -> None:
    form.text("business_city", longest=60)
    form.text("business_address", needed=True, longest=200)
    if len(offices) > 1:
        form.choice("office", tuple(one.id for one in offices))


def _wish(form: Form, _: Offices) -> None:
    if not form.text("request", longest=500) and not chosen(form.values):
        form.errors["request"] = NEEDED
    form.amount("amount")


def _name(form: Form, _: Offices) -> None:
    form.text("name", needed=True, longest=40)
    form.text("city", longest=60)
    form.text("address", needed=True, longest=200)  # Order 121 Art 10 item 1


def _phone(form: Form, _: Offices) -> None:
    form.phone("phone", needed=True)


def _nothing(form: Form, _: Offices) -> None:
    pass


STEPS: Final[Mapping[str, FilingStep]] = {
    step.name: step
    for step in (
        FilingStep("who", ("age", "guardian", "relation", "guardian_phone", "consents"), _who),
        FilingStep("title", ("title",), _title),
        FilingStep("story", ("facts",), _story),
        FilingStep("business", ("business_name", "business_phone"), _business),
        FilingStep("place", ("business_city", "business_address", "office"), _place),
        FilingStep("wish", ("request", "amount", "requests"), _wish),
        FilingStep("name", ("name", "city", "address"), _name),
        FilingStep("phone", ("phone",), _phone),
        FilingStep("check", (), _nothing),
    )
}
ORDER: Final = tuple(STEPS)
LAST: Final = ORDER[-1]


@anyone
async def start_page(request: web.Request) -> web.StreamResponse:
    return render(request, "window/start.html", begun=bool(await _typed(request)), first=ORDER[0])


@anyone
async def start(request: web.Request) -> web.StreamResponse:
    token = await request.app[WINDOW].begin(security.counted_as(request))
    return with_token(request, go(f"/file/{ORDER[0]}"), token)


@anyone
async def step_page(request: web.Request) -> web.StreamResponse:
    try:
        typed = await request.app[WINDOW].typed(token_of(request))
    except Refused:  # nothing was begun, or its hour is over
        return go("/file")
    return await _page(request, Form(dict(typed)))


@anyone
async def step(request: web.Request) -> web.StreamResponse:
    """Going back, and what a script keeps meanwhile, is kept as it is; going on only when it is right."""
    here, sent = STEPS[request.match_info["step"]], await request.post()
    form = Form.of(sent)
    if "requests" in here.fields:
        ticked = sent.getall("requests", ())
        form.values["requests"] = " ".join(value for value in complaints.REQUESTS if value in ticked)
    window, token = request.app[WINDOW], token_of(request)
    written = {name: form.values.get(name, "")[:4_000] for name in here.fields}
    await window.keep(token, written)
    where = str(sent.get("go", ""))
    if where == "keep":
        return web.Response(status=204)
    if where == "back":
        return go(f"/file/{ORDER[max(ORDER.index(here.name) - 1, 0)]}")
    if here.name == "who" and form.values.get("age") in MINORS and "guardian" not in sent:
        return await _page(request, form)  # what is asked of a guardian comes into view
    here.check(form, await window.offices())
    if not form.good:
        return await _page(request, form, 422)
    typed = dict(await window.typed(token))
    if here.name == LAST:
        said = {name: form.values.get(name, "") for name in ("agree", "edition")}
        return await _file(request, Form({**typed, **said}))
    return go(f"/file/{await missing(request, typed) if sent.get('again') else following(here.name)}")


async def _file(request: web.Request, form: Form) -> web.StreamResponse:
    if form.values.get("agree") != "yes":
        form.errors["agree"] = AGREE
        return await _page(request, form, 422)
    if form.values.get("edition", "") not in ("", consents.filing_version(request.app[SITE].retention_years)):
        form.errors["agree"] = CHANGED  # the page is from before an upgrade
        return await _page(request, Form({**form.values, "agree": ""}, form.errors), 422)
    lacking = await missing(request, form.values)
    if lacking != LAST:
        return go(f"/file/{lacking}")
    window = request.app[WINDOW]
    try:
        await window.file(token_of(request), await filing(request, form), security.counted_as(request))
    except Refused as no:
        if no.code in LATER:
            form.errors["agree"] = visit_problem(request, no)
            return await _page(request, form, no.status)
        if no.code not in SAID:
            raise
        wrong = str(no.params.get("field", "phone")).removeprefix("consumer_")
        at = next((one for one in STEPS.values() if wrong in one.fields), STEPS["phone"])
        again = Form(form.values, {wrong: MOBILE if wrong == "phone" else SAID[no.code]})
        return await _page(request, again, 422, at.name)
    return go("/file/code")


async def filing(request: web.Request, form: Form) -> WindowFiling:
    """Of a form in which nothing is missing."""
    offices, values = await request.app[WINDOW].offices(), form.values
    requests = chosen(values)
    named = "、".join(complaints.name(complaints.REQUESTS, value, "zh") for value in requests)
    return WindowFiling(
        office=offices[0].id if len(offices) == 1 else values.get("office", ""),
        title=form.text("title"),
        facts=form.text("facts"),
        request="；".join(filter(None, [named, form.text("request")])),
        requests=requests,
        amount=form.amount("amount"),
        name=form.text("name"),
        phone=form.phone("phone"),
        city=form.text("city"),
        address=form.text("address"),
        business_name=form.text("business_name"),
        business_phone=form.phone("business_phone"),
        business_city=form.text("business_city"),
        business_address=form.text("business_address"),
        language=i18n.language(request),
        agreed=consents.filing_version(request.app[SITE].retention_years),
        age_band=BANDS[values["age"]],
        guardian=form.text("guardian") if values["age"] in MINORS else "",
        relation=form.text("relation") if values["age"] in MINORS else "",
        guardian_phone=form.phone("guardian_phone") if values["age"] in MINORS else "",
        consents=values["age"] == Age.CHILD and values.get("consents") == "yes",
    )


async def _terms(request: web.Request, form: Form, version: str) -> list[consents.TextBlock]:
    """With the name of the authority that the complaint goes to."""
    offices = await request.app[WINDOW].offices()
    office = next((one for one in offices if len(offices) == 1 or one.id == form.values.get("office")), None)
    named = data_handler(office, i18n.words_for(request)) if office is not None else ""
    return consents.text(version, consents.FILING, i18n.language(request), named)


def chosen(values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(value for value in complaints.REQUESTS if value in values.get("requests", "").split())


def following(name: str) -> str:
    return ORDER[min(ORDER.index(name) + 1, len(ORDER) - 1)]


async def missing(request: web.Request, typed: Mapping[str, str]) -> str:
    """The first screen whose answer is not there or not right; the last when nothing is missing."""
    offices = await request.app[WINDOW].offices()
    for one in STEPS.values():
        form = Form(dict(typed))
        one.check(form, offices)
        if not form.good:
            return one.name
    return LAST


async def _typed(request: web.Request) -> Mapping[str, str]:
    try:
        return await request.app[WINDOW].typed(token_of(request)) if cookies.read(request, cookies.WINDOW) else {}
    except Refused:
        return {}


async def _page(request: web.Request, form: Form, status: int = 200, name: str = "") -> web.Response:
    language = i18n.language(request)
    name = name or request.match_info["step"]
    years = request.app[SITE].retention_years
    version = consents.filing_version(years)
    return await show_visit(
        request,
        "window/step.html",
        status,
        form=form,
        step=name,
        number=ORDER.index(name) + 1,
        of=len(ORDER),
        again=request.query.get("again") == "yes" or form.values.get("again") == "yes",
        requests=[(value, complaints.name(complaints.REQUESTS, value, language)) for value in complaints.REQUESTS],
        chosen=chosen(form.values),
        offices=await request.app[WINDOW].offices(),
        version=version,
        blocks=await _terms(request, form, version) if name == LAST else (),
        ages=AGES,
        minors=MINORS,
    )
