"""Whose word is taken about where a request comes from: nobody's, unless the installation trusts them."""

from __future__ import annotations

import ast
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web

from tests import ROOT
from tests.web.client import AiohttpClient
from tests.web.fakes import World
from web.http import security
from web.http.security import MOST_HOPS, PROXIES, Hop, Proxies, anyone

PERSON, FORGED, INNER, EDGE = "198.51.100.7", "192.0.2.66", "10.0.0.1", "10.0.0.2"
BOTH = Proxies((ip_network("10.0.0.0/30"), ip_network("2001:db8:feed::/48")))


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        pytest.param(PERSON, "", PERSON, id="nobody in between"),
        pytest.param(PERSON, FORGED, PERSON, id="whoever is no proxy writes what they like"),
        pytest.param(INNER, PERSON, PERSON, id="one proxy"),
        pytest.param(INNER, f"{PERSON}, {EDGE}", PERSON, id="two proxies"),
        pytest.param(INNER, f"{FORGED}, {PERSON}", PERSON, id="forged in front of one proxy"),
        pytest.param(INNER, f"{EDGE}, {FORGED}, {PERSON}, {EDGE}", PERSON, id="forged in front of two, with a proxy"),
        pytest.param(INNER, "", INNER, id="the proxy itself"),
        pytest.param(INNER, EDGE, EDGE, id="a proxy through a proxy"),
        pytest.param(INNER, f"{PERSON}, unknown", INNER, id="nothing left of what is no address"),
        pytest.param(INNER, f"'; drop table, {PERSON}", PERSON, id="left of the person nothing is read"),
        pytest.param(INNER, f" ,{PERSON} ,, ", PERSON, id="commas"),
        pytest.param(INNER, f"{PERSON}:5123", PERSON, id="with a port"),
        pytest.param("2001:db8:feed::1", "[2001:db8::9]:443", "2001:db8::9", id="IPv6 with a port"),
        pytest.param(f"::ffff:{INNER}", f"::ffff:{PERSON}", PERSON, id="IPv4 inside IPv6"),
        pytest.param("", PERSON, "", id="no address at all"),
    ],
)
def test_the_first_hop_from_the_right_that_is_no_trusted_proxy_is_the_person(
    peer: str, forwarded_for: str, address: str
) -> None:
    assert BOTH.person(peer, "http", forwarded_for, "").address == address


def test_an_endless_chain_is_not_read_to_its_end() -> None:
    assert BOTH.person(INNER, "http", ",".join([PERSON] + [EDGE] * MOST_HOPS), "").address == EDGE


@pytest.mark.parametrize(
    ("forwarded_for", "forwarded_proto", "scheme"),
    [
        pytest.param(PERSON, "https", "https", id="one proxy"),
        pytest.param(PERSON, "http, https", "https", id="the person wrote one in front"),
        pytest.param(f"{PERSON}, {EDGE}", "https, http", "https", id="each proxy added its own"),
        pytest.param(f"{PERSON}, {EDGE}", "https", "https", id="the inner one kept the edge's"),
        pytest.param(PERSON, "", "http", id="none"),
        pytest.param(PERSON, "javascript", "http", id="nonsense"),
        pytest.param("", "HTTPS", "https", id="without an address"),
    ],
)
def test_the_scheme_is_what_the_person_spoke_to_our_first_proxy(
    forwarded_for: str, forwarded_proto: str, scheme: str
) -> None:
    assert BOTH.person(INNER, "http", forwarded_for, forwarded_proto).scheme == scheme


def test_a_stranger_does_not_turn_http_into_https() -> None:
    assert BOTH.person(PERSON, "http", "", "https") == Hop(PERSON, "http")


def test_without_a_setting_not_even_this_machine_is_believed() -> None:
    assert Proxies().person("127.0.0.1", "http", PERSON, "https") == Hop("127.0.0.1", "http")


# ---------------------------------------------------------------- in the application


@anyone
async def told(request: web.Request) -> web.Response:
    hop = security.hop(request)
    return web.json_response([hop.address, hop.scheme, security.counted_as(request)])


def telling(app: web.Application) -> None:
    app.router.add_get("/told", told)


def behind_this_machine(app: web.Application) -> None:
    telling(app)
    app[PROXIES] = Proxies((ip_network("127.0.0.1"),))


@pytest.mark.parametrize(
    ("person", "counted"),
    [(PERSON, PERSON), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::7", "2001:db8:1:2::/64")],
)
async def test_limits_count_a_person_and_of_ipv6_their_network(
    aiohttp_client: AiohttpClient, person: str, counted: str
) -> None:
    client = await aiohttp_client(World().app(behind_this_machine))
    headers = [("X-Forwarded-For", FORGED), ("X-Forwarded-For", person), ("X-Forwarded-Proto", "https")]
    response = await client.get("/told", headers=headers)
    assert await response.json() == [person, "https", counted]


async def test_a_forged_header_changes_nothing_where_no_proxy_is_trusted(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(World().app(telling))
    response = await client.get("/told", headers={"X-Forwarded-For": FORGED, "X-Forwarded-Proto": "https"})
    assert await response.json() == ["127.0.0.1", "http", "127.0.0.1"]


@pytest.mark.parametrize(
    ("proxy", "spoken", "told"),
    [
        pytest.param(True, "https", "max-age=31536000", id="our proxy was asked over TLS"),
        pytest.param(True, "http", None, id="our proxy was asked in the clear"),
        pytest.param(False, "https", None, id="anybody says so"),
    ],
)
async def test_browsers_are_kept_to_https_where_a_trusted_proxy_says_that_they_came_over_it(
    aiohttp_client: AiohttpClient, proxy: bool, spoken: str, told: str | None
) -> None:
    client = await aiohttp_client(World().app(behind_this_machine if proxy else telling))
    for path in ("/told", "/nowhere", "/static/app.css"):
        response = await client.get(path, headers={"X-Forwarded-For": PERSON, "X-Forwarded-Proto": spoken})
        assert response.headers.get("Strict-Transport-Security") == told


@pytest.mark.parametrize("package", ["web", "server", "signaling"])
def test_nobody_else_reads_where_a_request_comes_from(package: str) -> None:
    """`request.remote` is a proxy's address, `request.scheme` what the proxy speaks."""
    readers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if path != Path(security.__file__) and "frontend" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("remote", "scheme", "secure")
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    ]
    assert readers == []
