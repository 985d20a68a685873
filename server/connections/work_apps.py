"""The apps that officials carry: 企业微信 and 政务微信, 钉钉, 专有钉钉 and 浙政钉. A code is scanned and exchanged.

None of them is OpenID Connect: no token is signed, no nonce comes back, PKCE is not known. What holds instead: the code
comes to our own address with the state of this browser's attempt, is good once, and is exchanged for who it is by us
alone, over TLS, with the secret of the app. That answer is all that counts.

Wire formats as their documentation has them: 企业微信 “企业微信Web登录” and “获取访问用户身份”; 钉钉 “登录第三方网站”
and “获取用户通讯录个人信息”; 专有钉钉 “扫码登录”, whose calls carry an HMAC.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlsplit

from server.connections.sign_on import (
    SUBJECT_MOST,
    Attempt,
    BadReturn,
    Person,
    ProviderAway,
    ProviderRefused,
    ProviderUnsound,
    Redirecting,
    SignedOut,
    Wire,
    WorkAppSection,
    text_of,
    with_query,
)

_EARLY: Final = 300  # seconds before its end at which an app's own token is asked for anew
_BEIJING: Final = timezone(timedelta(hours=8))


class WorkApp(Redirecting):
    """What the three have in common: the app's own token, kept while it is good, and a code for a person."""

    login: str
    api: str

    def __init__(self, section: WorkAppSection, now: Callable[[], datetime]) -> None:
        self._section, self._now = section, now
        self._wire = Wire(section.timeout, section.ca_file)
        self._login = (section.login_address or self.login).rstrip("/")
        self._api = (section.api_address or self.api).rstrip("/")
        self._token: tuple[float, str] | None = None
        self._asking = asyncio.Lock()

    @property
    def issuer(self) -> str:
        """Of one organisation: ids of people are its own."""
        return f"{self._section.preset}:{self._organisation}"

    @property
    def _organisation(self) -> str:
        return self._section.client_id

    @property
    def host(self) -> str:
        return urlsplit(self._api).netloc

    async def close(self) -> None:
        await self._wire.close()

    async def look(self) -> None:
        """Whether id and secret of the app are good: a token of its own is asked for."""
        self._token = None
        await self._app_token()

    async def finish(self, attempt: Attempt, query: Mapping[str, str]) -> Person:
        code = query.get("authCode") or query.get("code") or ""
        if not code:
            raise ProviderRefused("nobody was let in")  # how all three say no
        claims = await self._person(code)
        subject = text_of(claims, self.subject)
        if not 0 < len(subject) <= SUBJECT_MOST:
            raise ProviderRefused("whoever scanned it is not of this organisation")
        return Person(self.issuer, subject, claims, two_steps=self._section.two_steps)

    async def signed_out(self, token: str) -> SignedOut:
        raise ProviderUnsound("it has no back channel")

    async def _app_token(self, anew: bool = False) -> str:
        async with self._asking:
            at = self._now().timestamp()
            if anew or self._token is None or self._token[0] <= at:
                token, seconds = await self._issued()
                self._token = at + max(60.0, seconds - _EARLY), token
            return self._token[1]

    subject: str
    """The claim that is who somebody is, for good."""

    @abstractmethod
    async def _issued(self) -> tuple[str, float]:
        """A token of the app's own and the seconds it is good for."""

    @abstractmethod
    async def _person(self, code: str) -> dict[str, Any]: ...

    def _failed(self, what: str, code: object, said: object) -> ProviderAway:
        return ProviderAway(f"{what}: {self.host} answered {str(code)[:40]} {str(said)[:80]!r}", "refused")


class WeCom(WorkApp):
    """企业微信, and 政务微信 with addresses of its own. Groups are departments' ids, besides the tags of somebody."""

    login, api, subject = "https://login.work.weixin.qq.com", "https://qyapi.weixin.qq.com", "userid"

    async def begin(self, attempt: Attempt) -> str:
        query = {
            "login_type": "CorpApp",
            "appid": self._section.client_id,
            "agentid": self._section.agent_id,
            "redirect_uri": attempt.back,
            "state": attempt.state,
        }
        return with_query(f"{self._login}/wwlogin/sso/login", query)

    async def _issued(self) -> tuple[str, float]:
        query = {"corpid": self._section.client_id, "corpsecret": self._section.client_secret.read()}
        answer = await self._get("/cgi-bin/gettoken", query, "a token of the app")
        return str(answer["access_token"]), float(answer.get("expires_in", 7200))

    async def _person(self, code: str) -> dict[str, Any]:
        who = await self._as_app("/cgi-bin/auth/getuserinfo", {"code": code}, "who it is")
        userid = who.get("userid") or who.get("UserId")
        if not userid:  # an openid: somebody of outside
            raise ProviderRefused("whoever scanned it is not of this organisation")
        more = await self._as_app("/cgi-bin/user/get", {"userid": str(userid)}, "name and departments")
        if more.get("status", 1) != 1:
            raise ProviderRefused("the account is not active there")
        return {**more, "userid": str(userid)}

    async def _as_app(self, path: str, query: Mapping[str, str], what: str) -> dict[str, Any]:
        token = await self._app_token()
        try:
            return await self._get(path, {"access_token": token, **query}, what)
        except _Stale:
            token = await self._app_token(anew=True)
            return await self._get(path, {"access_token": token, **query}, what)

    async def _get(self, path: str, query: Mapping[str, str], what: str) -> dict[str, Any]:
        status, answer = await self._wire.json("GET", f"{self._api}{path}", params=query)
        code = answer.get("errcode", 0)
        if code in (40014, 42001):  # invalid or over: another program asked for one since
            raise _Stale(what)
        if code in (40029, 40078):
            raise BadReturn("it does not know the code: used before, or too old")
        if code in (60111, 60011):  # no such member, or not visible to the app
            raise ProviderRefused("the app does not see whoever scanned it")
        if status != 200 or code != 0:
            raise self._failed(what, code, answer.get("errmsg"))
        return answer


class _Stale(ProviderAway):
    """The app's token is not good any more, though it should be."""


class DingTalk(WorkApp):
    """钉钉. Who scanned is known by their own token; name, departments and roles by the app's, inside the organisation
    alone. Somebody who is not in it has no `userid` and is refused."""

    login, api, subject = "https://login.dingtalk.com", "https://api.dingtalk.com", "userid"
    old_api: Final = "https://oapi.dingtalk.com"

    @property
    def _organisation(self) -> str:
        return self._section.corp_id

    async def begin(self, attempt: Attempt) -> str:
        query = {
            "response_type": "code",
            "client_id": self._section.client_id,
            "redirect_uri": attempt.back,
            "scope": "openid corpid",
            "state": attempt.state,
            "prompt": "consent",
            "corpId": self._section.corp_id,
        }
        return with_query(f"{self._login}/oauth2/auth", query)

    async def _issued(self) -> tuple[str, float]:
        body = {"appKey": self._section.client_id, "appSecret": self._section.client_secret.read()}
        answer = await self._post("/v1.0/oauth2/accessToken", body, "a token of the app")
        return str(answer["accessToken"]), float(answer.get("expireIn", 7200))

    async def _person(self, code: str) -> dict[str, Any]:
        body = {
            "clientId": self._section.client_id,
            "clientSecret": self._section.client_secret.read(),
            "code": code,
            "grantType": "authorization_code",
        }
        theirs = await self._post("/v1.0/oauth2/userAccessToken", body, "the code")
        if theirs.get("corpId") != self._section.corp_id:
            raise ProviderRefused("another organisation was chosen")
        headers = {"x-acs-dingtalk-access-token": str(theirs["accessToken"])}
        status, who = await self._wire.json("GET", f"{self._api}/v1.0/contact/users/me", headers=headers)
        if status != 200 or not who.get("unionId"):
            raise self._failed("who it is", who.get("code", status), who.get("message"))
        found = await self._inside("/topapi/user/getbyunionid", {"unionid": str(who["unionId"])})
        userid = str(found.get("userid") or "")
        if not userid or found.get("contact_type", 0) != 0:  # 1: an outside contact
            raise ProviderRefused("whoever scanned it is not of this organisation")
        more = await self._inside("/topapi/v2/user/get", {"userid": userid})
        if more.get("active") is False:
            raise ProviderRefused("the account is not active there")
        return {**more, "userid": userid, "unionId": str(who["unionId"]), "name": more.get("name") or who.get("nick")}

    async def _inside(self, path: str, body: Mapping[str, str]) -> dict[str, Any]:
        """The older interface, whose tokens are the same."""
        address = self._section.api_address.rstrip("/") or self.old_api
        for anew in (False, True):
            token = await self._app_token(anew)
            status, answer = await self._wire.json(
                "POST", f"{address}{path}", params={"access_token": token}, json=body
            )
            code = answer.get("errcode", 0)
            if code in (40014, 42001) and not anew:
                continue
            if code == 60121:  # nobody of this id in the organisation
                raise ProviderRefused("whoever scanned it is not of this organisation")
            result = answer.get("result")
            if status == 200 and code == 0 and isinstance(result, dict):
                return result
            raise self._failed("somebody inside the organisation", code, answer.get("errmsg"))
        raise AssertionError("it returned or raised")

    async def _post(self, path: str, body: Mapping[str, str], what: str) -> dict[str, Any]:
        status, answer = await self._wire.json("POST", f"{self._api}{path}", json=body)
        if status == 200 and answer.get("accessToken"):
            return answer
        code = str(answer.get("code", status))
        if what == "the code" and status == 400 and "code" in code.casefold():
            raise BadReturn("it does not know the code: used before, or too old")
        raise self._failed(what, code, answer.get("message"))


class ZheZhengDing(WorkApp):
    """专有钉钉, which 浙政钉 is one of. Each call is signed, over method, time, nonce, path and parameters."""

    login, api, subject = "https://login-pro.ding.zj.gov.cn", "https://openplatform-pro.ding.zj.gov.cn", "accountId"

    @property
    def _organisation(self) -> str:
        return self.host  # accountId is one through the whole platform

    async def begin(self, attempt: Attempt) -> str:
        query = {
            "response_type": "code",
            "client_id": self._section.client_id,
            "redirect_uri": attempt.back,
            "scope": "get_user_info",
            "authType": "QRCODE",
            "state": attempt.state,
        }
        return with_query(f"{self._login}/oauth2/auth.htm", query)

    async def _issued(self) -> tuple[str, float]:
        form = {"appkey": self._section.client_id, "appsecret": self._section.client_secret.read()}
        said = await self._call("GET", "/gettoken.json", form, "a token of the app")
        return str(said["accessToken"]), float(said.get("expiresIn", 7200))

    async def _person(self, code: str) -> dict[str, Any]:
        form = {"access_token": await self._app_token(), "code": code}
        return await self._call("POST", "/rpc/oauth2/getuserinfo_bycode.json", form, "the code")

    async def _call(self, method: str, path: str, form: Mapping[str, str], what: str) -> dict[str, Any]:
        now = self._now().astimezone(_BEIJING)
        time = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}+08:00"
        nonce = f"{int(now.timestamp() * 1000)}{secrets.randbelow(9000) + 1000}"
        parameters = "&".join(f"{name}={value}" for name, value in sorted(form.items()))
        headers = {
            "X-Hmac-Auth-Timestamp": time,
            "X-Hmac-Auth-Version": "1.0",
            "X-Hmac-Auth-Nonce": nonce,
            "apiKey": self._section.client_id,
            "X-Hmac-Auth-Signature": signature(
                self._section.client_secret.read(), method, time, nonce, path, parameters
            ),
            "X-Hmac-Auth-IP": "127.0.0.1",
            "X-Hmac-Auth-MAC": "00:00:00:00:00:00",
        }
        how: dict[str, Any] = {"params": form} if method == "GET" else {"data": form}
        status, answer = await self._wire.json(method, f"{self._api}{path}", headers=headers, **how)
        content = answer.get("content")
        inner: Mapping[str, Any] = content if isinstance(content, dict) else {}
        data = inner.get("data")
        if status == 200 and answer.get("success") is True and inner.get("success") is True and isinstance(data, dict):
            return data
        code = inner.get("responseCode") or answer.get("errorCode") or answer.get("bizErrorCode") or status
        said = inner.get("responseMessage") or answer.get("errorMsg")
        if what == "the code" and status == 200 and inner.get("success") is False:
            raise BadReturn(f"it does not know the code: {str(code)[:40]}")
        raise self._failed(what, code, said)


def signature(secret: str, method: str, time: str, nonce: str, path: str, parameters: str) -> str:
    """As 专有钉钉 signs a call: parameters by name, as they are before they are encoded."""
    signed = "\n".join((method, time, nonce, path, parameters))
    return base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()).decode()


WORK_APPS: Final[Mapping[str, Callable[[WorkAppSection, Callable[[], datetime]], WorkApp]]] = {
    "wecom": WeCom,
    "dingtalk": DingTalk,
    "zhezhengding": ZheZhengDing,
}
