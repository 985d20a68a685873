"""Every form of every page, sent three times at the same moment by whoever may: two clicks, two windows, two nodes."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urljoin, urlsplit

import pytest
from aiohttp import ClientSession, DummyCookieJar, FormData, web
from lxml import html  # type: ignore[import-untyped]

from tests.server.access.test_odd_values import LAST, Everybody, everybody, no_traceback
from tests.web.client import Browser

__all__ = ["everybody", "no_traceback"]

TIMES = 3
PAGES = 2
"""So many of one route: the forms of a third are theirs once more."""
TYPED = {"date": date.today().isoformat(), "tel": "13800001111", "email": "a@example.com", "number": "1"}
WORDS = "说明经过，双方同意退还费用。"


@dataclass(frozen=True)
class Form:
    """As a browser sends it when one of its buttons is pressed. `file`: its name, "" for none."""

    action: str
    fields: tuple[tuple[str, str], ...]
    file: str
    multipart: bool


@dataclass
class Visitor:
    """Goes from page to page and sends what is found there. `bad`: what came to nothing, the first of each route."""

    person: Browser
    app: web.Application
    home: str
    connections: ClientSession
    seen: Counter[str] = field(default_factory=Counter)
    sent: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    bad: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)

    async def go(self, begin: list[str]) -> None:
        waiting = deque(begin)
        while waiting:
            page = waiting.popleft()
            route = self._route("GET", page)
            if not route or self.seen[route] >= PAGES:
                continue
            self.seen[route] += 1
            answer = await self.person.get(page)
            if answer.location:
                waiting.append(answer.location)
            if answer.text.strip() and answer.headers.get("Content-Type", "").startswith("text/html"):
                document = html.document_fromstring(answer.text)
                waiting += [urljoin(page, str(link)) for link in document.xpath("//a/@href")]
                for form in forms(document, page):
                    await self._send(form)

    async def _send(self, form: Form) -> None:
        route, names = self._route("POST", form.action), tuple(name for name, _ in form.fields)
        if route and route not in LAST and (route, names) not in self.sent:
            self.sent.add((route, names))
            told = await asyncio.gather(*(self._once(form) for _ in range(TIMES)))
            self.answers.update(told)
            if max(told) >= 500:
                self.bad.setdefault(route, f"{told} {form}"[:600])

    async def _once(self, form: Form) -> int:
        data = FormData(form.fields, quote_fields=False, default_to_multipart=form.multipart)
        if form.file:
            data.add_field(form.file, b"%PDF-1.4 one page", filename="a.pdf", content_type="application/pdf")
        async with (
            asyncio.timeout(60),
            self.connections.post(
                f"{self.home}{form.action}",
                data=data,
                headers=self.person.headers,
                cookies=self.person.cookies,
                allow_redirects=False,
            ) as answer,
        ):
            await answer.read()
            return answer.status

    def _route(self, method: str, address: str) -> str:
        """ "" of what is nobody's here."""
        parts = urlsplit(address)
        if parts.netloc or not parts.path.startswith("/"):
            return ""
        for resource in self.app.router.resources():
            known = any(route.method == method for route in resource)
            if known and resource._match(parts.path) is not None:  # type: ignore[attr-defined]
                return resource.canonical
        return ""


def forms(document: html.HtmlElement, page: str) -> Iterator[Form]:
    """Each as it stands, with something in what is empty, once for each of its buttons."""
    for form in document.xpath("//form[@method='post']"):
        filled = [(part.get("name"), _value(part)) for part in form.xpath(".//input|.//select|.//textarea")]
        fields = tuple((name, value) for name, value in dict(filled).items() if name and value is not None)
        file = form.xpath("string(.//input[@type='file']/@name)")
        for button in form.xpath(".//button[not(@type) or @type='submit']"):
            pressed = ((button.get("name"), button.get("value", "")),) if button.get("name") else ()
            action = button.get("formaction") or form.get("action") or page
            multipart = form.get("enctype") == "multipart/form-data"
            yield Form(urljoin(page, action), (*fields, *pressed), file, multipart)


def _value(part: html.HtmlElement) -> str | None:
    """None: nothing is sent of it."""
    if part.tag == "textarea":
        return part.text or WORDS
    if part.tag == "select":
        chosen = part.xpath(".//option[@selected]") or part.xpath(".//option")[-1:]
        return str(chosen[0].get("value", chosen[0].text)) if chosen else None
    kind = part.get("type", "text")
    if kind in ("file", "submit", "button"):
        return None
    return str(part.get("value") or TYPED.get(kind, WORDS[:4]))


@pytest.mark.long
async def test_a_form_sent_three_times_at_once_is_answered_each_time(everybody: Everybody) -> None:
    bad, answers = dict[str, str](), Counter[int]()
    async with ClientSession(cookie_jar=DummyCookieJar()) as connections:
        for who, person in everybody.files.people.items():
            home = f"http://127.0.0.1:{everybody.people[who].port}"
            visitor = Visitor(person, person.client.server.app, home, connections)  # type: ignore[attr-defined]
            ways = [path for path, access in everybody.routes("GET") if who in everybody.who(access)]
            await visitor.go([everybody.files.filled(path, {}) for path in ways])
            bad |= {f"{who} {route}": told for route, told in visitor.bad.items()}
            answers += visitor.answers
    assert not bad, "\n".join(f"{place}: {told}" for place, told in sorted(bad.items()))
    assert answers[303] > 300, answers
