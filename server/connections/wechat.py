"""WeChat beside text messages: template messages of an official account, and links that open a mini-program.

Both authorize by an access token that is fetched as a stable one (two nodes get the same, and none makes the other's
void), by one request at a time, and again when it is said to be void. A message that is sent again within ten minutes
is dropped there by its `client_msg_id`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol
from urllib.parse import urlencode

import structlog

from complaints.record.identifiers import textable
from journal.refusals import Refused
from rooms.joining.invitations import Guest
from server.connections import Secret, in_time
from server.connections.sms import CarrierSection, HttpCarrier, refusal
from server.identity import Seal, SealBroken
from server.outbox.notifiers import Forged, NotDelivered, OutboxMessage, Receipt, Taken, Trouble
from server.outbox.store import FollowerStore

log = structlog.get_logger(__name__)

API: Final = "https://api.weixin.qq.com"
OPENID: Final = "openid"  # the purpose they are sealed for
FOLLOWS: Final = timedelta(days=180)
_BEFORE: Final = timedelta(minutes=5)  # a token is renewed so long before it ends


class WeChatSection(CarrierSection):
    """An official account. `callback`: the Token of its server configuration. `longest_value`: of a `thing`."""

    provider: Literal["wechat"]
    endpoint: str = API
    authorize: str = "https://open.weixin.qq.com/connect/oauth2/authorize"
    app_id: str
    app_secret: Secret
    longest_value: int = 20


class MiniProgramSection(CarrierSection):
    """A mini-program that shows our pages: what opens of a link `…/j/SECRET` is `path?link=SECRET`."""

    provider: Literal["mini_program"]
    endpoint: str = API
    app_id: str
    app_secret: Secret
    path: str
    days: int = 30  # WeChat lets a link stand for no more


_REFUSALS: Final[Mapping[str, Trouble]] = {
    "40001": "credentials", "40013": "credentials", "40125": "credentials", "40164": "credentials",
    "41002": "credentials", "42001": "credentials", "48001": "credentials", "50002": "account",
    "40003": "unfollowed", "43004": "unfollowed", "43101": "unfollowed", "40037": "template", "47001": "template",
    "47003": "template", "40036": "template", "45009": "flood", "45011": "flood", "-1": "unreachable",
}  # fmt: skip
_VOID: Final = frozenset({"40001", "40014", "42001"})


class WeChatApi(HttpCarrier):
    def __init__(self, section: WeChatSection | MiniProgramSection, now: Callable[[], datetime]) -> None:
        super().__init__(section, section.endpoint, now)
        self._app, self._secret = section.app_id, section.app_secret
        self._token, self._until = "", now()
        self._fetching = asyncio.Lock()

    async def check(self) -> None:
        """Whether it lets us in. NotDelivered."""
        await self._fetch(self._token)

    async def call(self, path: str, fields: Mapping[str, object]) -> dict[str, Any]:
        """NotDelivered."""
        token = self._token if self._now() < self._until - _BEFORE else await self._fetch(self._token)
        for again in (True, False):
            told = await self._post(f"{path}?{urlencode({'access_token': token})}", fields)
            code = str(told.get("errcode", 0))
            if code == "0":
                return told
            if not (again and code in _VOID):
                raise refusal(code, _REFUSALS, str(told.get("errmsg", ""))[:80])
            token = await self._fetch(token, force=True)
        raise AssertionError

    async def _fetch(self, known: str, force: bool = False) -> str:
        """One at a time; who waited takes what the one before brought."""
        async with self._fetching:
            if self._token and self._token != known:
                return self._token
            told = await self._post("/cgi-bin/stable_token", {
                "grant_type": "client_credential", "appid": self._app, "secret": self._secret.read(),
                "force_refresh": force,
            })  # fmt: skip
            token, lasts = told.get("access_token"), told.get("expires_in")
            if not isinstance(token, str) or not isinstance(lasts, int):
                raise refusal(str(told.get("errcode", "no token")), _REFUSALS)
            self._token, self._until = token, self._now() + timedelta(seconds=lasts)
            return token

    async def _post(self, path: str, fields: Mapping[str, object]) -> dict[str, Any]:
        body = json.dumps(fields, ensure_ascii=False).encode()
        return await self._ask("POST", self._endpoint + path, {"Content-Type": "application/json"}, body)


class WeChat(WeChatApi):
    """`to` of what it delivers is an openid."""

    def __init__(self, section: WeChatSection, now: Callable[[], datetime]) -> None:
        super().__init__(section, now)
        self._section, self.longest = section, section.longest_value

    async def deliver(self, notice: OutboxMessage) -> Taken:
        assert notice.filled is not None
        told = await self.call("/cgi-bin/message/template/send", {
            "touser": notice.to, "template_id": notice.filled.code, "url": notice.text.values.get("url", ""),
            "client_msg_id": notice.id, "data": {name: {"value": value} for name, value in notice.filled.values},
        })  # fmt: skip
        return Taken(str(told.get("msgid") or ""))

    def pushed(self, secret: str, query: Mapping[str, str], body: bytes) -> tuple[Sequence[Receipt], str]:
        self._own(secret)
        self.signed(secret, query)
        if not body:
            return (), query.get("echostr", "")
        told = {name.decode(): value.decode("utf-8", "replace") for name, value in _FIELD.findall(body)}
        if told.get("Event") != "TEMPLATESENDJOBFINISH" or not told.get("MsgID"):
            return (), "success"
        status = told.get("Status", "")
        trouble: Trouble = "" if status == "success" else "blocked" if "block" in status else "operator"
        return [Receipt(status == "success", reference=told["MsgID"], reason=status[:200], trouble=trouble)], "success"

    def signed(self, token: str, query: Mapping[str, str]) -> None:
        """Forged."""
        stamp = query.get("timestamp", "")
        made = hashlib.sha1("".join(sorted((token, stamp, query.get("nonce", "")))).encode(), usedforsecurity=False)
        given = query.get("signature", "").encode("utf-8", "replace")
        if not hmac.compare_digest(made.hexdigest().encode(), given) or not in_time(stamp, self._now()):
            raise Forged("not signed by WeChat, or long ago")

    def asks(self, back: str, state: str) -> str:
        """Where a browser inside WeChat goes to say who it is; nothing is asked of the person (snsapi_base)."""
        told = {
            "appid": self._section.app_id, "redirect_uri": back, "response_type": "code", "scope": "snsapi_base",
            "state": state,
        }  # fmt: skip
        return f"{self._section.authorize}?{urlencode(told)}#wechat_redirect"

    async def openid(self, code: str) -> str:
        """Of who came back with this code. NotDelivered."""
        told = {
            "appid": self._section.app_id, "secret": self._section.app_secret.read(), "code": code,
            "grant_type": "authorization_code",
        }  # fmt: skip
        answer = await self._ask("GET", f"{self._endpoint}/sns/oauth2/access_token?{urlencode(told)}")
        if not isinstance(openid := answer.get("openid"), str) or not openid:
            raise refusal(str(answer.get("errcode", "no openid")), _REFUSALS)
        return openid


_FIELD: Final = re.compile(rb"<(Event|MsgID|Status)>(?:<!\[CDATA\[)?([^<\]]{1,100})")


class MiniProgramLinks(WeChatApi):
    """Links that open the mini-program, for those of ours."""

    def __init__(self, section: MiniProgramSection, now: Callable[[], datetime]) -> None:
        super().__init__(section, now)
        self._path, self._days = section.path, section.days

    async def link(self, secret: str) -> str:
        """NotDelivered."""
        told = await self.call("/wxa/generate_urllink", {
            "path": self._path, "query": urlencode({"link": secret}), "expire_type": 1, "expire_interval": self._days,
        })  # fmt: skip
        if not isinstance(url := told.get("url_link"), str) or not url.startswith("https://"):
            raise NotDelivered("answered without a link", trouble="unreachable")
        return url


class Accounts(Protocol):
    """`server.connections.messages.MessageRouter`."""

    async def account(self, office: str) -> tuple[str, WeChat] | None:
        """The official account that serves an office, and its name among the connections."""
        ...


ASKED_WITHIN: Final = timedelta(minutes=10)


class AccountFollowing:
    """Implements `web.join.Following`. `phone`: on file for a guest's seat, "" for none."""

    def __init__(
        self,
        accounts: Accounts,
        followers: Followers,
        phone: Callable[[Guest], Awaitable[str]],
        word: Callable[[str], str],
        site: str,
        now: Callable[[], datetime],
    ) -> None:
        self._accounts, self._followers, self._phone = accounts, followers, phone
        self._word, self._site, self._now = word, site, now

    async def possible(self, guest: Guest) -> bool:
        return bool(await self._accounts.account(guest.office.id)) and textable(await self._phone(guest))

    async def address(self, guest: Guest) -> str:
        found = await self._accounts.account(guest.office.id)
        if found is None or not textable(await self._phone(guest)):
            return ""
        return found[1].asks(f"{self._site}/join/wechat/back", self._state(guest, 0))

    async def follows(self, guest: Guest) -> bool:
        found = await self._accounts.account(guest.office.id)
        return found is not None and bool(await self._followers.openid(found[0], await self._phone(guest)))

    async def come_back(self, guest: Guest, code: str, state: str) -> None:
        found, phone = await self._accounts.account(guest.office.id), await self._phone(guest)
        given = state.encode("utf-8", "replace")
        if found is None or not textable(phone):
            raise Refused("not_allowed", 403)
        if not any(hmac.compare_digest(self._state(guest, ago).encode(), given) for ago in (0, 1)):
            raise Refused("not_allowed", 403)
        try:
            openid = await found[1].openid(code)
        except (NotDelivered, ValueError) as fault:
            log.warning("WeChat does not say who came back", connection=found[0], why=str(fault))
            raise Refused("busy", 503) from None
        await self._followers.follow(found[0], phone, openid)

    async def leave(self, guest: Guest) -> None:
        if (found := await self._accounts.account(guest.office.id)) is not None:
            await self._followers.leave(found[0], await self._phone(guest))

    def _state(self, guest: Guest, ago: int) -> str:
        """A word for this seat and device's link, in this stretch of time or the one before; letters and digits."""
        stretch = int(self._now().timestamp() // ASKED_WITHIN.total_seconds()) - ago
        return self._word(f"{guest.session} {guest.seat.id} {guest.link} {stretch}")[:40]


class Followers:
    """Who takes messages by which official account. The number is kept as a hash, the openid sealed, for a time."""

    def __init__(
        self,
        store: FollowerStore,
        seal: Seal,
        hash_of: Callable[[str], str],
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._seal, self._hash, self._now = store, seal, hash_of, now

    async def follow(self, connection: str, phone: str, openid: str) -> None:
        sealed = self._seal.seal(openid, OPENID)
        await self._store.put(connection, self._hash(phone), sealed, self._now() + FOLLOWS)

    async def openid(self, connection: str, phone: str) -> str:
        sealed = await self._store.find(connection, self._hash(phone), self._now())
        try:
            return self._seal.open(sealed, OPENID) if sealed else ""
        except SealBroken:
            return ""

    async def leave(self, connection: str, phone: str) -> None:
        await self._store.remove(connection, self._hash(phone))
