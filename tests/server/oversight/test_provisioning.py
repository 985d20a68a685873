"""A directory's program makes, changes and closes accounts by SCIM, asked over HTTP as Entra and Keycloak's clients
ask; whoever it made signs on by the provider."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import structlog
from aiohttp import web
from pydantic import SecretStr

from journal.refusals import Throttle
from offices import Office
from server.app.demo import ADMINISTRATOR, MEDIATOR, OFFICE, SUPERVISOR
from server.app.wiring import PARTS
from server.serving.settings import Settings
from tests.contracts.sign_on_contract import SECRET
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.server.connections.providers import OpenIdProvider
from tests.server.oversight.test_approvals import Place
from tests.web.client import AiohttpClient, Browser, another, browser
from web.api.document import UNKNOWN, UNKNOWN_WITHIN
from web.api.scim import CONTENT, ENTERPRISE, MOST_BYTES, USER
from web.http import cookies
from web.http.security import Access, access_map

BELOW = Office("below", "东湖高新区市场监管一所光谷站", "光谷站", "027-00001203", "光谷投", superior=OFFICE.id)
BESIDE = Office("beside", "洪山区市场监管所", "洪山所", "027-00001204", "洪山投")
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LAST = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
FANG: Mapping[str, Any] = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "f2c1e8f0-0001-4d4f-9d7f-2f5b6c1f9a11",
    "userName": "WangFang@bureau.example",
    "displayName": "王芳",
    "name": {"familyName": "王", "givenName": "芳"},
    "emails": [{"primary": True, "type": "work", "value": "wangfang@bureau.example"}],
    "active": True,
    "roles": [{"primary": True, "value": "mediator"}],
    ENTERPRISE: {"department": "光谷站"},
}


class Directory(Place):
    """The real application, the directory's program with its token, and the provider of its people."""

    provider: OpenIdProvider
    token: str

    async def ask(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": CONTENT}
        data = body if isinstance(body, str | None) else json.dumps(body)
        answer = await self.nobody.client.request(method, f"/scim/v2{path}", headers=headers, data=data)
        text = await answer.text()
        if text:
            assert answer.content_type == CONTENT, text
        told: dict[str, Any] = json.loads(text) if text else {}
        if answer.status >= 400:
            assert told["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
            assert told["status"] == str(answer.status)
            assert told["detail"]
        return answer.status, told

    async def made(self, **more: Any) -> dict[str, Any]:
        status, told = await self.ask("POST", "/Users", {**FANG, **more})
        assert status == 201, told
        return told

    async def patch(self, id: str, *operations: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        return await self.ask("PATCH", f"/Users/{id}", {"schemas": [PATCH], "Operations": operations})

    async def found(self, filter: str) -> list[dict[str, Any]]:
        status, told = await self.ask("GET", f"/Users?filter={quote(filter)}")
        assert status == 200, told
        assert told["totalResults"] == len(told["Resources"])
        listed: list[dict[str, Any]] = told["Resources"]
        return listed

    async def id_of(self, login: str) -> str:
        return (await self.officer(login)).id

    async def issued(self, *scopes: str) -> str:
        admin = await self.sign_in(ADMINISTRATOR)
        await admin.get("/systems")
        page = await admin.post("/systems", {"name": "统一目录", "last": LAST, **dict.fromkeys(scopes, "1")})
        found = re.search(r'id="token">(yt_[\w-]+)<', page.text)
        assert found, page.text
        return found[1]

    async def signed_on(self, subject: str) -> Browser:
        """Somebody who has gone through the provider's pages."""
        self.provider.subject = subject
        person = await another(self.nobody)
        sent = await person.get("/sign-on/bureau")
        back = await self.provider.gone_through(sent.location)
        await person.get(f"/sign-on/bureau/back?{urlencode(back)}")
        return person

    async def comes_in(self, person: Browser) -> bool:
        return (await person.get("/desk")).status == 200


@pytest.fixture
async def directory(tmp_path: Path, aiohttp_client: AiohttpClient) -> AsyncIterator[Directory]:
    provider = OpenIdProvider()
    await provider.start()
    (secret := tmp_path / "secret").write_text(SECRET)
    secret.chmod(0o600)
    (connections := tmp_path / "connections.toml").write_text(
        f'[sign_on.bureau]\npreset = "oidc"\nlabel = "统一身份认证"\nissuer = "{provider.url}"\nclient_id = "yuntiao"\n'
        f'client_secret = {{ file = "{secret}" }}\nscim = true\n'
    )
    settings = Settings(
        data=tmp_path / "data", demo=True, demo_password=SecretStr(PASSWORD), public_url="http://yuntiao.example",
        connections=connections,
    )  # fmt: skip
    app = demo_app(settings)
    made = Directory(app[PARTS], await browser(aiohttp_client, app))
    for office in (BELOW, BESIDE):
        await made.parts.store.add_office(office)
    made.provider, made.token = provider, await made.issued("scim")
    yield made
    await provider.stop()


# ---------------------------------------------------------------- a person's way through


async def test_whoever_is_made_signs_on_by_the_provider_and_is_out_when_they_are_closed(directory: Directory) -> None:
    told = await directory.made()
    assert (told["userName"], told["displayName"], told["active"]) == ("wangfang@bureau.example", "王芳", True)
    assert told["roles"] == [{"value": "mediator", "primary": True}]
    assert told[ENTERPRISE] == {"department": "光谷站"}
    assert told["externalId"] == FANG["externalId"]
    assert told["meta"]["location"] == f"http://yuntiao.example/scim/v2/Users/{told['id']}"
    fang = await directory.signed_on(told["externalId"])
    assert await directory.comes_in(fang)
    assert "光谷站" in (await fang.get("/account")).text
    status, told = await directory.patch(told["id"], {"op": "Replace", "path": "active", "value": "False"})
    assert (status, told["active"]) == (200, False)
    assert not await directory.comes_in(fang)
    assert not await directory.comes_in(await directory.signed_on(told["externalId"]))
    status, told = await directory.patch(told["id"], {"op": "replace", "value": {"active": True}})
    assert (status, told["active"]) == (200, True)
    assert await directory.comes_in(await directory.signed_on(told["externalId"]))


async def test_no_password_opens_an_account_that_was_made_so(directory: Directory) -> None:
    told = await directory.made(password="a password that the directory sends")
    assert "password" not in told
    for password in ("", "a password that the directory sends"):
        person = await another(directory.nobody)
        await person.get("/sign-in")
        answer = await person.post("/sign-in", {"login": told["userName"], "password": password})
        assert answer.status != 303


async def test_each_act_is_in_the_record_under_the_systems_name(directory: Directory) -> None:
    told = await directory.made()
    name = {"op": "replace", "path": "displayName", "value": "王小芳"}
    role = {"op": "replace", "path": 'roles[primary eq "True"].value', "value": "inspector"}
    await directory.patch(told["id"], name, role, {"op": "add", "path": f"{ENTERPRISE}:department", "value": "一所"})
    await directory.ask("DELETE", f"/Users/{told['id']}")
    entries = await directory.parts.journal.read(f"officer/{told['id']}")
    acts = [(one.type, one.actor.kind, one.actor.name) for one in entries if one.type != "AccountChanged"]
    by = ("system", "统一目录")
    assert acts == [
        ("OfficerAdded", *by), ("SignOnLinked", *by), ("OfficerRenamed", *by), ("RoleChanged", *by),
        ("OfficerMoved", *by), ("AccountClosed", *by),
    ]  # fmt: skip
    page = await (await directory.sign_in(ADMINISTRATOR)).get("/oversight")
    for said in ("统一目录", "renamed", "moved to another office", "account closed"):
        assert said in page.text


async def test_who_was_deleted_is_not_seen_and_comes_back_as_themselves(directory: Directory) -> None:
    told = await directory.made()
    assert await directory.ask("DELETE", f"/Users/{told['id']}") == (204, {})
    assert (await directory.ask("GET", f"/Users/{told['id']}"))[0] == 404
    assert (await directory.ask("DELETE", f"/Users/{told['id']}"))[0] == 404
    assert await directory.found('userName eq "wangfang@bureau.example"') == []
    status, other = await directory.ask("POST", "/Users", {**FANG, "externalId": "another person of that name"})
    assert (status, other["scimType"]) == (409, "uniqueness")
    again = await directory.made(userName="wang.fang", displayName="王芳芳")
    assert (again["id"], again["userName"], again["active"]) == (told["id"], "wang.fang", True)
    assert await directory.comes_in(await directory.signed_on(again["externalId"]))


async def test_who_is_brought_back_is_whole_again_as_the_program_says_it_now(directory: Directory) -> None:
    told = await directory.made(roles=[{"value": "inspector"}], **{ENTERPRISE: {"department": "光谷站"}})
    before = await directory.signed_on(told["externalId"])
    await directory.ask("DELETE", f"/Users/{told['id']}")
    whole = {"roles": [{"value": "mediator"}], ENTERPRISE: {"department": "一所"}, "displayName": "王芳芳"}
    again = await directory.made(**whole, userName="wang.fang")
    assert (again["id"], again["userName"], again["displayName"]) == (told["id"], "wang.fang", "王芳芳")
    assert (again["roles"][0]["value"], again[ENTERPRISE]["department"], again["active"]) == ("mediator", "一所", True)
    assert not await directory.comes_in(before)
    assert await directory.comes_in(await directory.signed_on(again["externalId"]))
    await directory.ask("DELETE", f"/Users/{told['id']}")
    again = await directory.made(roles=None, **{ENTERPRISE: {}})  # what is not said is what a new account would have
    assert (again["roles"][0]["value"], again[ENTERPRISE]["department"]) == ("mediator", "一所")
    await directory.ask("DELETE", f"/Users/{told['id']}")
    again = await directory.made(active=False)
    assert (again["id"], again["active"]) == (told["id"], False)
    entries = await directory.parts.journal.read(f"officer/{told['id']}")
    said = [one.type for one in entries if one.type != "AccountChanged"]
    assert said[-1] == "AccountClosed", "it was not open for a moment"
    assert (await directory.patch(told["id"], {"op": "replace", "path": "active", "value": True}))[1]["active"]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"userName": MEDIATOR}, "uniqueness"),
        ({"userName": "王芳"}, "invalidValue"),
        ({"displayName": "", "name": {}}, "invalidValue"),
        ({ENTERPRISE: {"department": "没有的所"}}, "invalidValue"),
        ({"roles": [{"value": "supervisor"}]}, None),
    ],
)
async def test_who_cannot_be_brought_back_whole_stays_deleted(
    directory: Directory, wrong: Mapping[str, Any], kind: str | None
) -> None:
    told = await directory.made()
    await directory.ask("DELETE", f"/Users/{told['id']}")
    entries = await directory.parts.journal.read(f"officer/{told['id']}")
    status, said = await directory.ask("POST", "/Users", {**FANG, **wrong})
    assert status in (400, 403, 409)
    assert said.get("scimType") == kind
    assert await directory.parts.journal.read(f"officer/{told['id']}") == entries
    assert (await directory.ask("GET", f"/Users/{told['id']}"))[0] == 404
    assert not await directory.comes_in(await directory.signed_on(told["externalId"]))


# ---------------------------------------------------------------- as their clients ask


async def test_entra_finds_makes_finds_again_changes_and_disables(directory: Directory) -> None:
    assert await directory.found('userName eq "WangFang@bureau.example"') == []
    told = await directory.made()
    (found,) = await directory.found('userName Eq "WANGFANG@bureau.example"')
    assert found == told
    (found,) = await directory.found(f'externalId eq "{told["externalId"]}"')
    assert found == told
    status, told = await directory.patch(
        told["id"],
        {"op": "Add", "path": "nickName", "value": "芳"},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "fang@bureau.example"},
        {"op": "Replace", "path": "name.familyName", "value": "汪"},
        {"op": "Replace", "path": "name.givenName", "value": "芳"},
        {"op": "Replace", "path": "userName", "value": "fang@bureau.example"},
        {"op": "Remove", "path": "title"},
    )
    assert (status, told["userName"], told["name"]) == (200, "fang@bureau.example", {"formatted": "汪芳"})
    status, told = await directory.patch(
        told["id"],
        {
            "op": "replace",
            "value": {
                "displayName": "汪小芳",
                "name.formatted": "汪小芳",
                f"{ENTERPRISE}:department": "一所",
                "title": "x",
            },
        },
    )
    assert (status, told["displayName"], told[ENTERPRISE]) == (200, "汪小芳", {"department": "一所"})
    status, told = await directory.patch(told["id"], {"op": "Replace", "path": "active", "value": "False"})
    assert (status, told["active"]) == (200, False)


async def test_keycloaks_client_puts_the_whole_user_and_its_names_count_in_any_case(directory: Directory) -> None:
    made = await directory.made(**{ENTERPRISE: {}}, roles=None, userType="Inspector")
    assert (made["roles"][0]["value"], made[ENTERPRISE]) == ("inspector", {"department": "一所"})
    status, told = await directory.ask(
        "PUT", f"/Users/{made['id']}",
        {"Schemas": [USER], "USERNAME": "wangfang", "DisplayName": "", "Active": False, "groups": [],
         "Name": {"GivenName": "Fang", "FamilyName": "Wang"}},
    )  # fmt: skip
    assert status == 200, told
    assert (told["userName"], told["displayName"], told["active"]) == ("wangfang", "Fang Wang", False)
    assert (told["id"], told["roles"], told[ENTERPRISE]) == (made["id"], made["roles"], made[ENTERPRISE])


async def test_a_patch_that_cannot_be_done_leaves_everything_as_it_was(directory: Directory) -> None:
    told = await directory.made()
    for last, kind in (
        ({"op": "replace", "path": f"{ENTERPRISE}:department", "value": "没有的所"}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": MEDIATOR}, "uniqueness"),
        ({"op": "replace", "path": "userName", "value": "王芳"}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "replace", "path": "externalId", "value": "somebody else"}, "uniqueness"),
        ({"op": "replace", "path": "roles", "value": [{"value": "king"}]}, "invalidValue"),
        ({"op": "replace", "path": "shoeSize", "value": 42}, "invalidPath"),
        ({"op": "replace", "path": "emails[", "value": 42}, "invalidPath"),
        ({"op": "replace", "path": "id", "value": "1"}, "mutability"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "replace", "value": "x"}, "invalidSyntax"),
        ({"op": "move", "path": "active"}, "invalidSyntax"),
    ):
        name = {"op": "replace", "path": "displayName", "value": "别的名字"}
        status, said = await directory.patch(told["id"], name, last)
        assert (status, said.get("scimType")) in ((400, kind), (409, kind)), (last, said)
    assert await directory.ask("GET", f"/Users/{told['id']}") == (200, told)


async def test_what_it_is_can_be_read_and_attributes_be_chosen(directory: Directory) -> None:
    status, told = await directory.ask("GET", "/ServiceProviderConfig")
    assert (status, told["patch"], told["bulk"]["supported"]) == (200, {"supported": True}, False)
    status, told = await directory.ask("GET", "/ResourceTypes")
    assert (told["totalResults"], told["Resources"][0]["endpoint"]) == (1, "/Users")
    assert await directory.ask("GET", "/ResourceTypes/User") == (200, told["Resources"][0])
    status, told = await directory.ask("GET", "/Schemas")
    assert [one["id"] for one in told["Resources"]] == [USER, ENTERPRISE]
    status, one = await directory.ask("GET", f"/Schemas/{USER}")
    assert {"userName", "active", "externalId"} <= {each["name"] for each in one["attributes"]}
    assert (await directory.ask("GET", "/Schemas/other"))[0] == 404
    assert (await directory.ask("GET", "/Groups?count=1"))[0] == 404
    id = await directory.id_of(MEDIATOR)
    status, told = await directory.ask("GET", f"/Users/{id}?attributes=userName,active")
    assert set(told) == {"schemas", "id", "userName", "active"}
    status, told = await directory.ask("GET", f"/Users/{id}?excludedAttributes=roles,meta")
    assert not {"roles", "meta"} & set(told)
    assert "userName" in told


async def test_a_list_comes_in_pages(directory: Directory) -> None:
    for number in range(4):
        await directory.made(userName=f"person-{number}", externalId=f"p{number}")
    status, whole = await directory.ask("GET", "/Users")
    assert whole["totalResults"] == len(whole["Resources"]) == 7  # with the office's three
    status, page = await directory.ask("GET", "/Users?startIndex=3&count=2")
    assert (status, page["startIndex"], page["itemsPerPage"], page["totalResults"]) == (200, 3, 2, 7)
    assert page["Resources"] == whole["Resources"][2:4]
    status, none = await directory.ask("GET", "/Users?count=0&startIndex=-5")
    assert (status, none["startIndex"], none["Resources"], none["totalResults"]) == (200, 1, [], 7)
    for query in ("count=many", "filter=" + quote('title eq "x"'), "filter=" + quote('userName co "x"'), "filter=x"):
        assert (await directory.ask("GET", f"/Users?{query}"))[0] == 400


# ---------------------------------------------------------------- what a program may not


async def test_it_reaches_the_tokens_office_and_those_below_and_no_other(directory: Directory) -> None:
    status, told = await directory.ask("POST", "/Users", {**FANG, ENTERPRISE: {"department": "洪山所"}})
    assert (status, told["scimType"]) == (400, "invalidValue")
    made = await directory.made()
    await directory.parts.store.set_role(made["id"], "mediator", BESIDE.id)
    assert (await directory.ask("GET", f"/Users/{made['id']}"))[0] == 404
    assert (await directory.patch(made["id"], {"op": "replace", "path": "active", "value": False}))[0] == 404
    assert (await directory.ask("DELETE", f"/Users/{made['id']}"))[0] == 404
    assert await directory.found('userName eq "wangfang@bureau.example"') == []
    assert await directory.found(f'externalId eq "{made["externalId"]}"') == []
    assert (await directory.ask("POST", "/Users", FANG))[0] == 409


async def test_a_second_person_is_made_by_people_and_only_closed_by_a_program(directory: Directory) -> None:
    made = await directory.made()
    supervisor = await directory.id_of(SUPERVISOR)
    for role in ("supervisor", "administrator"):
        wanted = {**FANG, "userName": "liqiang", "externalId": "2", "roles": [{"value": role}]}
        assert (await directory.ask("POST", "/Users", wanted))[0] == 403
        assert (await directory.patch(made["id"], {"op": "replace", "path": "roles", "value": role}))[0] == 403
    for path, value in (
        ("roles", "mediator"),
        (f"{ENTERPRISE}:department", "光谷站"),
        ("userName", "wangfang2"),
        ("externalId", "the directory's own administrator"),
    ):
        assert (await directory.patch(supervisor, {"op": "replace", "path": path, "value": value}))[0] == 403, path
    luo = await directory.sign_in(SUPERVISOR)
    status, told = await directory.patch(supervisor, {"op": "replace", "path": "active", "value": False})
    assert (status, told["active"]) == (200, False)
    assert (await luo.get("/focus")).status == 303
    assert (await directory.patch(supervisor, {"op": "replace", "path": "active", "value": True}))[0] == 403


async def test_an_office_keeps_one_administrator(directory: Directory) -> None:
    admin = await directory.id_of(ADMINISTRATOR)
    assert (await directory.patch(admin, {"op": "replace", "path": "active", "value": False}))[0] == 409
    assert (await directory.ask("DELETE", f"/Users/{admin}"))[0] == 409
    await directory.sign_in(ADMINISTRATOR)


async def test_what_a_person_closed_no_program_opens(directory: Directory) -> None:
    id = await directory.id_of(MEDIATOR)
    admin = await directory.sign_in(ADMINISTRATOR)
    await admin.get(f"/officers/{id}")
    assert (await admin.post(f"/officers/{id}/close", {"reason": "停职"})).status == 303
    status, told = await directory.patch(id, {"op": "replace", "path": "active", "value": True})
    assert status == 403, told
    (found,) = await directory.found(f'userName eq "{MEDIATOR}"')
    assert not found["active"]
    assert (await directory.patch(id, {"op": "replace", "path": "externalId", "value": "zhou"}))[0] == 200
    assert (await directory.ask("DELETE", f"/Users/{id}"))[0] == 204
    status, told = await directory.ask("POST", "/Users", {**FANG, "userName": MEDIATOR, "externalId": "zhou"})
    assert (status, told["scimType"]) == (409, "uniqueness")
    assert "a person opens it" in told["detail"]


async def test_only_a_token_of_this_scope_opens_it_and_nothing_else(directory: Directory) -> None:
    reading = await directory.issued("complaints:read")
    for token, status in ((reading, 403), ("yt_invented", 401), ("  ", 401)):
        assert (await directory.ask("GET", "/Users", token=token))[0] == status
    answer = await directory.nobody.client.get("/scim/v2/Users")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="scim"')
    headers = {"Authorization": f"Bearer {directory.token}"}
    assert (await directory.nobody.client.get("/api/v1/complaints", headers=headers)).status == 403
    app: web.Application = directory.nobody.client.server.app  # type: ignore[attr-defined]
    ours = {access for (_, path), access in access_map(app).items() if path.startswith("/scim/")}
    assert ours == {Access("system", self_checked=True, most_bytes=MOST_BYTES)}


async def test_guesses_of_a_token_are_few_for_an_address_and_told_in_the_log(directory: Directory) -> None:
    app: web.Application = directory.nobody.client.server.app  # type: ignore[attr-defined]
    clock = [0.0]
    app._state[UNKNOWN] = Throttle(3, UNKNOWN_WITHIN, "too_many_tries", lambda: clock[0])
    for path in ("/scim/v2/Users", "/api/v1/complaints"):
        assert (await directory.nobody.client.get(path)).status == 401  # a page that was opened by mistake is no guess
    with structlog.testing.capture_logs() as said:
        for token, status in (("yt_1", 401), ("x" * 500, 401), ("yt_3", 401), ("yt_4", 429), (directory.token, 429)):
            assert (await directory.ask("GET", "/Users", token=token))[0] == status, token
        headers = {"Authorization": "Bearer yt_5"}
        answer = await directory.nobody.client.get("/api/v1/complaints", headers=headers)
        assert (answer.status, answer.headers["Retry-After"]) == (429, "600")
    (told,) = [one for one in said if "tokens that nobody has" in one["event"]]
    assert told["log_level"] == "warning"
    assert "yt_" not in str(said)
    clock[0] = UNKNOWN_WITHIN.total_seconds() + 1
    assert (await directory.ask("GET", "/Users"))[0] == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("[]", 400),
        ("[" * 10_000, 400),
        ('{"userName": 5}', 400),
        ('{"userName": "wangfang", "displayName": "\\ud800"}', 400),
        ('{"userName": "wangfang", "displayName": "【】\\u202e"}', 400),
        ('{"userName": "wangfang", "displayName": "王芳", "externalId": "a\\u0000b"}', 400),
        ('{"userName": "wangfang", "displayName": "王芳", "externalId": "' + "x" * 256 + '"}', 400),
        ('{"userName": "wangfang", "displayName": "王芳", "name": "王芳"}', 400),
        ('{"displayName": "王芳"}', 400),
    ],
)
async def test_what_is_no_user_makes_none(directory: Directory, body: str, status: int) -> None:
    answered, told = await directory.ask("POST", "/Users", body)
    assert answered == status, told
    assert (await directory.ask("GET", "/Users?count=0"))[1]["totalResults"] == 3


async def test_a_body_beyond_the_limit_is_not_read(directory: Directory) -> None:
    long = json.dumps({**FANG, "title": "x" * MOST_BYTES})
    assert (await directory.ask("POST", "/Users", long))[0] == 413


async def test_an_address_of_a_user_is_where_it_says(directory: Directory) -> None:
    made = await directory.made()
    headers = {"Authorization": f"Bearer {directory.token}"}
    path = urlsplit(made["meta"]["location"]).path
    answer = await directory.nobody.client.get(path, headers=headers)
    assert await answer.json(content_type=CONTENT) == made


async def test_a_rule_decides_at_each_sign_in_and_opens_nothing_the_program_closed(directory: Directory) -> None:
    """Where the provider's section has rules besides."""
    sign_on = directory.parts.sign_on
    one = sign_on._providers["bureau"]
    rules = [{"claim": "groups", "value": "mediators", "role": "inspector", "office": "一所"}]
    ruled = type(one.section).model_validate({**one.section.model_dump(), "rules": rules})
    sign_on._providers["bureau"] = type(one)(one.name, ruled, one.adapter)
    made = await directory.made()
    directory.provider.claims["groups"] = ["mediators"]
    assert (await directory.signed_on(made["externalId"])).cookies[cookies.OFFICER]
    _, told = await directory.ask("GET", f"/Users/{made['id']}")
    assert (told["roles"][0]["value"], told[ENTERPRISE]["department"]) == ("inspector", "一所")
    directory.provider.claims["groups"] = []
    await directory.signed_on(made["externalId"])
    assert not (await directory.ask("GET", f"/Users/{made['id']}"))[1]["active"]
    assert (await directory.patch(made["id"], {"op": "replace", "path": "active", "value": False}))[0] == 200
    directory.provider.claims["groups"] = ["mediators"]
    assert cookies.OFFICER not in (await directory.signed_on(made["externalId"])).cookies
