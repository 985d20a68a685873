"""A provider's templates: what an office registers with it, what it is told of one message, and the page about them.

Its parameters are written `[theirs=]ours[:part/of]`, with spaces between: `code=code`, `number starts secret:1/2
secret:2/2`. Ours are the values of templates.toml; `secret` is what of a link is different in each message, for
providers take no links in values; a value that is too long for one is cut into equal parts. What is not named there has
to be the office's own (its name, its number, the beginning of a link) and stands in the template as it is. A change of
any of that makes what was approved another text, and it is not sent until somebody has looked at it again.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Final

from journal.refusals import Refused
from offices import Office, Officer, require_role
from offices.systems import MessageTemplate
from server.outbox import Template, Wording, known_templates, plain
from server.outbox.notifiers import Filled, NotDelivered, Trouble
from server.outbox.store import APPROVALS, StoredTemplate, TemplateStore

MOST_CODE: Final = 64
MOST_PARAMETERS: Final = 500
_PARAMETER = re.compile(r"(?:([A-Za-z0-9_]{1,32})=)?([a-z_]{1,32})(?::([1-9])/([1-9]))?")


@dataclass(frozen=True, slots=True)
class Parameter:
    theirs: str
    ours: str
    part: int = 1
    of: int = 1

    @property
    def mark(self) -> str:
        return "{%s}" % (self.ours if self.of == 1 else f"{self.ours}:{self.part}/{self.of}")

    def value(self, wording: Wording, path: str) -> str:
        whole = wording.values.get("url", "").rpartition(path)[2] if self.ours == "secret" else ""
        whole = whole or wording.values.get(self.ours, "")
        at = [round(len(whole) * n / self.of) for n in (self.part - 1, self.part)]
        return whole[at[0] : at[1]]


def parameters(written: str) -> list[Parameter]:
    """ValueError."""
    found = []
    for one in written.split():
        if (read := _PARAMETER.fullmatch(one)) is None:
            raise ValueError(one)
        theirs, ours, part, of = read.groups()
        if part and int(part) > int(of):
            raise ValueError(one)
        suffix = part if part and int(of) > 1 else ""
        found.append(Parameter(theirs or ours + suffix, ours, int(part or 1), int(of or 1)))
    return found


def registered(template: Template, language: str, office: Office, site: str, of: Sequence[Parameter]) -> str:
    """The text as it is registered, parameters in braces. ValueError: the name of what is neither told nor its own."""
    by: dict[str, list[Parameter]] = {}
    for one in of:
        by.setdefault(one.ours, []).append(one)
    for name, cut in by.items():
        if [one.part for one in cut] != list(range(1, cut[0].of + 1)) or any(one.of != cut[0].of for one in cut):
            raise ValueError(name)
    own = {"office": plain(office.name), "phone": office.phone, "site": site}
    used: set[str] = set()
    said = ""
    for literal, field, _, _ in Formatter().parse(template.text(language)):
        said += literal
        if not (name := field or ""):
            continue
        if name in by:
            used.add(name)
            said += "".join(one.mark for one in by[name])
        elif name in own:
            said += own[name]
        elif name == "url" and template.path and not template.path.endswith("/"):
            said += site + template.path
        elif name == "url" and "secret" in by and template.path:
            used.add("secret")
            said += site + template.path + "".join(one.mark for one in by["secret"])
        else:
            raise ValueError(name)
    if unknown := set(by) - used:
        raise ValueError(min(unknown))
    return said


def suggested(template: Template, language: str, longest: int) -> str:
    found = []
    for name in template.parameters(language):
        if name != "url":
            found.append(name)
        elif template.path.endswith("/"):
            of = -(-_SECRET // longest)
            found += ["secret"] if of == 1 else [f"secret:{n}/{of}" for n in range(1, of + 1)]
    return " ".join(found)


_SECRET: Final = 24  # characters of a link that are its own


class MessageTemplates:
    """`line`: ids of the offices above one, the nearest first; `connections`: of those an office's messages may go by,
    which take templates only, and how long a value may be."""

    def __init__(
        self,
        store: TemplateStore,
        office: Callable[[str], Awaitable[Office | None]],
        line: Callable[[str], Awaitable[Sequence[str]]],
        site: str,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._office, self._line, self._site, self._now = store, office, line, site, now
        self.connections: Callable[[str], Awaitable[dict[str, int]]] = _none

    async def filled(self, connection: str, office: str, wording: Wording, longest: int) -> Filled:
        """NotDelivered, final, in words of the page."""
        if not wording.template:
            raise _missing("template_missing", "it was written before there were templates")
        offices = [office, *await self._line(office)]
        row = await self._store.find(connection, offices, wording.template, wording.language)
        own = await self._office(office)
        if row is None or own is None:
            raise _missing("template_missing", f"no template is entered for {wording.template}")
        if row.state != "approved":
            raise _missing("template_waiting", f"the template for {wording.template} is not approved")
        template, read = known_templates()[wording.template], parameters(row.parameters)
        try:
            if registered(template, wording.language, own, self._site, read) != row.wording:
                raise ValueError
        except ValueError:
            raise _missing(
                "template_changed", f"the text of {wording.template} changed since it was approved"
            ) from None
        values = [(one.theirs, one.value(wording, template.path)) for one in read]
        if wrong := [name for name, value in values if not 0 < len(value) <= longest]:
            raise _missing("value_too_long", f"{wrong[0]} does not fit the template for {wording.template}")
        return Filled(row.code, tuple(values))

    # ------------------------------------------------------------ the page

    async def chosen(self, officer: Officer) -> dict[str, int]:
        require_role(officer, "administrator")
        return await self.connections(officer.office.id)

    async def listed(self, officer: Officer, connection: str, language: str) -> Sequence[MessageTemplate]:
        """Refused: not_found."""
        longest = await self._longest(officer, connection)
        rows = await self._store.of_office(officer.office.id, connection, language)
        every = known_templates().values()
        return [self._shown(officer.office, one, language, longest, rows.get(one.name)) for one in every]

    async def one(self, officer: Officer, connection: str, name: str, language: str) -> MessageTemplate:
        longest, template = await self._longest(officer, connection), known_templates().get(name)
        if template is None:
            raise Refused("not_found", 404)
        rows = await self._store.of_office(officer.office.id, connection, language)
        return self._shown(officer.office, template, language, longest, rows.get(name))

    async def enter(
        self, officer: Officer, connection: str, name: str, language: str, code: str, written: str, state: str
    ) -> None:
        """A code of "" takes it out. Refused: not_found, too_long, bad_choice (field)."""
        await self._longest(officer, connection)
        template = known_templates().get(name)
        if template is None or language not in ("zh", "en"):
            raise Refused("not_found", 404)
        code, written = code.strip(), " ".join(written.split())
        if not code:
            await self._store.remove(officer.office.id, connection, name, language)
            return
        if len(code) > MOST_CODE or not code.isascii() or not code.isprintable():
            raise Refused("bad_choice", 422, field="code")
        known = next((one for one in APPROVALS if one == state), None)
        if known is None:
            raise Refused("bad_choice", 422, field="state")
        if len(written) > MOST_PARAMETERS:
            raise Refused("too_long", 422, field="parameters", most=MOST_PARAMETERS)
        try:
            said = registered(template, language, officer.office, self._site, parameters(written))
        except ValueError:
            raise Refused("bad_choice", 422, field="parameters") from None
        await self._store.put(
            StoredTemplate(
                officer.office.id, connection, name, language, code, written, said, known, self._now(), officer.id
            )
        )  # fmt: skip

    async def _longest(self, officer: Officer, connection: str) -> int:
        if (longest := (await self.chosen(officer)).get(connection)) is None:
            raise Refused("not_found", 404)
        return longest

    def _shown(
        self, office: Office, template: Template, language: str, longest: int, row: StoredTemplate | None
    ) -> MessageTemplate:
        written = row.parameters if row else suggested(template, language, longest)
        try:
            said = registered(template, language, office, self._site, parameters(written))
        except ValueError:
            said = template.text(language)
        state = "" if row is None else "changed" if said != row.wording else row.state
        code, changed = (row.code, row.changed) if row else ("", None)
        return MessageTemplate(template.name, said, code, written, state, changed)


async def _none(_office: str) -> dict[str, int]:
    return {}


def _missing(trouble: Trouble, what: str) -> NotDelivered:
    return NotDelivered(what, final=True, trouble=trouble)
