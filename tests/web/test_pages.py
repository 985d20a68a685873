"""Languages, large type, static files and figures, as pages use them."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from jinja2 import UndefinedError

from rooms.vocabulary import Role
from tests.web.client import AiohttpClient, browser
from tests.web.fakes import World
from web import i18n
from web.http.responses import FOLDER, Assets
from web.http.security import anyone
from web.join import in_app
from web.rendering import ENVIRONMENTS, MARKS, TEMPLATES

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World()


# ---------------------------------------------------------------- language


async def test_the_language_follows_the_address_then_the_choice_then_the_browser(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await browser(aiohttp_client, world.app(), language="zh-CN")
    assert '<html lang="zh-CN"' in (await person.get("/nowhere")).text
    assert '<html lang="en"' in (await person.get("/nowhere?lang=en")).text
    assert '<html lang="en"' in (await person.get("/nowhere")).text  # the address was remembered
    back = await person.post("/language", {"language": "zh", "back": "/nowhere?lang=en&page=2"})
    assert back.location == "/nowhere?page=2"
    assert '<html lang="zh-CN"' in (await person.get("/nowhere")).text


async def test_an_unknown_language_or_a_foreign_address_changes_nothing(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await browser(aiohttp_client, world.app())
    await person.get("/nowhere?lang=tlh")
    assert "yt_lang" not in person.cookies
    back = await person.post("/language", {"language": "tlh", "back": "https://evil.example/"})
    assert back.location == "/"
    assert "yt_lang" not in person.cookies


async def test_large_type_is_kept_for_this_browser(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, world.app())
    path = f"/j/{world.link()}"
    assert "data-type" not in (await person.get(path)).text
    await person.post("/type", {"type": "large", "back": path})
    assert 'data-type="large"' in (await person.get(path)).text
    await person.post("/type", {"type": "normal", "back": path})
    assert "data-type" not in (await person.get(path)).text


# ---------------------------------------------------------------- static files


async def test_static_files_are_compressed_and_kept_by_their_content(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await browser(aiohttp_client, world.app())
    page = (await person.get("/nowhere")).text
    address = re.search(r"/static/app\.css\?v=[0-9a-f]+", page)
    assert address
    kept = await person.get(address[0], **{"Accept-Encoding": "gzip"})
    assert kept.headers["Content-Encoding"] == "gzip"
    assert "immutable" in kept.headers["Cache-Control"]
    plain = await person.get("/static/app.css", **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Cache-Control"] == "no-cache"
    assert plain.text == kept.text
    again = await person.get("/static/app.css", **{"If-None-Match": plain.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("path", ["", "../rendering.py", "%2e%2e/rendering.py", "/etc/passwd", "x.css"])
async def test_only_listed_files_are_served(world: World, aiohttp_client: AiohttpClient, path: str) -> None:
    person = await browser(aiohttp_client, world.app())
    assert (await person.get(f"/static/{path}")).status == 404


def test_a_bundle_is_found_through_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "manifest.json").write_text('{"src/room/room.ts": {"file": "room-1a2b.js"}}')
    (tmp_path / "dist" / "room-1a2b.js").write_text("1")
    assets = Assets(tmp_path)
    assert assets.bundle("src/room/room.ts") == "/static/dist/room-1a2b.js"
    assert gzip.decompress(assets.file("dist/room-1a2b.js").packed or b"") == b"1"


def test_without_a_build_pages_still_work_and_the_log_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert Assets(tmp_path).bundle("src/room/room.ts") == "/static/dist/room.js"
    assert "not built" in caplog.text


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (FOLDER / "icons.svg").read_text()))
    named = {
        icon
        for template in TEMPLATES.rglob("*.html")
        for icon in re.findall(r'\bicon\("([\w-]+)"', template.read_text("utf-8"))
    }
    assert named <= drawn, named - drawn
    assert not [icon for icon in drawn if icon.startswith("p-")]  # the reference's portraits are not shipped


def test_dark_colours_are_the_same_whether_the_system_or_the_page_asks() -> None:
    text = (FOLDER / "tokens.css").read_text()
    by_system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', text, re.S)
    by_page = re.search(r'\n\[data-theme="dark"\] \{(.*?)\}', text, re.S)
    assert by_system
    assert by_page
    assert by_system[1].split() == by_page[1].split()


async def test_a_join_page_weighs_less_than_150_kilobytes(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, world.app())
    page = await person.get(f"/j/{world.link()}")
    weight = len(page.text.encode())
    for address in set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text)):
        file = Assets().file(address.removeprefix("/static/").partition("?")[0])
        weight += len(file.packed or file.body)
    assert weight < 150_000


# ---------------------------------------------------------------- templates


def test_a_template_that_names_what_it_was_not_given_fails(world: World) -> None:
    environment = world.app()[ENVIRONMENTS]["en"]
    with pytest.raises(UndefinedError):
        environment.from_string("{{ no_such_thing }}").render()


async def test_templates_can_name_routes_marks_and_icons(world: World, aiohttp_client: AiohttpClient) -> None:
    @anyone
    async def page(request: web.Request) -> web.Response:
        made = request.app[ENVIRONMENTS]["en"].from_string(
            "{{ url('invite', secret='ab', query={'here': '1'}) }} {{ mark('consumer') }} {{ icon('mic') }}"
        )
        return web.Response(text=made.render())

    person = await browser(aiohttp_client, world.app(lambda app: app.router.add_get("/page", page)))
    text = (await person.get("/page")).text
    assert text.startswith("/j/ab?here=1 ")
    assert '<span class="mark" data-role="consumer" aria-hidden="true">消</span>' in text
    assert re.search(r'<use href="/static/icons\.svg\?v=[0-9a-f]+#mic"/>', text)


def test_every_role_has_its_mark_and_its_name() -> None:
    roles = {*Role, "supervisor", "administrator", "inspector", "sign_on", "scim"}
    assert roles == MARKS.keys() == i18n.ROLE_NAMES.keys()
    assert len(set(MARKS.values())) == len(MARKS)


# ---------------------------------------------------------------- figures


def test_money_always_has_two_decimals() -> None:
    assert i18n.money(Decimal("2000")) == "¥2,000.00"
    assert i18n.money(None) == ""


def test_times_are_written_in_the_offices_zone() -> None:
    assert i18n.when(TEN, "zh", SHANGHAI) == "2026年6月24日10:00"
    assert i18n.when(TEN, "en", SHANGHAI) == "24 June 2026, 10:00"
    late = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)
    assert i18n.day(late, "zh", SHANGHAI) == "2027年1月1日"
    assert i18n.day(date(2026, 5, 1), "en", SHANGHAI) == "1 May 2026"
    assert i18n.iso(TEN) == "2026-06-24T02:00:00Z"


@pytest.mark.parametrize(
    ("milliseconds", "zh", "en"),
    [
        (0, "0秒", "0 s"),
        (41_400, "41秒", "41 s"),
        (581_000, "9分41秒", "9 min 41 s"),
        (3_900_000, "1小时5分", "1 h 5 min"),
    ],
)
def test_durations_name_the_two_largest_units(milliseconds: int, zh: str, en: str) -> None:
    assert i18n.duration(milliseconds, "zh") == zh
    assert i18n.duration(milliseconds, "en") == en


# ---------------------------------------------------------------- browsers inside apps

CHROMIUM_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/108.0.5359.95 Safari/537.36"
CHROMIUM_ARM = "Mozilla/5.0 (X11; Linux aarch64) AppleWebKit/537.36 Chrome/102.0.5005.200 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "app"),
    [
        ("… Chrome/107 Mobile Safari/537.36 MMWEBID/1 MicroMessenger/8.0.49", "WeChat"),
        ("… wxwork/4.1 MicroMessenger/7.0.1", "WeCom"),
        ("… AliApp(DingTalk/7.5) com.alibaba.android", "DingTalk"),
        ("… AlipayClient/10.5.8", "Alipay"),
        ("… Mobile Weibo (Xiaomi__weibo__13.9.4)", "Weibo"),
        ("… V1_AND_SQ_8.9 QQ/8.9.28 NetType/WIFI", "QQ"),
        ("… MQQBrowser/13.7 Mobile Safari/537.36", ""),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1", ""),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", ""),
        # Domestic browsers on Chromium, on Windows and on Kylin and UOS with ARM processors.
        (f"{CHROMIUM_WINDOWS} QIHU 360SE", ""),
        (f"{CHROMIUM_WINDOWS} QIHU 360EE", ""),
        (f"{CHROMIUM_ARM} qaxbrowser", ""),
        (f"{CHROMIUM_ARM} RedLotus/3.0", ""),
        (f"{CHROMIUM_ARM} UOS", ""),
        ("", ""),
    ],
)
def test_apps_are_told_from_browsers(agent: str, app: str) -> None:
    assert in_app(agent) == app
