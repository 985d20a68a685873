"""A whole mediation played over the real paths: pages, forms, Socket.IO and WebRTC, with synthetic people.

Here is what a rehearsal found: each step with its time, the figures, and whether everything held. And who walks through
its pages: somebody with a browser but no script, who follows links, fills in forms, keeps cookies. What they cannot do,
a person on an old phone cannot do either.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import aiohttp
from yarl import URL


class Failed(Exception):
    """A step did not hold; the text says what was expected."""


@dataclass
class RehearsalStep:
    name: str
    ok: bool
    seconds: float
    detail: str = ""


@dataclass
class RehearsalReport:
    """Collects steps; the first that fails ends the story. `figures` end in their unit."""

    steps: list[RehearsalStep] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    received: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=dict)
    complaint: dict[str, Any] = field(default_factory=dict)
    recording: dict[str, Any] = field(default_factory=dict)
    timing: dict[str, Any] = field(default_factory=dict)
    package: dict[str, Any] = field(default_factory=dict)  # as `yuntiao verify --json` says
    started: float = field(default_factory=time.monotonic)

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step.ok for step in self.steps)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step and note how it ended; what it raises goes on."""
        began = time.monotonic()
        try:
            yield
        except BaseException as fault:
            detail = f"{type(fault).__name__}: {fault}"
            self.steps.append(RehearsalStep(name, False, round(time.monotonic() - began, 3), detail[:2000]))
            raise
        self.steps.append(RehearsalStep(name, True, round(time.monotonic() - began, 3)))

    def json(self) -> dict[str, Any]:
        """The whole report as plain values."""
        return {
            "ok": self.ok,
            "machine": {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()},
            "seconds": round(time.monotonic() - self.started, 2),
            "steps": [asdict(step) for step in self.steps],
            "figures": self.figures,
            "received": self.received,
            "outcome": self.outcome,
            "complaint": self.complaint,
            "recording": self.recording,
            "timing": self.timing,
            "package": self.package,
        }


def expect(holds: object, what: str) -> None:
    """Failed(what) unless it holds."""
    if not holds:
        raise Failed(what)


class PageFault(Exception):
    """A page did not hold what the story expects of it; the text names the page and the lack."""


@dataclass
class FilledForm:
    """A form with the values a browser would send if nothing were touched."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


@dataclass
class Page:
    """A fetched page: its address after redirects, its text, links, forms and data blocks."""

    url: str
    status: int
    text: str
    links: list[str] = field(default_factory=list)
    forms: list[FilledForm] = field(default_factory=list)
    words: str = ""
    values: list[str] = field(default_factory=list)  # of data-copy attributes and read-only inputs

    def form(self, part: str = "", field_name: str = "") -> FilledForm:
        """The first form whose action contains `part` (and that has the field); PageFault without one."""
        for form in self.forms:
            if part in form.action and (not field_name or field_name in form.names):
                return form
        raise PageFault(f"{self.url} has no form for {part!r} {field_name}: {[f.action for f in self.forms]}")

    def link(self, part: str) -> str:
        for link in self.links:
            if part in link:
                return link
        raise PageFault(f"{self.url} has no link to {part!r}")


class _FormReader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.url = url
        self.links: list[str] = []
        self.forms: list[FilledForm] = []
        self.by_id: dict[str, FilledForm] = {}
        self.values: list[str] = []
        self.words: list[str] = []
        self._form: FilledForm | None = None
        self._select: tuple[FilledForm, str, bool] | None = None
        self._area: tuple[FilledForm, str] | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if "data-copy" in a:
            self.values.append(a["data-copy"])
        match tag:
            case "a" if "href" in a:
                self.links.append(urljoin(self.url, a["href"]))
            case "form":
                action = urljoin(self.url, a.get("action", "") or self.url)
                self._form = FilledForm(action, a.get("method", "get").lower())
                self.forms.append(self._form)
                if "id" in a:
                    self.by_id[a["id"]] = self._form
            case "input" | "select" | "textarea" | "button":
                self._control(tag, a)
            case "option" if self._select is not None:
                form, name, chosen = self._select
                if "selected" in a or not chosen:
                    form.fields[name] = a.get("value", "")
                    self._select = form, name, True
            case "script" | "style":
                self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._form = None
            case "select":
                self._select = None
            case "textarea":
                self._area = None
            case "script" | "style":
                self._silent -= 1

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            form, name = self._area
            form.fields[name] += data
        elif not self._silent:
            self.words.append(data)

    def _control(self, tag: str, a: dict[str, str]) -> None:
        form = self.by_id.get(a["form"]) if "form" in a else self._form
        name = a.get("name", "")
        if tag == "input" and "readonly" in a:
            self.values.append(a.get("value", ""))
        if form is None or not name or "disabled" in a:
            return
        form.names.add(name)
        kind = a.get("type", "text")
        if tag == "select":
            self._select = form, name, False
        elif tag == "textarea":
            form.fields[name] = ""
            self._area = form, name
        elif tag == "button" or kind in ("submit", "image", "button"):
            return  # sent only when it is the one pressed: the caller names it
        elif kind in ("radio", "checkbox"):
            if "checked" in a:
                form.fields[name] = a.get("value", "on")
        else:
            form.fields[name] = a.get("value", "")


class Visitor:
    """One person's browser. Use as an async context manager. `tls` knows the authorities it trusts; none: the usual.
    `source`: the address it connects from, where it matters."""

    def __init__(
        self,
        base: str,
        *,
        language: str = "zh",
        headers: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        source: str = "",
    ) -> None:
        self.base = base
        self._tls = tls
        self._source = source
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # the throw-away server is an IP address
            connector=self.connector(),
            headers={"Accept-Language": language, "User-Agent": "YuntiaoRehearsal/1", **(headers or {})},
            timeout=aiohttp.ClientTimeout(total=20),
        )

    async def __aenter__(self) -> Visitor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    def connector(self) -> aiohttp.TCPConnector:
        """For a further connection from the same place that trusts the same."""
        return aiohttp.TCPConnector(ssl=self._tls or True, local_addr=(self._source, 0) if self._source else None)

    @property
    def cookies(self) -> str:
        """As a Cookie header, for the Socket.IO handshake."""
        jar = self._http.cookie_jar.filter_cookies(URL(self.base))
        return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())

    async def get(self, path: str) -> Page:
        async with self._http.get(urljoin(self.base + "/", path)) as response:
            return await self._page(response)

    async def json(self, path: str) -> Any:
        async with self._http.get(urljoin(self.base + "/", path)) as response:
            response.raise_for_status()
            return await response.json()

    async def download(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """Status and bytes of any file."""
        async with self._http.get(urljoin(self.base + "/", path), headers=headers) as response:
            return response.status, await response.read()

    async def submit(self, page: Page, form: FilledForm, **fields: str) -> Page:
        """Send a form as a browser would, and follow to the page it leads to; PageFault above status 399."""
        data = {**form.fields, **fields}
        headers = {"Origin": self.base, "Referer": page.url, "Sec-Fetch-Site": "same-origin"}
        if form.method == "get":
            request = self._http.get(form.action, params=data)
        else:
            request = self._http.post(form.action, data=data, headers=headers)
        async with request as response:
            result = await self._page(response)
        if result.status >= 400:
            raise PageFault(f"{form.action} answered {result.status}: {' '.join(result.words.split())[:300]}")
        return result

    async def send_file(self, page: Page, form: FilledForm, name: str, content: bytes, **fields: str) -> int:
        """Send a form with one file in its field `file`; the status that came back, redirects not followed."""
        data = aiohttp.FormData({**form.fields, **fields}, quote_fields=False)
        data.add_field("file", content, filename=name, content_type="application/octet-stream")
        headers = {"Origin": self.base, "Referer": page.url, "Sec-Fetch-Site": "same-origin"}
        async with self._http.post(form.action, data=data, headers=headers, allow_redirects=False) as response:
            return response.status

    async def send_json(self, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Status and answer of a request as a page's script makes it; `body`: bytes as they are, None for none."""
        sent = {"data": body} if isinstance(body, bytes) else {} if body is None else {"json": body}
        async with self._http.post(urljoin(self.base + "/", path), headers=headers, **sent) as response:
            whole = await response.read()
            return response.status, json.loads(whole) if response.content_type == "application/json" else None

    async def _page(self, response: aiohttp.ClientResponse) -> Page:
        text = await response.text() if response.content_type == "text/html" else ""
        url = str(response.url)
        reader = _FormReader(url)
        reader.feed(text)
        return Page(url, response.status, text, reader.links, reader.forms, " ".join(reader.words), reader.values)
