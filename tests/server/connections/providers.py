"""Providers on real sockets: an OpenID one that can be made to lie, 企业微信, 钉钉 and 专有钉钉 as their documentation
has them. Each lets one person in."""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import itertools
import secrets
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import RSAKey

from server.connections.openid import LOGOUT_EVENT
from server.connections.work_apps import signature
from tests.contracts.sign_on_contract import SECRET


class Provider:
    """Serves until it is stopped; hushed, it takes requests and leaves them; `answers` with the same to all."""

    def __init__(self) -> None:
        self.hushed, self.secret = False, SECRET
        self.spoiled: tuple[int, bytes] | None = None
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}  # code -> what the browser was sent with
        self._silent = asyncio.Event()
        app = web.Application(middlewares=[self._first])
        self.routes(app.router)
        self.server = TestServer(app)

    @abstractmethod
    def routes(self, router: web.UrlDispatcher) -> None: ...

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    async def start(self) -> None:
        await self.server.start_server()

    async def stop(self) -> None:
        self._silent.set()
        await self.server.close()

    @web.middleware
    async def _first(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.hushed:
            await self._silent.wait()
        if self.spoiled is not None:
            status, body = self.spoiled
            return web.Response(status=status, body=body, headers={"Location": "/elsewhere"})
        return await handler(request)

    async def gone_through(self, address: str) -> dict[str, str]:
        """As a browser whose user agrees to everything."""
        async with aiohttp.ClientSession() as browser, browser.get(address, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            back = urlsplit(answer.headers["Location"])
            return dict(parse_qsl(back.query))

    def _code(self, request: web.Request, parameter: str = "code", **more: str) -> web.Response:
        code, query = secrets.token_urlsafe(16), dict(request.query)
        self.codes[code] = query
        back = {parameter: code, "state": query["state"], **more}
        address = query["redirect_uri"] + "?" + "&".join(f"{name}={value}" for name, value in back.items())
        return web.Response(status=302, headers={"Location": address})


_numbers = itertools.count()


@functools.cache
def _key(number: int) -> RSAKey:
    """Making one takes longer than a test; providers that run beside each other have different ones."""
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}, private=True)


class OpenIdProvider(Provider):
    """`lie`: what its tokens say otherwise, None for a claim they do not have; `keys`: what it signs with, by id."""

    def __init__(self, client_id: str = "yuntiao") -> None:
        self.client_id, self.subject = client_id, "f2c1e8f0-0001-4d4f-9d7f-2f5b6c1f9a11"
        self.keys = {"one": _key(next(_numbers) % 3)}
        self.signs_with, self.lie, self.about = "one", dict[str, Any](), dict[str, Any]()
        self.claims: dict[str, Any] = {"preferred_username": "zhoumin", "name": "周敏"}
        self.more: dict[str, Any] = {"groups": ["/mediators"]}
        self.userinfo_subject = ""
        self.token: str = ""  # instead of one of its own
        self.clock = time.time
        super().__init__()

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/.well-known/openid-configuration", self._configuration)
        router.add_get("/authorize", self._authorize)
        router.add_post("/token", self._token)
        router.add_get("/keys", self._keys)
        router.add_get("/userinfo", self._userinfo)

    async def _configuration(self, request: web.Request) -> web.Response:
        addresses = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys",
                     "userinfo_endpoint": "userinfo"}  # fmt: skip
        return web.json_response(
            {"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in addresses.items()}} | self.about
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        query = request.query
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        named = {"iss": self.url} if self.about.get("authorization_response_iss_parameter_supported") else {}
        return self._code(request, **named)

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        kind, _, pair = request.headers.get("Authorization", "").partition(" ")
        given = base64.b64decode(pair).decode().partition(":") if kind == "Basic" else ("", "", "")
        client = (unquote(given[0]), unquote(given[2])) if kind else (form.get("client_id"), form.get("client_secret"))
        if client != (self.client_id, self.secret):
            return web.json_response({"error": "invalid_client"}, status=401)
        sent = self.codes.pop(str(form["code"]), None)
        verifier = str(form["code_verifier"])
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if sent is None or sent["redirect_uri"] != form["redirect_uri"] or sent["code_challenge"] != made:
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = self.token or self.signed({"nonce": sent["nonce"], **self.claims})
        return web.json_response({"access_token": "at", "token_type": "Bearer", "id_token": token})

    async def _keys(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys.values()]})

    async def _userinfo(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer at"
        return web.json_response({"sub": self.userinfo_subject or self.subject, **self.more})

    def signed(self, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
        now = int(self.clock())
        said = {"iss": self.url, "sub": self.subject, "aud": self.client_id, "iat": now, "exp": now + 300, **claims}
        said = {name: value for name, value in (said | self.lie).items() if value is not None}
        made = {"alg": "RS256", "kid": self.signs_with, **(header or {})}
        return jwt.encode({name: value for name, value in made.items() if value is not None}, said,
                          self.keys[self.signs_with])  # fmt: skip

    def logout_token(self, **claims: Any) -> str:
        said = {"jti": secrets.token_hex(8), "events": {LOGOUT_EVENT: {}}, **claims}
        return self.signed({name: value for name, value in said.items() if value is not None})


class WeComProvider(Provider):
    """企业微信. The app's token is asked for by corpid and secret, and is good until another is asked for."""

    def __init__(self) -> None:
        self.userid, self.departments, self.status, self.outsider = "ZhouMin", [12, 7], 1, False
        self.app_token, self.app_tokens = "", 0
        super().__init__()

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/wwlogin/sso/login", self._login)
        router.add_get("/cgi-bin/gettoken", self._gettoken)
        router.add_get("/cgi-bin/auth/getuserinfo", self._getuserinfo)
        router.add_get("/cgi-bin/user/get", self._user)

    async def _login(self, request: web.Request) -> web.Response:
        query = request.query
        assert (query["login_type"], query["appid"], query["agentid"]) == ("CorpApp", "ww-corp", "1000002")
        return self._code(request)

    async def _gettoken(self, request: web.Request) -> web.Response:
        if (request.query["corpid"], request.query["corpsecret"]) != ("ww-corp", self.secret):
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        self.app_tokens += 1
        self.app_token = f"app-{self.app_tokens}"
        return web.json_response({"errcode": 0, "errmsg": "ok", "access_token": self.app_token, "expires_in": 7200})

    async def _getuserinfo(self, request: web.Request) -> web.Response:
        if request.query["access_token"] != self.app_token:
            return web.json_response({"errcode": 40014, "errmsg": "invalid access_token"})
        if self.codes.pop(request.query["code"], None) is None:
            return web.json_response({"errcode": 40029, "errmsg": "invalid code"})
        who = {"openid": "oUtsider"} if self.outsider else {"userid": self.userid}
        return web.json_response({"errcode": 0, "errmsg": "ok", **who})

    async def _user(self, request: web.Request) -> web.Response:
        if request.query["access_token"] != self.app_token:
            return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})
        who = {"userid": request.query["userid"], "name": "周敏", "department": self.departments}
        return web.json_response({"errcode": 0, "errmsg": "ok", "position": "调解员", "status": self.status, **who})


class DingTalkProvider(Provider):
    """钉钉: the person's token at the new interface, the organisation's people at the old one."""

    def __init__(self) -> None:
        self.corp, self.unionid, self.userid, self.active = "dingcorp", "un1on", "manager4220", True
        self.stranger = False
        super().__init__()

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/oauth2/auth", self._login)
        router.add_post("/v1.0/oauth2/accessToken", self._app_token)
        router.add_post("/v1.0/oauth2/userAccessToken", self._user_token)
        router.add_get("/v1.0/contact/users/me", self._me)
        router.add_post("/topapi/user/getbyunionid", self._by_unionid)
        router.add_post("/topapi/v2/user/get", self._user)

    async def _login(self, request: web.Request) -> web.Response:
        query = request.query
        assert (query["client_id"], query["scope"], query["corpId"]) == ("dingapp", "openid corpid", "dingcorp")
        assert query["prompt"] == "consent"
        return self._code(request, "authCode")

    async def _app_token(self, request: web.Request) -> web.Response:
        body = await request.json()
        if (body["appKey"], body["appSecret"]) != ("dingapp", self.secret):
            return web.json_response({"code": "invalidClientIdOrSecret", "message": "无效的clientId"}, status=400)
        return web.json_response({"accessToken": "app", "expireIn": 7200})

    async def _user_token(self, request: web.Request) -> web.Response:
        body = await request.json()
        assert body["grantType"] == "authorization_code"
        if (body["clientId"], body["clientSecret"]) != ("dingapp", self.secret):
            return web.json_response({"code": "invalidClientIdOrSecret", "message": "无效的clientId"}, status=400)
        if self.codes.pop(body["code"], None) is None:
            return web.json_response({"code": "invalidParameter.authCode.notFound", "message": "不存在"}, status=400)
        return web.json_response({"accessToken": "theirs", "refreshToken": "r", "expireIn": 7200, "corpId": self.corp})

    async def _me(self, request: web.Request) -> web.Response:
        assert request.headers["x-acs-dingtalk-access-token"] == "theirs"
        return web.json_response({"nick": "周周", "unionId": self.unionid, "openId": "op3n"})

    async def _by_unionid(self, request: web.Request) -> web.Response:
        assert request.query["access_token"] == "app"
        if self.stranger or (await request.json())["unionid"] != self.unionid:
            return web.json_response({"errcode": 60121, "errmsg": "找不到该用户"})
        result = {"contact_type": 0, "userid": self.userid}
        return web.json_response({"errcode": 0, "errmsg": "ok", "result": result})

    async def _user(self, request: web.Request) -> web.Response:
        assert (await request.json())["userid"] == self.userid
        result = {"userid": self.userid, "name": "周敏", "dept_id_list": [2, 3], "active": self.active,
                  "role_list": [{"id": 1, "name": "调解员"}]}  # fmt: skip
        return web.json_response({"errcode": 0, "errmsg": "ok", "result": result})


class ZheZhengDingProvider(Provider):
    """专有钉钉: calls count by their signature alone."""

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/oauth2/auth.htm", self._login)
        router.add_get("/gettoken.json", self._gettoken)
        router.add_post("/rpc/oauth2/getuserinfo_bycode.json", self._person)

    async def _login(self, request: web.Request) -> web.Response:
        query = request.query
        assert (query["client_id"], query["scope"], query["authType"]) == ("zzd-app", "get_user_info", "QRCODE")
        return self._code(request)

    async def _gettoken(self, request: web.Request) -> web.Response:
        if not self._holds(request, dict(request.query)):
            return self._wrong()
        return self._said({"accessToken": "app_3a53", "expiresIn": "7200"})

    async def _person(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._holds(request, form):
            return self._wrong()
        assert form["access_token"] == "app_3a53"
        if self.codes.pop(form["code"], None) is None:
            content = {"success": False, "responseCode": "InvalidCode", "responseMessage": "code不存在"}
            return web.json_response({"success": True, "content": content})
        return self._said({"accountId": 100135, "account": "zhoumin", "nickNameCn": "周敏", "lastName": "周敏",
                           "realmId": 12371, "tenantId": 12371, "employeeCode": "GE_1"})  # fmt: skip

    def _holds(self, request: web.Request, form: Mapping[str, str]) -> bool:
        head = request.headers
        parameters = "&".join(f"{name}={value}" for name, value in sorted(form.items()))
        wanted = signature(self.secret, request.method, head["X-Hmac-Auth-Timestamp"], head["X-Hmac-Auth-Nonce"],
                           request.path, parameters)  # fmt: skip
        return head["apiKey"] == "zzd-app" and head["X-Hmac-Auth-Signature"] == wanted

    def _wrong(self) -> web.Response:
        said = {"success": False, "errorCode": "OPF-B001-05-16-0009", "errorMsg": "SignatureDoesNotMatch"}
        return web.json_response(said)

    def _said(self, data: Mapping[str, Any]) -> web.Response:
        content = {"success": True, "responseCode": "0", "responseMessage": "OK", "requestId": "df04", "data": data}
        return web.json_response({"success": True, "content": content})
