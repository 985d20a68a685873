"""Messages that were sent or wait, and which of a carrier's templates says what one of ours does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from journal.refusals import Refused
from web import i18n
from web.http.forms import BAD_CHOICE, TOO_LONG, Form
from web.http.responses import leave_plain
from web.http.security import officer_page
from web.i18n import N_
from web.office.administration import MESSAGE_TEMPLATES, OUTBOX
from web.rendering import PAGE_SIZE, go, number, officer_in, posted, show

OUTCOMES: Final[Mapping[str, str]] = {
    "waiting": N_("Waiting"),
    "sent": N_("Given to the provider"),
    "arrived": N_("Arrived"),
    "dead": N_("Not delivered"),
}
STANDS: Final[Mapping[str, str]] = {
    **i18n.MESSAGE_STATES,
    "sent": N_("Given to the provider"),
    "arrived": N_("Arrived"),
}
TROUBLE_SAID: Final[Mapping[str, str]] = {
    "unreachable": N_("The provider could not be reached. It is tried again."),
    "credentials": N_("The provider does not accept this server’s key. Ask who runs the server."),
    "clock": N_("This server’s clock is wrong. Ask who runs the server."),
    "account": N_("The account at the provider is blocked or has no money left."),
    "signature": N_("The provider does not know the signature 【…】 of this office."),
    "template": N_("The provider does not take this text: its template is not approved there or does not fit."),
    "content": N_("The provider does not let these words pass. Call instead."),
    "flood": N_("This number had too many messages; the provider takes no more for now."),
    "number": N_("This number does not exist or takes no text messages. Check it, or call."),
    "off": N_("The phone was switched off or out of reach. Send it again later, or call."),
    "blocked": N_("The person or their operator refuses such messages. Call instead."),
    "unfollowed": N_("The person does not follow the official account any more."),
    "operator": N_("The operator did not deliver it. Send it again, or call."),
    "template_missing": N_("No template of the provider is entered for this text, so it is not sent. Call instead."),
    "template_waiting": N_("The provider has not approved the template for this text yet. Call instead."),
    "template_changed": N_("The text changed after it was approved and has to be registered again. Call instead."),
    "value_too_long": N_("A word in it is longer than the provider allows. Call instead."),
    "number_limit": N_("This number has had as many messages as are allowed; it waits. If it is urgent, call."),
    "office_limit": N_("The office has sent as many messages today as are allowed; it waits. If it is urgent, call."),
    "expired": N_("It could not be delivered while the code was good. A new code can be asked for."),
    "sealed": N_("It was sealed with another key and cannot be opened."),
}  # fmt: skip
APPROVAL_WORDS: Final[Mapping[str, str]] = {
    "approved": N_("approved"),
    "waiting": N_("submitted, not approved yet"),
    "refused": N_("refused by the provider"),
}
TEMPLATE_STATES: Final[Mapping[str, str]] = {
    **APPROVAL_WORDS,
    "": N_("not entered"),
    "changed": N_("text changed since, register it again"),
}
TEMPLATE_TONES: Final[Mapping[str, str]] = {"approved": "ok", "waiting": "warn", "changed": "seal", "refused": "seal"}
LANGUAGES: Final[Mapping[str, str]] = {"zh": N_("In Chinese"), "en": N_("In English")}
BAD_PARAMETERS: Final = N_("Each value in braces has to be named once, in whole; nothing else.")


@officer_page("mediator", "administrator")
async def messages(request: web.Request) -> web.StreamResponse:
    officer, page, outbox = officer_in(request), number(request, "page"), request.app[OUTBOX]
    outcome = request.query.get("outcome", "")
    outcome = outcome if outcome in OUTCOMES else ""
    sums = await outbox.sums(officer)
    provider = request.query.get("provider", "")
    provider = provider if provider in {one.connection for one in sums} else ""
    found, total = await outbox.messages(officer, page, outcome, provider)
    leave_plain(request)  # the demo's codes and links
    return show(
        request,
        "administration/outbox.html",
        "outbox",
        messages=found,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        stands=STANDS,
        tones=i18n.MESSAGE_TONES,
        said=TROUBLE_SAID,
        outcomes=OUTCOMES,
        outcome=outcome,
        provider=provider,
        query={name: value for name, value in (("outcome", outcome), ("provider", provider)) if value},
        sums=sums,
        with_templates=officer.role == "administrator" and bool(await request.app[MESSAGE_TEMPLATES].chosen(officer)),
    )


@officer_page("mediator", "administrator")
async def resend(request: web.Request) -> web.StreamResponse:
    await request.app[OUTBOX].resend(officer_in(request), request.match_info["message"])
    return go("/outbox")


def _language(request: web.Request) -> str:
    asked = request.query.get("language", "")
    return asked if asked in LANGUAGES else officer_in(request).office.writes("zh")[:2]


@officer_page("administrator")
async def message_templates(request: web.Request) -> web.StreamResponse:
    officer, book, language = officer_in(request), request.app[MESSAGE_TEMPLATES], _language(request)
    chosen = sorted(await book.chosen(officer))
    asked = request.query.get("connection", "")
    connection = asked if asked in chosen else next(iter(chosen), "")
    listed = await book.listed(officer, connection, language) if connection else ()
    return show(
        request,
        "administration/message_templates.html",
        "outbox",
        listed=listed,
        approved=sum(one.state == "approved" for one in listed),
        connection=connection,
        chosen=chosen,
        language=language,
        languages=LANGUAGES,
        states=TEMPLATE_STATES,
        tones=TEMPLATE_TONES,
    )


@officer_page("administrator")
async def message_template(request: web.Request) -> web.StreamResponse:
    return await _template_page(request, Form())


@officer_page("administrator")
async def enter_template(request: web.Request) -> web.StreamResponse:
    form, language = await posted(request), _language(request)
    connection, name = request.match_info["connection"], request.match_info["template"]
    typed = [form.text(field, longest=600) for field in ("code", "parameters", "state")]
    if form.good:
        try:
            await request.app[MESSAGE_TEMPLATES].enter(officer_in(request), connection, name, language, *typed)
        except Refused as no:
            if no.code not in ("bad_choice", "too_long"):
                raise
            field = str(no.params["field"])
            wrong = BAD_PARAMETERS if field == "parameters" else BAD_CHOICE
            form.errors[field] = TOO_LONG if no.code == "too_long" else wrong
    if not form.good:
        return await _template_page(request, form, 422)
    return go(f"/outbox/templates?connection={connection}&language={language}#{name}")


async def _template_page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    language, connection = _language(request), request.match_info["connection"]
    one = await request.app[MESSAGE_TEMPLATES].one(
        officer_in(request), connection, request.match_info["template"], language
    )
    for field, value in (("code", one.code), ("parameters", one.parameters)):
        form.values.setdefault(field, value)
    form.values.setdefault("state", one.state if one.state in APPROVAL_WORDS else "waiting")
    return show(
        request,
        "administration/message_template.html",
        "outbox",
        status,
        one=one,
        connection=connection,
        language=language,
        states=TEMPLATE_STATES,
        tones=TEMPLATE_TONES,
        approvals=[(value, i18n.words_for(request).gettext(said)) for value, said in APPROVAL_WORDS.items()],
        form=form,
    )


def register_messages(app: web.Application) -> None:
    app.router.add_get("/outbox", messages, name="outbox")
    app.router.add_post("/outbox/{message}/resend", resend, name="outbox_resend")
    app.router.add_get("/outbox/templates", message_templates, name="message_templates")
    app.router.add_get("/outbox/templates/{connection}/{template}", message_template, name="message_template")
    app.router.add_post("/outbox/templates/{connection}/{template}", enter_template)
