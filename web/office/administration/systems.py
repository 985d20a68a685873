"""Other systems: tokens, senders, subscriptions; officers' own tokens; and other bureaus' installations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Final

from aiohttp import web

from complaints.channels.mapping import IMPORTED
from journal.refusals import Refused
from offices import may_scope
from offices.systems import (
    CALENDAR,
    CELL_PREFIX,
    LASTS_MOST,
    OWN_SCOPES,
    RELATIONS,
    SYSTEM_SCOPES,
    ConnectionKind,
    ConnectionState,
)
from web import SITE
from web.http.forms import BAD_CHOICE, NEEDED, Form, now
from web.http.responses import leave_plain
from web.http.security import officer_page
from web.i18n import CHANNELS, N_, words_for
from web.office.administration import CELLS, CONNECTIONS, HOOKS, INTAKE, SYSTEMS
from web.office.complaints import CELL_REPORTS
from web.rendering import go, officer_in, posted, show, today

SCOPE_WORDS: Final[Mapping[str, str]] = {
    "complaints:read": N_("Read complaints; personal numbers stay masked"),
    "complaints:write": N_("Register complaints"),
    "mediations:write": N_("Record mediations by telephone or on site"),
    "statistics:read": N_("Read figures"),
    "screen": N_("Show the big screen"),
    "calendar": N_("Show my calendar in another program"),
    "scim": N_("Make, change and close accounts as a directory does (SCIM)"),
}
FOREIGN: Final = N_("This installation does not call this address; ask who runs it (YUNTIAO_HOOK_ORIGINS).")
BAD_LAST: Final = N_("Choose a day from today to a year from now.")
NO_SYSTEM_SCOPE: Final = N_("Choose what the system may do.")


@officer_page("administrator")
async def systems(request: web.Request) -> web.StreamResponse:
    return await _systems_page(request, Form())


async def _systems_page(
    request: web.Request,
    form: Form,
    status: int = 200,
    token: str = "",
    secret: tuple[str, str] | None = None,
    screen: str = "",
) -> web.Response:
    """`token`, `secret` (of which sender) and `screen` (a token) are shown this once: nothing may keep the page."""
    officer = officer_in(request)
    known = await request.app[SYSTEMS].tokens(officer)
    for field in ("last", "screen_last"):
        form.values.setdefault(field, (today(request) + timedelta(days=365)).isoformat())
    if token or secret or screen:
        leave_plain(request)
    response = show(
        request,
        "administration/systems.html",
        "systems",
        status,
        known=known,
        hooks=await request.app[HOOKS].hooks(officer) if request.app[HOOKS].possible else None,
        undelivered=await request.app[HOOKS].undelivered(officer),
        senders=await request.app[INTAKE].senders(officer),
        form=form,
        token=token,
        secret=secret,
        screen=f"{request.app[SITE].public_url}/screen#{screen}" if screen else "",
        scopes=SCOPE_WORDS,
        to_give=SYSTEM_SCOPES,
        directory=f"{request.app[SITE].public_url}/scim/v2",
        at=now(request),
        channels=[(channel, words_for(request).gettext(CHANNELS[channel])) for channel in IMPORTED],
        address=f"{request.app[SITE].public_url}/api/intake/",
    )
    if token or secret or screen:
        response.headers["Cache-Control"] = "no-store"
    return response


@officer_page("administrator")
async def issue_token(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself: the token must not be in any address, and is shown once."""
    form = await posted(request)
    name, scopes = (
        form.text("name", needed=True, longest=60),
        [scope for scope in SYSTEM_SCOPES if scope in form.values],
    )
    if not name:
        form.errors["name"] = NEEDED
    if not scopes:
        form.errors["scopes"] = NO_SYSTEM_SCOPE
    system, officer = request.app[SYSTEMS], officer_in(request)
    token = await _issued(form, "last", lambda last: system.issue(officer, name, scopes, last))
    return await _systems_page(request, Form() if token else form, 200 if token else 422, token=token)


async def _issued(form: Form, day: str, issue: Callable[[date], Awaitable[str]], no_scope: str = "") -> str:
    """The token; or "", and the form says what is wrong with it."""
    last = form.day(day)
    if last is None:
        form.errors.setdefault(day, BAD_LAST)
    if not form.good or last is None:
        return ""
    try:
        return await issue(last)
    except Refused as no:
        if no.code == "bad_day":
            form.errors[day] = BAD_LAST
        elif no.code == "missing" and no_scope:
            form.errors["scopes"] = no_scope
        elif no.code == "calendar_alone":
            form.errors["scopes"] = CALENDAR_ALONE
        else:
            raise
        return ""


@officer_page("administrator")
async def issue_screen(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself, as `issue_token`."""
    form = await posted(request)
    name, officer = form.text("screen_name", needed=True, longest=60), officer_in(request)
    token = await _issued(form, "screen_last", lambda last: request.app[SYSTEMS].issue_screen(officer, name, last))
    return await _systems_page(request, Form() if token else form, 200 if token else 422, screen=token)


@officer_page("administrator")
async def revoke_system_token(request: web.Request) -> web.StreamResponse:
    await request.app[SYSTEMS].revoke(officer_in(request), request.match_info["token"])
    return go("/systems")


@officer_page("administrator")
async def admit(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    name, channel = form.text("sender_name", needed=True, longest=60), form.values.get("channel", "")
    if channel not in IMPORTED:
        form.errors["channel"] = BAD_CHOICE
    if not form.good:
        return await _systems_page(request, form, 422)
    return await _systems_page(
        request, Form(), secret=await request.app[INTAKE].admit(officer_in(request), name, channel)
    )


@officer_page("administrator")
async def renew(request: web.Request) -> web.StreamResponse:
    sender = request.match_info["sender"]
    return await _systems_page(
        request, Form(), secret=(sender, await request.app[INTAKE].renew(officer_in(request), sender))
    )


@officer_page("administrator")
async def revoke_sender(request: web.Request) -> web.StreamResponse:
    await request.app[INTAKE].revoke(officer_in(request), request.match_info["sender"])
    return go("/systems")


@officer_page("administrator")
async def subscribe(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    name, url = form.text("hook_name", needed=True, longest=60), form.text("url", needed=True, longest=500)
    if form.good:
        try:
            secret = await request.app[HOOKS].subscribe(officer_in(request), name, url)
        except Refused as no:
            if no.code != "foreign_address":
                raise
            form.errors["url"] = FOREIGN
        else:
            return await _systems_page(request, Form(), secret=secret)
    return await _systems_page(request, form, 422)


@officer_page("administrator")
async def unsubscribe(request: web.Request) -> web.StreamResponse:
    await request.app[HOOKS].revoke(officer_in(request), request.match_info["hook"])
    return go("/systems")


@officer_page("administrator")
async def resend(request: web.Request) -> web.StreamResponse:
    await request.app[HOOKS].resend(officer_in(request), request.match_info["delivery"])
    return go("/systems")


def register_systems(app: web.Application) -> None:
    app.router.add_get("/systems", systems, name="systems")
    app.router.add_post("/systems", issue_token)
    app.router.add_post("/systems/screens", issue_screen, name="screens")
    app.router.add_post("/systems/{token}/revoke", revoke_system_token, name="system_revoke")
    app.router.add_post("/systems/senders", admit, name="senders")
    app.router.add_post("/systems/senders/{sender}/renew", renew, name="sender_renew")
    app.router.add_post("/systems/senders/{sender}/revoke", revoke_sender, name="sender_revoke")
    app.router.add_post("/systems/hooks", subscribe, name="hooks")
    app.router.add_post("/systems/hooks/{hook}/revoke", unsubscribe, name="hook_revoke")
    app.router.add_post("/systems/deliveries/{delivery}/resend", resend, name="hook_resend")
    app.router.add_get("/systems/connections", connections, name="connections")
    app.router.add_post("/systems/connections/{kind}/{connection}/test", test_connection, name="connection_test")
    app.router.add_get("/systems/cells", cells, name="cells")
    app.router.add_post("/systems/cells", admit_cell)
    app.router.add_post("/systems/cells/{cell}/test", test_cell, name="cell_test")
    app.router.add_post("/systems/cells/{cell}/revoke", revoke_cell, name="cell_revoke")


# ---------------------------------------------------------------- what the installation is connected to

KIND_WORDS: Final[Mapping[ConnectionKind, str]] = {
    "sign_on": N_("Sign-on"),
    "messages": N_("Text messages and the like"),
    "phone": N_("Telephone"),
    "seal": N_("Seals and national cryptography"),
    "exchange": N_("Exchange with platforms"),
    "identity": N_("Real-name check"),
}
FAULT_SAID: Final[Mapping[str, str]] = {
    "unreachable": N_("Nobody answers there. Check the address and whether this server may reach it."),
    "slow": N_("It did not answer in time."),
    "refused": N_("It does not accept who we say we are. Check account and secret."),
    "not_understood": N_("It gave an answer that cannot be used."),
    "forged": N_("Its answer is not signed as agreed and was not used."),
    "clock": N_("Its clock and ours are too far apart. Set this server’s clock."),
    "not_ready": N_("It has not set up for us yet what this needs."),
    "limit": N_("It takes no more from us just now."),
    "bad_input": N_("It does not take what was sent."),
}
WANTED: Final[Mapping[str, str]] = {"phone": N_("Mobile number"), "email": N_("E-mail address")}


@officer_page("administrator")
async def connections(request: web.Request) -> web.StreamResponse:
    return await _connections_page(request, Form())


async def _connections_page(
    request: web.Request, form: Form, status: int = 200, tested: ConnectionState | None = None
) -> web.Response:
    states = await request.app[CONNECTIONS].states(officer_in(request))
    return show(
        request,
        "administration/connections.html",
        "systems",
        status,
        states=states,
        kinds=KIND_WORDS,
        said=FAULT_SAID,
        wanted=WANTED,
        tested=tested,
        form=form,
    )


@officer_page("administrator")
async def test_connection(request: web.Request) -> web.StreamResponse:
    form, officer, desk = await posted(request), officer_in(request), request.app[CONNECTIONS]
    kind, name = request.match_info["kind"], request.match_info["connection"]
    given = ""
    if wants := next((one.wants for one in await desk.states(officer) if (one.kind, one.name) == (kind, name)), ""):
        given = form.text(f"given-{kind}-{name}", needed=True, longest=100)
    if not form.good:
        return await _connections_page(request, form, 422)
    assert wants or not given
    return await _connections_page(request, Form(), tested=await desk.test(officer, kind, name, given))


# ---------------------------------------------------------------- other bureaus' installations

RELATION_WORDS: Final[Mapping[str, str]] = {
    "peer": N_("A bureau beside ours"),
    "above": N_("The bureau above ours: it reads our figures"),
    "below": N_("A bureau below ours: we read its figures"),
}
TROUBLE: Final[Mapping[str, str]] = {
    "unknown_sender": N_("It does not know this installation yet: its administrator has to enter the key above."),
    "bad_signature": N_("Its key is not the one entered here, or ours is not the one entered there."),
    "not_for_us": N_("Another installation answers there."),
    "stale": N_("Its clock or ours is wrong by more than five minutes."),
    "not allowed": N_("This installation does not call this address; ask who runs it (YUNTIAO_CELL_ORIGINS)."),
    "not known": N_("It was revoked here."),
    "unreachable": N_("Nobody answers at this address."),
    "declined": N_("It does not take this in."),
}
OTHER_TROUBLE: Final = N_("It gave no answer that can be used.")
BAD_KEY: Final = N_(
    "Copy the whole key from the other installation’s page; it is neither our own nor another office’s."
)
FOREIGN_CELL: Final = N_(
    "It begins with https:// and is one that this installation calls; ask who runs it (YUNTIAO_CELL_ORIGINS)."
)
WRONG_CELL: Final = {"bad_choice": BAD_KEY, "foreign_address": FOREIGN_CELL, "missing": NEEDED}


def trouble(reason: str) -> str:
    """In a sentence, what came back of a try (`server.cells`)."""
    return next((text for code, text in TROUBLE.items() if code in reason), OTHER_TROUBLE)


@officer_page("administrator")
async def cells(request: web.Request) -> web.StreamResponse:
    form, wanted = Form(), request.query.get("change", "")
    for one in await request.app[CELLS].cells(officer_in(request)):
        if one.id == wanted:
            form.values |= {"name": one.name, "address": one.address, "key": one.key, "relation": one.relation}
    return await _cells_page(request, form)


async def _cells_page(
    request: web.Request, form: Form, status: int = 200, tested: tuple[str, str, str] | None = None
) -> web.Response:
    """`tested`: which, why not, and the office that answered."""
    officer, desk = officer_in(request), request.app[CELLS]
    try:
        own = await desk.own()
    except Refused:
        own = None
    known = await desk.cells(officer)
    return show(
        request,
        "administration/cells.html",
        "systems",
        status,
        own=own,
        possible=desk.possible,
        address=request.app[SITE].public_url,
        known=known,
        names={one.id: one.name for one in known},
        untaken=await desk.untaken(officer),
        reported=CELL_REPORTS,
        relations=[(one, words_for(request).gettext(text)) for one, text in RELATION_WORDS.items()],
        tested=tested,
        trouble=trouble,
        form=form,
    )


@officer_page("administrator")
async def admit_cell(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    name, address = form.text("name", needed=True, longest=60), form.text("address", needed=True, longest=300)
    key, relation = form.text("key", needed=True, longest=300), form.choice("relation", RELATIONS)
    if form.good:
        try:
            await request.app[CELLS].admit(officer_in(request), name, address, key, relation)
        except Refused as no:
            if no.code not in WRONG_CELL:
                raise
            form.errors[str(no.params.get("field", "key"))] = WRONG_CELL[no.code]
        else:
            return go("/systems/cells")
    return await _cells_page(request, form, 422)


@officer_page("administrator")
async def test_cell(request: web.Request) -> web.StreamResponse:
    cell = CELL_PREFIX + request.match_info["cell"]
    return await _cells_page(request, Form(), tested=(cell, *await request.app[CELLS].test(officer_in(request), cell)))


@officer_page("administrator")
async def revoke_cell(request: web.Request) -> web.StreamResponse:
    await request.app[CELLS].revoke(officer_in(request), CELL_PREFIX + request.match_info["cell"])
    return go("/systems/cells")


NO_OWN_SCOPE: Final = N_("Choose what the program may do.")
CALENDAR_ALONE: Final = N_("The address of a calendar opens nothing else. Make another token for the rest.")


@officer_page("mediator", "supervisor")
async def tokens(request: web.Request) -> web.StreamResponse:
    return await _own_tokens_page(request, Form())


@officer_page("mediator", "supervisor")
async def make_own_token(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself: the token must not be in any address, and is shown once."""
    officer, form = officer_in(request), await posted(request)
    name = form.text("name", needed=True, longest=60)
    scopes = [scope for scope in OWN_SCOPES.get(officer.role, ()) if scope in form.values]
    if not scopes:
        form.errors["scopes"] = NO_OWN_SCOPE
    own = request.app[SYSTEMS].issue_own
    token = await _issued(form, "last", lambda last: own(officer, name, scopes, last), NO_OWN_SCOPE)
    subscribes = scopes == [CALENDAR]
    return await _own_tokens_page(request, Form() if token else form, 200 if token else 422, token, subscribes)


@officer_page("mediator", "supervisor")
async def revoke_own_token(request: web.Request) -> web.StreamResponse:
    await request.app[SYSTEMS].revoke_own(officer_in(request), request.match_info["token"])
    return go("/account/tokens")


async def _own_tokens_page(
    request: web.Request, form: Form, status: int = 200, token: str = "", subscribes: bool = False
) -> web.Response:
    """`subscribes`: the token is shown as the address of a calendar."""
    officer = officer_in(request)
    day = today(request)
    form.values.setdefault("last", (day + timedelta(days=90)).isoformat())
    if token:
        leave_plain(request)
    response = show(
        request,
        "administration/tokens.html",
        "account",
        status,
        known=await request.app[SYSTEMS].own(officer),
        form=form,
        token=token,
        feed=f"{request.app[SITE].public_url}/calendar-feed/{token}.ics" if subscribes else "",
        scopes={one: SCOPE_WORDS[one] for one in OWN_SCOPES.get(officer.role, ()) if may_scope(officer, one)},
        day=day,
        most=day + LASTS_MOST,
        at=now(request),
    )
    if token:
        response.headers["Cache-Control"] = "no-store"
    return response
