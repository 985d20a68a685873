"""A browser without script for the tests of pages: keeps cookies, fills forms, does not follow redirects."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import ClientResponse, FormData, web
from aiohttp.test_utils import TestClient, TestServer

from web.http import cookies

AiohttpClient = Callable[..., Awaitable[TestClient[web.Request, web.Application]]]


@dataclass
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]
    location: str = ""


@dataclass
class Browser:
    client: TestClient[web.Request, web.Application]
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    token: str = ""  # of the last page's forms

    async def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        response = await self.client.request(
            method, path, headers={**self.headers, **headers}, cookies=self.cookies, allow_redirects=False
        )
        return await self._answer(response)

    async def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """With the form token of the last page, unless `form` names one."""
        response = await self.client.post(
            path,
            data={"csrf": self.token, **(form or {})},
            headers={**self.headers, **headers},
            cookies=self.cookies,
            allow_redirects=False,
        )
        return await self._answer(response)

    async def upload(
        self, path: str, name: str, content: bytes, form: Mapping[str, str] | None = None, accept: str = "text/html"
    ) -> Answer:
        """One file, in a form like `post`'s."""
        data = FormData({"csrf": self.token, **(form or {})}, quote_fields=False)  # as browsers do
        data.add_field("file", content, filename=name, content_type="application/octet-stream")
        response = await self.client.post(
            path, data=data, headers={**self.headers, "Accept": accept}, cookies=self.cookies, allow_redirects=False
        )
        return await self._answer(response)

    async def follow(self, answer: Answer) -> Answer:
        """To where an answer leads."""
        assert answer.status == 303, (answer.status, answer.text)
        return await self.get(answer.location)

    async def _answer(self, response: ClientResponse) -> Answer:
        for name, morsel in response.cookies.items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        self.client.session.cookie_jar.clear()  # ours are the only ones
        text = await response.text(errors="replace")  # a file is no text
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
        if found:
            self.token = found[1]
        return Answer(response.status, text, response.headers, response.headers.get("Location", ""))

    def sign_in(self, token: str) -> None:
        self.cookies[cookies.OFFICER] = token


async def browser(aiohttp_client: AiohttpClient, app: web.Application, language: str = "en") -> Browser:
    return Browser(await aiohttp_client(TestServer(app)), headers={"Accept-Language": language})


async def another(first: Browser, **headers: str) -> Browser:
    """Somebody else's browser at the same server."""
    return Browser(first.client, headers={**first.headers, **headers})


def told(text: str) -> str:
    """Without the ids and digests in it: they are made at random, and any short figure may stand in them."""
    return re.sub(r"[0-9a-f]{16,}", "…", text)


def heading_of(page: Answer) -> str:
    assert page.status == 200, page.text
    found = re.search(r"<h1>(.*?)</h1>", page.text, re.S)
    assert found
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())
