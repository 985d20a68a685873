"""SCIM 2.0 at /scim/v2: accounts as the program of an organisation's directory says them (RFC 7643, RFC 7644).

Users only, found by `userName` or `externalId` with `eq`. Names of attributes and operations count in any case, a
truth value may be a text, and a PATCH may name no path, or paths as members of its value: Entra sends all of these.
What the core schema has and accounts here have not (e-mail addresses, titles, passwords) is taken and not kept.

Longer than other modules: one protocol, whose schemas describe what its requests are read by.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import cache, wraps
from pathlib import Path
from typing import Any, Final, Protocol, get_args

from aiohttp import web
from pydantic_core import from_json

from journal.refusals import Refused
from offices import OfficerRole
from offices.systems import SCIM, AccountWish, ProvisionedAccount, System
from web import SITE
from web.api.document import endpoint, system_of
from web.http.security import Access, Handler


class Accounts(Protocol):
    """Of the offices a system's token reaches. Refused: as the commands of an administrator's page; 403 not_allowed
    (field) what a program may not say."""

    async def all(self, system: System) -> Sequence[ProvisionedAccount]: ...

    async def named(self, system: System, login: str) -> Sequence[ProvisionedAccount]: ...

    async def known_as(self, system: System, external: str) -> Sequence[ProvisionedAccount]: ...

    async def one(self, system: System, account: str) -> ProvisionedAccount: ...

    async def add(self, system: System, wish: AccountWish) -> ProvisionedAccount: ...

    async def change(self, system: System, account: str, wish: AccountWish) -> ProvisionedAccount: ...

    async def remove(self, system: System, account: str) -> None: ...


PROVISIONED: web.AppKey[Accounts] = web.AppKey("provisioned accounts")
CONTENT: Final = "application/scim+json"
USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_MESSAGES: Final = "urn:ietf:params:scim:api:messages:2.0:"
_CONFIGURATION: Final = "urn:ietf:params:scim:schemas:core:2.0:"
MOST_BYTES: Final = 64 << 10
MOST_TEXT: Final = 255  # characters
MOST_PAGE: Final = 100
MOST_OPERATIONS: Final = 100
_KEPT: Final = frozenset({"username", "displayname", "name", "active", "externalid", "roles", "usertype"})
_NOT_KEPT: Final = frozenset({
    "nickname", "profileurl", "title", "preferredlanguage", "locale", "timezone", "password", "emails", "phonenumbers",
    "ims", "photos", "addresses", "entitlements", "x509certificates",
})  # fmt: skip
_READ_ONLY: Final = frozenset({"id", "meta", "schemas", "groups"})
_NEEDED: Final = frozenset({"username", "displayname", "active"})


class Unfit(Exception):
    """A request that cannot be taken. `kind`: RFC 7644 table 9."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind, self.detail = kind, detail


_DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "bad_token": ("", "The token is missing or not known."),
    "token_revoked": ("", "The token was revoked."),
    "token_over": ("", "The token's last day is over."),
    "no_scope": ("", "The token is not one for accounts."),
    "bad_login_name": ("invalidValue", "userName has 3 to 64 small letters, digits and . _ - @, and begins with one."),
    "missing": ("invalidValue", "A name to show is needed: displayName, name.formatted, or both parts of name."),
    "login_taken": ("uniqueness", "This userName is somebody's already."),
    "sign_on_taken": ("uniqueness", "This externalId is somebody's already, or the account has another one."),
    "sign_on_taken/active": (
        "uniqueness",
        "Who has this externalId was deleted after a person had closed the account, or is a supervisor or an "
        "administrator: a person opens it.",
    ),
    "too_many_requests": ("", "Too many requests in this minute; Retry-After says when to go on."),
    "too_many_tries": ("", "Too many unknown tokens came from this address; Retry-After says when to go on."),
    "busy": ("", "It could not be written at this moment; ask once more."),
    "last_administrator": ("", "An office keeps one administrator."),
    "not_found": ("", "There is no such user, or they are out of reach of this token."),
    "office": ("invalidValue", "No office that this token reaches has this department as its id, prefix or name."),
    "externalId": ("invalidValue", "externalId is a line of at most 255 characters."),
}
_FORBIDDEN: Final[Mapping[str, str]] = {
    "roles": "Who is a supervisor or an administrator, two people say, here.",
    "active": "A person closed this account, or it is a supervisor's or an administrator's: a person opens it.",
}
_THEIRS: Final = "Of a supervisor or an administrator a program changes the shown name and closes the account, no more."


def _said(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        text=json.dumps(body, ensure_ascii=False), status=status, content_type=CONTENT, headers=headers or {}
    )


def _error(status: int, detail: str, kind: str = "", headers: Mapping[str, str] | None = None) -> web.Response:
    """RFC 7644 section 3.12."""
    body = {"schemas": [_MESSAGES + "Error"], "status": str(status), "detail": detail}
    return _said({**body, **({"scimType": kind} if kind else {})}, status, headers)


def _refused(no: Refused) -> web.Response:
    field, headers = str(no.params.get("field", "")), {}
    if no.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="scim"'
    if no.status == 429 and "seconds" in no.params:
        headers["Retry-After"] = str(no.params["seconds"])
    if no.code == "not_allowed":
        return _error(no.status, _FORBIDDEN.get(field, _THEIRS))
    code = field if no.code == "bad_choice" else no.code
    kind, detail = _DETAILS.get(f"{code}/{field}") or _DETAILS.get(code, ("", code))
    return _error(no.status, detail, kind, headers)


def resource(handler: Handler) -> Handler:
    """For the program whose token has the scope `scim`; what it is refused, it is told as SCIM says errors."""
    guarded = endpoint(SCIM)(handler)

    @wraps(handler)
    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await guarded(request)
        except Refused as no:
            return _refused(no)
        except Unfit as no:
            return _error(400, no.detail, no.kind)
        except web.HTTPRequestEntityTooLarge:
            return _error(413, f"A body has at most {MOST_BYTES} bytes.")

    answered.access = Access("system", self_checked=True, most_bytes=MOST_BYTES)  # type: ignore[attr-defined]
    return answered


def _place(request: web.Request, *parts: str) -> str:
    return "/".join((f"{request.app[SITE].public_url}/scim/v2", *parts))


def _user(request: web.Request, one: ProvisionedAccount) -> dict[str, Any]:
    told: dict[str, Any] = {
        "schemas": [USER, ENTERPRISE],
        "id": one.id,
        "userName": one.login,
        "displayName": one.name,
        "name": {"formatted": one.name},
        "active": one.active,
        "roles": [{"value": one.role, "primary": True}],
        ENTERPRISE: {"department": one.office},
        "meta": {
            "resourceType": "User",
            "created": one.created.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "location": _place(request, "Users", one.id),
        },
    }
    if one.external:
        told["externalId"] = one.external
    wanted, left_out = _listed(request, "attributes"), _listed(request, "excludedAttributes")
    always = ("schemas", "id")
    return {
        name: value
        for name, value in told.items()
        if name in always or ((not wanted or name.casefold() in wanted) and name.casefold() not in left_out)
    }


def _listed(request: web.Request, name: str) -> frozenset[str]:
    """Attributes asked for (RFC 7644 section 3.9), whole ones."""
    found = set()
    for one in request.query.get(name, "")[:2000].casefold().split(","):
        path = one.strip().removeprefix(f"{USER.casefold()}:")
        inside = path.startswith(ENTERPRISE.casefold())
        found.add(ENTERPRISE.casefold() if inside else path.partition(".")[0])
    return frozenset(found - {""})


def _list(found: Sequence[Mapping[str, Any]], total: int, first: int = 1) -> web.Response:
    listing = {"schemas": [_MESSAGES + "ListResponse"], "totalResults": total, "startIndex": first}
    return _said({**listing, "itemsPerPage": len(found), "Resources": list(found)})


# ---------------------------------------------------------------- what is asked


async def _document(request: web.Request) -> dict[str, Any]:
    body = await request.clone(client_max_size=MOST_BYTES).read()
    try:
        found = _any_case(from_json(body))
    except ValueError:
        raise Unfit("invalidSyntax", "The body is no JSON.") from None
    if not isinstance(found, dict):
        raise Unfit("invalidSyntax", "The body is no JSON object.")
    return found


def _any_case(value: Any) -> Any:
    """Names in small letters (RFC 7643 section 2.1)."""
    if isinstance(value, dict):
        return {name.casefold(): _any_case(one) for name, one in value.items()}
    return [_any_case(one) for one in value] if isinstance(value, list) else value


def _wish(said: Mapping[str, Any]) -> AccountWish:
    """Of a user as a body or operations say it, names in small letters."""
    return AccountWish(
        login=_text(said, "userName"),
        name=_name(said),
        role=_role(said),
        office=_text(_object(said, ENTERPRISE), "department"),
        active=_flag(said.get("active")),
        external=_text(said, "externalId"),
    )


def _text(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name.casefold())
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise Unfit("invalidValue", f"{name} is a text of at most {MOST_TEXT} characters.")
    return value


def _object(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = said.get(name.casefold())
    if value is not None and not isinstance(value, dict):
        raise Unfit("invalidValue", f"{name} is an object.")
    return value or {}


def _flag(value: Any) -> bool | None:
    """Entra writes "False"."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    raise Unfit("invalidValue", "active is true or false.")


def _name(said: Mapping[str, Any]) -> str | None:
    name = _object(said, "name")
    family, given = _text(name, "familyName"), _text(name, "givenName")
    both = None
    if family and given:  # a Chinese name stands with the family's first, and in one
        both = f"{given} {family}" if (family + given).isascii() else family + given
    return _text(said, "displayName") or _text(name, "formatted") or both


def _role(said: Mapping[str, Any]) -> OfficerRole | None:
    """By the primary of `roles`, or their first; without any by `userType`."""
    roles = said.get("roles")
    several = roles if isinstance(roles, list) else [] if roles is None else [roles]
    values = [one if isinstance(one, dict) else {"value": one} for one in several]
    first = next((one for one in values if _flag(one.get("primary"))), values[0] if values else {})
    value = _text(first, "value") or _text(said, "userType")
    known: Sequence[OfficerRole] = get_args(OfficerRole)
    found = next((role for role in known if value and role == value.strip().casefold()), None)
    if value and found is None:
        raise Unfit("invalidValue", f"A role is one of {', '.join(known)}.")
    return found


def _operations(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the operations of a PATCH come to, as one user (RFC 7644 section 3.5.2)."""
    operations = document.get("operations")
    if not isinstance(operations, list) or not 0 < len(operations) <= MOST_OPERATIONS:
        raise Unfit("invalidSyntax", f"Operations is a list of 1 to {MOST_OPERATIONS}.")
    said: dict[str, Any] = {}
    for one in operations:
        if not isinstance(one, dict) or not isinstance(path := one.get("path") or "", str):
            raise Unfit("invalidSyntax", "An operation is an object with op, path and value.")
        match str(one.get("op")).casefold():
            case "add" | "replace":
                _set(said, path, one.get("value"))
            case "remove":
                _take(path)
            case _:
                raise Unfit("invalidSyntax", "op is add, replace or remove.")
    return said


def _set(said: dict[str, Any], path: str, value: Any) -> None:
    if not path:
        if not isinstance(value, dict):
            raise Unfit("invalidSyntax", "An operation without a path has an object as its value.")
        for name, inside in value.items():
            if not name:
                raise Unfit("invalidPath", "An attribute has a name.")
            _set(said, name, inside)
        return
    schema, attribute, part = _parsed(path)
    if schema and not attribute:
        for name, inside in (value if isinstance(value, dict) else {}).items():
            said.setdefault(schema, {})[name] = inside
    elif schema:
        said.setdefault(schema, {})[attribute] = value
    elif attribute == "name" and (part or isinstance(value, dict)):
        said.setdefault("name", {}).update({part: value} if part else value)
    elif attribute == "roles" and part:
        if part == "value":
            said["roles"] = [{"value": value}]
    else:
        said[attribute] = value


def _take(path: str) -> None:
    """Nothing here is without a value: what may go was not kept, or stays as it is."""
    if not path:
        raise Unfit("noTarget", "remove has a path.")
    schema, attribute, _ = _parsed(path)
    if not schema and attribute in _NEEDED:
        raise Unfit("mutability", f"{path} is needed.")


def _parsed(path: str) -> tuple[str, str, str]:
    """The extension's schema, the attribute and what of it (RFC 7644 figure 7), in small letters; a filter in brackets
    is passed over."""
    schema, rest = "", path.strip().casefold()
    extension, core = ENTERPRISE.casefold(), USER.casefold()
    if rest == extension:
        return extension, "", ""
    if rest.startswith(f"{extension}:"):
        schema, rest = extension, rest.removeprefix(f"{extension}:")
    rest = rest.removeprefix(f"{core}:")
    attribute, bracket, inside = rest.partition("[")
    if bracket:
        _, closed, part = inside.rpartition("]")
        if not closed or (part and not part.startswith(".")):
            raise Unfit("invalidPath", "The path cannot be read.")
        part = part.removeprefix(".")
    else:
        attribute, _, part = attribute.partition(".")
    if not schema and attribute in _READ_ONLY:
        raise Unfit("mutability", f"{attribute} is read only.")
    if not schema and attribute not in _KEPT | _NOT_KEPT:
        raise Unfit("invalidPath", "Users have no such attribute.")
    return schema, attribute, part


def _filtered(text: str) -> tuple[str, str]:
    """The attribute in small letters, and the value; nothing else is asked for than equality (RFC 7644 3.4.2.2)."""
    parts = text.strip().split(None, 2)
    try:
        value = from_json(parts[2]) if len(parts) == 3 else None
    except ValueError:
        value = None
    attribute = parts[0].casefold().removeprefix(f"{USER.casefold()}:") if len(parts) == 3 else ""
    known = attribute in ("username", "externalid") and parts[1].casefold() == "eq"
    if not known or not isinstance(value, str) or not value.isprintable():
        raise Unfit("invalidFilter", 'A filter is userName or externalId, eq, and a text: userName eq "zhou".')
    return attribute, value


def _whole(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, "")
    try:
        return int(text) if text.isascii() and 0 < len(text) <= 9 else otherwise
    except ValueError:
        raise Unfit("invalidValue", f"{name} is a whole number.") from None


# ---------------------------------------------------------------- users


@resource
async def users(request: web.Request) -> web.StreamResponse:
    system, accounts = system_of(request), request.app[PROVISIONED]
    if "filter" in request.query:
        attribute, value = _filtered(request.query["filter"][:1000])
        asked = accounts.named if attribute == "username" else accounts.known_as
        found = await asked(system, value)
    else:
        found = await accounts.all(system)
    first, count = max(1, _whole(request, "startIndex", 1)), min(_whole(request, "count", MOST_PAGE), MOST_PAGE)
    page = found[first - 1 : first - 1 + max(0, count)]
    return _list([_user(request, one) for one in page], len(found), first)


@resource
async def user(request: web.Request) -> web.StreamResponse:
    return _said(_user(request, await request.app[PROVISIONED].one(system_of(request), request.match_info["user"])))


@resource
async def add(request: web.Request) -> web.StreamResponse:
    wish = _wish(await _document(request))
    if wish.login is None:
        raise Unfit("invalidValue", "userName is needed.")
    made = await request.app[PROVISIONED].add(system_of(request), wish)
    return _said(_user(request, made), 201, {"Location": _place(request, "Users", made.id)})


@resource
async def replace(request: web.Request) -> web.StreamResponse:
    """What a body does not say of role, office and activity stays as it is."""
    wish = _wish(await _document(request))
    if wish.login is None:
        raise Unfit("invalidValue", "userName is needed.")
    return await _changed(request, wish)


@resource
async def change(request: web.Request) -> web.StreamResponse:
    return await _changed(request, _wish(_operations(await _document(request))))


async def _changed(request: web.Request, wish: AccountWish) -> web.StreamResponse:
    account = request.match_info["user"]
    return _said(_user(request, await request.app[PROVISIONED].change(system_of(request), account, wish)))


@resource
async def remove(request: web.Request) -> web.StreamResponse:
    await request.app[PROVISIONED].remove(system_of(request), request.match_info["user"])
    return web.Response(status=204)


# ---------------------------------------------------------------- what it is


@cache
def _schemas() -> Mapping[str, Mapping[str, Any]]:
    """By id, as RFC 7643 section 7 has them: scim.json."""
    read: list[dict[str, Any]] = json.loads(Path(__file__).with_name("scim.json").read_text(encoding="utf-8"))
    return {one["id"]: one for one in read}


def _schema(request: web.Request, id: str) -> dict[str, Any]:
    meta = {"resourceType": "Schema", "location": _place(request, "Schemas", id)}
    return {"schemas": [_CONFIGURATION + "Schema"], **_schemas()[id], "meta": meta}


def _type(request: web.Request) -> dict[str, Any]:
    return {
        "schemas": [_CONFIGURATION + "ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "An officer's account",
        "schema": USER,
        "schemaExtensions": [{"schema": ENTERPRISE, "required": False}],
        "meta": {"resourceType": "ResourceType", "location": _place(request, "ResourceTypes", "User")},
    }


@resource
async def configuration(request: web.Request) -> web.StreamResponse:
    no = {"supported": False}
    token = {"type": "oauthbearertoken", "name": "Bearer token", "description": "Issued by an office's administrator"}
    return _said({
        "schemas": [_CONFIGURATION + "ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {**no, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_PAGE},
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [{**token, "specUri": "https://www.rfc-editor.org/rfc/rfc6750", "primary": True}],
        "meta": {"resourceType": "ServiceProviderConfig", "location": _place(request, "ServiceProviderConfig")},
    })  # fmt: skip


@resource
async def types(request: web.Request) -> web.StreamResponse:
    """All of them, or the one that is named."""
    return _said(_type(request)) if request.path.endswith("/User") else _list([_type(request)], 1)


@resource
async def schemas(request: web.Request) -> web.StreamResponse:
    """All of them, or the one that is named."""
    if (id := request.match_info.get("schema")) is None:
        return _list([_schema(request, id) for id in _schemas()], len(_schemas()))
    if id not in _schemas():
        raise Refused("not_found", 404)
    return _said(_schema(request, id))


@resource
async def nothing(request: web.Request) -> web.StreamResponse:
    return _error(404, "There are users only: no groups, no bulk, no /Me.")


def register(app: web.Application) -> None:
    app.router.add_get("/scim/v2/Users", users)
    app.router.add_post("/scim/v2/Users", add)
    app.router.add_get("/scim/v2/Users/{user}", user, name="scim_user")
    app.router.add_put("/scim/v2/Users/{user}", replace)
    app.router.add_patch("/scim/v2/Users/{user}", change)
    app.router.add_delete("/scim/v2/Users/{user}", remove)
    app.router.add_get("/scim/v2/ServiceProviderConfig", configuration)
    app.router.add_get("/scim/v2/ResourceTypes", types)
    app.router.add_get("/scim/v2/ResourceTypes/User", types)
    app.router.add_get("/scim/v2/Schemas", schemas)
    app.router.add_get("/scim/v2/Schemas/{schema}", schemas)
    app.router.add_get("/scim/v2/{rest:.+}", nothing)
