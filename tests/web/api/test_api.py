"""The open interface: who gets in, what it takes and answers, and that its description is true."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import ADMIN, ZHOU, World
from web.api.document import openapi
from web.http.security import access_map

COMPLAINT = {
    "channel": "12315",
    "received": "2026-06-20T09:00:00+08:00",
    "title": "健身卡退款",
    "request": "退还剩余金额",
    "facts": "门店停业。",
    "amount": "1200.50",
    "consumer": {"name": "甲某", "phone": "10000000001"},
    "business": {"name": "某健身公司"},
    "source_number": "P-1",
}
KEY = {"Idempotency-Key": "platform-0001"}


class Api:
    """A system's client."""

    def __init__(self, person: Browser, token: str) -> None:
        self._client, self._token = person.client, token

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        data = body if isinstance(body, (str, bytes)) else None if body is None else json.dumps(body)
        sent = {"Authorization": f"Bearer {self._token}", **headers}
        response = await self._client.request(method, path, data=data, headers=sent)
        return response.status, json.loads(await response.read())


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def person(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await browser(aiohttp_client, world.app())


@pytest.fixture
async def api(world: World, person: Browser) -> Api:
    scopes = ("complaints:read", "complaints:write", "statistics:read")
    return Api(person, await world.systems.issue(ADMIN, "全国12315平台", scopes))


async def test_without_a_good_token_nothing_opens_also_not_with_an_officers_cookie(
    world: World, person: Browser
) -> None:
    person.sign_in(world.identity.token(ZHOU.login))
    for token in ("", "yt_wrong", "x" * 5000):
        for (method, path), access in access_map(person.client.server.app).items():  # type: ignore[attr-defined]
            if access.who == "system" and method != "HEAD" and path.startswith("/api/"):  # SCIM says errors its own way
                status, told = await Api(person, token).ask(method, path.replace("{complaint}", "c0"))
                assert (status, told["error"]["code"]) == (401, "bad_token"), path
    response = await person.client.get("/api/v1/complaints", cookies=person.cookies)
    assert response.status == 401


async def test_a_revoked_token_opens_nothing_and_a_scope_opens_its_own_only(world: World, person: Browser) -> None:
    token = await world.systems.issue(ADMIN, "统计系统", ["statistics:read"])
    api = Api(person, token)
    assert (await api.ask("GET", "/api/v1/statistics"))[0] == 200
    for method, path in (
        ("GET", "/api/v1/complaints"),
        ("GET", "/api/v1/complaints/c0"),
        ("POST", "/api/v1/complaints"),
    ):
        status, told = await api.ask(method, path)
        assert (status, told["error"]["code"]) == (403, "no_scope")
    await world.systems.revoke(ADMIN, "t0")
    assert (await api.ask("GET", "/api/v1/statistics"))[0] == 401


async def test_complaints_are_listed_and_read_with_masked_numbers(api: Api) -> None:
    status, told = await api.ask("GET", "/api/v1/complaints")
    assert (status, [one["id"] for one in told["complaints"]], told["total"]) == (200, ["c0"], 1)
    status, one = await api.ask("GET", "/api/v1/complaints/c0")
    assert (status, one["amount"], one["order"]) == (200, "2360.00", "121")
    assert "*" in one["parties"]["consumer"]["phone_masked"]
    assert (await api.ask("GET", "/api/v1/complaints/c9"))[0] == 404


@pytest.mark.parametrize("query", ["state=happy", "channel=telepathy", "since=June"])
async def test_a_filter_that_cannot_be_read_is_named(api: Api, query: str) -> None:
    status, told = await api.ask("GET", f"/api/v1/complaints?{query}")
    assert (status, told["error"]["params"]["field"]) == (422, query.partition("=")[0])


async def test_the_same_key_registers_once_and_another_body_under_it_is_refused(api: Api, world: World) -> None:
    status, first = await api.ask("POST", "/api/v1/complaints", COMPLAINT, **KEY)
    assert status == 201
    assert await api.ask("POST", "/api/v1/complaints", COMPLAINT, **KEY) == (200, first)
    status, told = await api.ask("POST", "/api/v1/complaints", {**COMPLAINT, "title": "别的"}, **KEY)
    assert (status, told["error"]["code"]) == (409, "key_reused")
    (new,) = world.complaints.registered
    assert (new.business.organisation, new.sources[0].number, str(new.amount)) == ("某健身公司", "P-1", "1200.50")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "telepathy"}, "channel"),
        ({"received": "2026-06-20T09:00:00"}, "received"),
        ({"received": "2999-06-20T09:00:00Z"}, "received"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"consumer": {"name": "甲"}}, "consumer.phone"),
        ({"title": " "}, "title"),
        ({"facts": "长" * 2001}, "facts"),
        ({"extra": 1}, "extra"),
        ({"title": None}, "title"),
    ],
)
async def test_what_it_cannot_take_is_named(api: Api, change: dict[str, object], field: str) -> None:
    status, told = await api.ask("POST", "/api/v1/complaints", {**COMPLAINT, **change}, **KEY)
    assert (status, told["error"]["code"], told["error"]["params"]["field"]) == (422, "bad_request", field)


@pytest.mark.parametrize("body", ["", "[]", "{", '"x"', b"\xff\xfe", "[" * 20000])
async def test_a_body_that_is_no_complaint_is_refused_in_order(api: Api, body: str | bytes) -> None:
    status, told = await api.ask("POST", "/api/v1/complaints", body, **KEY)
    assert (status, told["error"]["code"]) == (422, "bad_request")


async def test_a_key_is_needed_and_a_body_has_a_size(api: Api) -> None:
    for key in ("", "short", "x" * 200, "with space"):
        assert (await api.ask("POST", "/api/v1/complaints", COMPLAINT, **{"Idempotency-Key": key}))[0] == 400
    huge = {**COMPLAINT, "facts": "x" * 300_000}
    assert (await api.ask("POST", "/api/v1/complaints", huge, **KEY))[0] == 413


async def test_figures_are_those_of_the_standard(api: Api) -> None:
    status, told = await api.ask("GET", "/api/v1/statistics?from=2026-06-01&to=2026-06-30")
    assert (status, told["first"]) == (200, "2026-06-01")
    received = next(one for one in told["figures"] if one["name"] == "received")
    assert received == {
        "name": "received", "version": 1, "group": "", "value": "0", "unit": "complaints", "top": 0, "bottom": None,
    }  # fmt: skip
    assert (await api.ask("GET", "/api/v1/statistics?from=2026-06-30&to=2026-06-01"))[0] == 422
    assert (await api.ask("GET", "/api/v1/statistics?by=mood"))[0] == 422


# ---------------------------------------------------------------- its description


async def test_the_description_names_every_endpoint_and_no_other(person: Browser) -> None:
    served = await person.client.get("/api/openapi.json")
    told = json.loads(await served.read())
    assert (served.status, told["openapi"]) == (200, "3.1.0")
    described = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    there = access_map(person.client.server.app).items()  # type: ignore[attr-defined]
    others = ("system", "sender")
    ours = {route for route, access in there if access.who in others and route[0] != "HEAD"}
    assert described == {(method, path) for method, path in ours if not path.startswith("/scim/")}  # RFC 7644's own


def test_every_reference_in_the_description_leads_somewhere() -> None:
    told = openapi()
    text = json.dumps(told)
    names = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert names <= set(told["components"]["schemas"])
    assert "ComplaintIn" in names


# ---------------------------------------------------------------- the administrator's page


async def test_a_token_is_shown_once_and_revoked_on_the_page(world: World, person: Browser) -> None:
    person.sign_in(world.identity.token(ADMIN.login))
    await person.get("/systems?lang=en")
    wrong = await person.post("/systems", {"name": "平台"})
    assert (wrong.status, "Choose what the system may do." in wrong.text) == (422, True)
    page = await person.post(
        "/systems", {"name": "平台", "statistics:read": "1", "last": world.clock().date().isoformat()}
    )
    assert "yt_token0" in page.text
    assert "Content-Encoding" not in page.headers
    again = await person.get("/systems")
    assert "yt_token0" not in again.text
    assert "never used" in again.text
    await person.follow(await person.post("/systems/t0/revoke"))
    assert "revoked" in (await person.get("/systems")).text
    assert (await person.post("/systems/t0/revoke")).status == 404
