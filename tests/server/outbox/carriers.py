"""Carriers of messages on real sockets, as their documentation has them: they check signatures and times by their own
reckoning, take or refuse, lie when told to, and say later what became of a message."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestServer

KEY, SECRET = "LTAI-key", "a-secret-of-the-carrier"


@dataclass
class Held:
    """A message that it took."""

    id: str  # ours, as far as it was told
    reference: str
    to: str
    said: dict[str, Any]


@dataclass
class Simulator:
    """`wrong`: what the next answers are instead; `hush`: it takes a message and says nothing of it; `in_pieces`: its
    answers come in two."""

    now: Callable[[], datetime]
    wrong: list[web.Response] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    hush: bool = False
    in_pieces: bool = False
    asked: list[str] = field(default_factory=list)
    arrived: dict[str, str] = field(default_factory=dict)  # by reference: the operator's word for it
    silent: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._any)
        self.server = TestServer(app)

    async def start(self) -> str:
        await self.server.start_server()
        return str(self.server.make_url("")).rstrip("/")

    async def stop(self) -> None:
        self.silent.set()
        await self.server.close()

    def ids(self) -> list[str]:
        return [one.id for one in self.held]

    async def _any(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.wrong:
            return self.wrong.pop(0)
        answer = await self.answer(request, body)
        if self.hush:
            await self.silent.wait()
        return await _in_two(request, answer) if self.in_pieces else answer

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        raise NotImplementedError

    def take(self, id_: str, to: str, said: dict[str, Any]) -> Held:
        held = Held(id_, f"{900000 + len(self.held)}^0", to, said)
        self.held.append(held)
        return held


async def _in_two(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """Whoever asked has the first while the second is still to come."""
    whole, stream = answer.body, web.StreamResponse(status=answer.status)
    assert isinstance(whole, bytes)
    await stream.prepare(request)
    await stream.write(whole[:5])
    for _ in range(50):  # turns of the loop that both share
        await asyncio.sleep(0)
    await stream.write(whole[5:])
    return stream


def said(fields: object, status: int = 200) -> web.Response:
    return web.json_response(fields, status=status)


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class AliyunSimulator(Simulator):
    """Dysmsapi 2017-05-25. Template SMS_1 has been approved under the signatures it knows."""

    signatures = frozenset({"云调", "东高一所", "一所", "东湖市监"})

    def __post_init__(self) -> None:
        super().__post_init__()
        self.nonces: set[str] = set()

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        if (wrong := self._unsigned(request, body)) is not None:
            return wrong
        told = dict(parse_qsl(request.url.raw_query_string, keep_blank_values=True))
        action = request.headers["x-acs-action"]
        self.asked.append(action)
        if action == "SendSms":
            return self._send(told)
        rows = [
            {
                "PhoneNum": one.to, "OutId": one.id, "TemplateCode": one.said["TemplateCode"], "SendDate": "",
                "SendStatus": {"": 1, "DELIVERED": 3}.get(self.arrived.get(one.reference, ""), 2),
                "ErrCode": self.arrived.get(one.reference, ""), "ReceiveDate": "2026-06-24 09:00:05",
            }
            for one in self.held
            if one.to == told["PhoneNumber"] and told.get("BizId") in (None, one.reference)
        ]  # fmt: skip
        return said({
            "Code": "OK", "Message": "OK", "RequestId": "R", "TotalCount": len(rows),
            "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows},
        })  # fmt: skip

    def _send(self, told: dict[str, str]) -> web.Response:
        def no(code: str) -> web.Response:
            return said({"Code": code, "Message": "模板不合法", "RequestId": "R"})

        values = json.loads(told["TemplateParam"])
        if told["SignName"] not in self.signatures:
            return no("isv.SMS_SIGNATURE_ILLEGAL")
        if not told["TemplateCode"].startswith("SMS_"):
            return no("isv.SMS_TEMPLATE_ILLEGAL")
        if any(not value or len(value) > 35 or "://" in value for value in values.values()):
            return no("isv.PARAM_LENGTH_LIMIT")
        held = self.take(told["OutId"], told["PhoneNumbers"], {**told, "values": values})
        return said({"Code": "OK", "Message": "OK", "RequestId": "R", "BizId": held.reference})

    def _unsigned(self, request: web.Request, body: bytes) -> web.Response | None:
        def no(code: str) -> web.Response:
            return said({"Code": code, "Message": "no", "RequestId": "R"}, 400)

        head = request.headers
        read = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})", head["Authorization"]
        )
        if read is None or read[1] != KEY:
            return no("InvalidAccessKeyId.NotFound")
        at = datetime.strptime(head["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(at - self.now()) > timedelta(minutes=15):
            return no("InvalidTimeStamp.Expired")
        if head["x-acs-signature-nonce"] in self.nonces:
            return no("SignatureNonceUsed")
        self.nonces.add(head["x-acs-signature-nonce"])
        query = "&".join(sorted(request.url.raw_query_string.split("&")))
        names = read[2].split(";")
        told = "".join(f"{name}:{head[name].strip()}\n" for name in names)
        if {"host", "x-acs-action", "x-acs-date", "x-acs-content-sha256"} - set(names):
            return no("MissingSignedHeaders")
        canonical = f"{request.method}\n{request.url.raw_path}\n{query}\n{told}\n{read[2]}\n{_sha(body)}"
        right = _hmac(SECRET.encode(), f"ACS3-HMAC-SHA256\n{_sha(canonical.encode())}").hex()
        return None if hmac.compare_digest(right, read[3]) else no("SignatureDoesNotMatch")

    def report(self, held: Held, code: str) -> list[dict[str, Any]]:
        """As its SmsReport posts it."""
        return [{
            "phone_number": held.to, "send_time": "2026-06-24 09:00:00", "report_time": "2026-06-24 09:00:05",
            "success": code == "DELIVERED", "err_code": code, "err_msg": "", "sms_size": "1",
            "biz_id": held.reference, "out_id": held.id,
        }]  # fmt: skip


class TencentSimulator(Simulator):
    """sms 2021-01-11: its errors come with 200."""

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        if (wrong := self._unsigned(request, body)) is not None:
            return wrong
        told, action = json.loads(body), request.headers["X-TC-Action"]
        self.asked.append(action)
        if action == "SendSms":
            (phone,) = told["PhoneNumberSet"]
            row = {"PhoneNumber": phone, "SessionContext": told["SessionContext"], "IsoCode": "CN", "Fee": 0}
            if not told["TemplateId"].isascii() or any(len(one) > 30 for one in told["TemplateParamSet"]):
                code = "FailedOperation.TemplateIncorrectOrUnapproved"
                return self._said({"SendStatusSet": [{**row, "Code": code, "Message": "no", "SerialNo": ""}]})
            held = self.take(told["SessionContext"], phone, told)
            row |= {"SerialNo": held.reference, "Fee": 2, "Code": "Ok", "Message": "send success"}
            return self._said({"SendStatusSet": [row]})
        rows = [
            {
                "UserReceiveTime": int(self.now().timestamp()), "CountryCode": "86", "SubscriberNumber": one.to[3:],
                "PhoneNumber": one.to, "SerialNo": one.reference, "SessionContext": one.id,
                "ReportStatus": "SUCCESS" if self.arrived.get(one.reference) == "DELIVRD" else "FAIL",
                "Description": self.arrived.get(one.reference, ""),
            }
            for one in self.held
            if one.to == told["PhoneNumber"] and (one.reference in self.arrived or self.hush is False)
        ]  # fmt: skip
        for row in rows:
            if not row["Description"]:
                row["ReportStatus"] = ""
        return self._said({"PullSmsSendStatusSet": rows})

    def _said(self, fields: dict[str, Any]) -> web.Response:
        return said({"Response": {**fields, "RequestId": "R"}})

    def _unsigned(self, request: web.Request, body: bytes) -> web.Response | None:
        def no(code: str) -> web.Response:
            return self._said({"Error": {"Code": code, "Message": "no"}})

        head = request.headers
        read = re.fullmatch(
            r"TC3-HMAC-SHA256 Credential=([^/]+)/([0-9-]{10})/sms/tc3_request, SignedHeaders=([^,]+), "
            r"Signature=([0-9a-f]{64})",
            head["Authorization"],
        )
        if read is None or read[1] != KEY or head["X-TC-Version"] != "2021-01-11" or not head["X-TC-Region"]:
            return no("AuthFailure.SecretIdNotFound")
        stamp = int(head["X-TC-Timestamp"])
        if abs(stamp - self.now().timestamp()) > 300:
            return no("AuthFailure.SignatureExpire")
        names = read[3].split(";")
        lower = {"x-tc-action"}
        told = "".join(f"{n}:{head[n].lower() if n in lower else head[n].strip()}\n" for n in names)
        canonical = f"POST\n/\n\n{told}\n{read[3]}\n{_sha(body)}"
        day = f"{datetime.fromtimestamp(stamp, UTC):%Y-%m-%d}"
        to_sign = f"TC3-HMAC-SHA256\n{stamp}\n{day}/sms/tc3_request\n{_sha(canonical.encode())}"
        key = _hmac(_hmac(_hmac(("TC3" + SECRET).encode(), day), "sms"), "tc3_request")
        right = hmac.compare_digest(_hmac(key, to_sign).hex(), read[4]) and day == read[2]
        return None if right else no("AuthFailure.SignatureFailure")

    def report(self, held: Held, code: str) -> list[dict[str, Any]]:
        return [{
            "user_receive_time": "2026-06-24 09:00:05", "nationcode": "86", "mobile": held.to[3:],
            "sid": held.reference,
            "report_status": "SUCCESS" if code == "DELIVRD" else "FAIL", "errmsg": code, "description": "",
        }]  # fmt: skip


class MasSimulator(Simulator):
    """China Mobile's cloud MAS: base64 of JSON, an MD5 over the fields in order."""

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        told = json.loads(base64.b64decode(body, validate=True))
        self.asked.append(request.path.rpartition("/")[2])
        values = [told["ecName"], told["apId"], SECRET]
        names = ("mobiles", "content") if self.asked[-1] == "norsubmit" else ("templateId", "mobiles", "params")
        values += [told[name] for name in (*names, "sign", "addSerial")]
        mac = hashlib.md5("".join(values).encode(), usedforsecurity=False).hexdigest()
        if told["mac"] != mac:
            return said({"msgGroup": "", "rspcod": "IllegalMac", "success": False})
        if told["sign"] != "signcode":
            return said({"msgGroup": "", "rspcod": "IllegalSignId", "success": False})
        held = self.take("", told["mobiles"], told)
        return said({"msgGroup": held.reference, "rspcod": "success", "success": True})

    def report(self, held: Held, code: str) -> dict[str, Any]:
        return {
            "reportStatus": "CM:0000" if code == "DELIVRD" else code, "mobile": held.to, "errorCode": code,
            "submitDate": "20260624090000", "receiveDate": "20260624090005", "msgGroup": held.reference,
        }  # fmt: skip


class WeChatSimulator(Simulator):
    """An official account and a mini-program: tokens end or are called void, and what comes twice is dropped."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tokens: list[str] = []
        self.void = False
        self.gone: set[str] = set()

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        path = request.path
        self.asked.append(path.rpartition("/")[2])
        if path == "/cgi-bin/stable_token":
            told = json.loads(body)
            if told["secret"] != SECRET or told["grant_type"] != "client_credential":
                return said({"errcode": 40125, "errmsg": "invalid appsecret"})
            if told["force_refresh"] or not self.tokens:
                self.tokens.append(f"token{len(self.tokens)}")
                self.void = False
            return said({"access_token": self.tokens[-1], "expires_in": 7200})
        if path == "/sns/oauth2/access_token":
            if request.query["code"] != "c0de" or request.query["secret"] != SECRET:
                return said({"errcode": 40029, "errmsg": "invalid code"})
            return said({"access_token": "x", "openid": "oPerson", "scope": "snsapi_base", "expires_in": 7200})
        if self.void or request.query["access_token"] not in self.tokens[-1:]:
            return said({"errcode": 40001, "errmsg": "invalid credential"})
        told = json.loads(body)
        if path == "/wxa/generate_urllink":
            return said({"errcode": 0, "errmsg": "ok", "url_link": f"https://wxaurl.cn/{told['query'][-4:]}"})
        if told["touser"] in self.gone:
            return said({"errcode": 43004, "errmsg": "require subscribe"})
        if not any(one.id == told["client_msg_id"] for one in self.held):
            self.take(told["client_msg_id"], told["touser"], told)
        return said({"errcode": 0, "errmsg": "ok", "msgid": 900000})
