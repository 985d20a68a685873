"""Carriers of text messages as they speak: Aliyun (Dysmsapi 2017-05-25, ACS3-HMAC-SHA256), Tencent Cloud (sms
2021-01-11, TC3-HMAC-SHA256), China Mobile's cloud MAS over HTTP (norsubmit and tmpsubmit).

None of them drops a repetition by itself. Where a try got no answer, the next one first asks Aliyun and Tencent whether
they have a message of our id; MAS cannot be asked, and a message whose answer was lost may come twice from there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import aiohttp
from pydantic import BaseModel, ConfigDict, Field
from yarl import URL

from server.connections import Secret, Section, TooLong, content_of
from server.outbox import parts
from server.outbox.notifiers import Awaited, Forged, NotDelivered, OutboxMessage, Receipt, Taken, Trouble

CHINA: Final = ZoneInfo("Asia/Shanghai")
MOST_ANSWER: Final = 1 << 20
_LATER: Final = timedelta(minutes=10)
_SOON: Final = timedelta(minutes=1)


class Limits(BaseModel):
    """How many messages, but for codes, may go out before others wait. 0: no bound."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number_hour: int = Field(default=5, ge=0)
    number_day: int = Field(default=10, ge=0)
    office_day: int = Field(default=2000, ge=0)


class CarrierSection(Section):
    """`offices`: ids of those it serves with all below them, none for every one; `price`: yuan a piece; `callback`: the
    secret at the end of the address it posts receipts to."""

    offices: tuple[str, ...] = ()
    price: float = Field(default=0.0, ge=0)
    limits: Limits = Limits()
    callback: Secret | None = None


class AliyunSection(CarrierSection):
    provider: Literal["aliyun"]
    endpoint: str = "https://dysmsapi.aliyuncs.com"
    access_key_id: str
    access_key_secret: Secret
    longest_value: int = 35


class TencentSection(CarrierSection):
    provider: Literal["tencent"]
    endpoint: str = "https://sms.tencentcloudapi.com"
    region: str = "ap-guangzhou"
    secret_id: str
    secret_key: Secret
    app_id: str
    longest_value: int = 30


class MasSection(CarrierSection):
    """`sign`: the code of the signature (the platform puts its words before the text)."""

    provider: Literal["mas"]
    endpoint: str = "http://112.35.1.155:1992/sms"
    ec_name: str
    ap_id: str
    secret_key: Secret
    sign: str
    serial: str = ""
    templates: bool = False
    longest_value: int = 35


class HttpCarrier:
    """Asks by HTTP, and takes whatever is no answer for one that may come later."""

    longest: int | None = None

    def __init__(self, section: CarrierSection, endpoint: str, now: Callable[[], datetime]) -> None:
        self._endpoint, self._now = endpoint.rstrip("/"), now
        self._callback = section.callback
        self._timeout = aiohttp.ClientTimeout(total=section.timeout)
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def asked(self, awaited: Sequence[Awaited]) -> Sequence[Receipt]:
        return ()

    @property
    def host(self) -> str:
        return urlsplit(self._endpoint).netloc

    def _own(self, secret: str) -> None:
        """Forged, unless the address that was posted to is the one that the carrier was told."""
        known = self._callback.read() if self._callback is not None else ""
        if not known or not hmac.compare_digest(known.encode(), secret.encode("utf-8", "replace")):
            raise Forged("not at the address that was agreed on")

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> dict[str, Any]:
        """What it answers, whichever its status: they put their codes beside 4xx as well. NotDelivered."""
        if self._http is None:
            raise NotDelivered("the connection is closed", trouble="unreachable")
        try:
            async with self._http.request(
                method, _as_is(url), headers=headers, data=body, allow_redirects=False
            ) as answer:
                status, said = answer.status, await content_of(answer, MOST_ANSWER)
        except TooLong:
            raise NotDelivered("answered at more length than is read", trouble="unreachable") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise NotDelivered(f"no answer ({type(fault).__name__})", trouble="unreachable") from None
        try:
            told = json.loads(said)
        except ValueError:
            told = None
        if not isinstance(told, dict) or (status >= 500 and not told):
            raise NotDelivered(f"answered {status}, and nothing to be understood", trouble="unreachable")
        return told


def _as_is(url: str) -> URL:
    """What was signed is what is sent."""
    return URL(url, encoded=True)


def refusal(code: str, table: Mapping[str, Trouble], told: str = "") -> NotDelivered:
    """By the longest beginning of a code that the table knows. Nothing is sent again that would be refused again."""
    known = max((one for one in table if code.startswith(one)), key=len, default="")
    trouble: Trouble = table[known] if known else "operator"
    wait = {"flood": _SOON, "account": _LATER, "credentials": _LATER, "clock": _LATER}.get(trouble)
    return NotDelivered(f"{code} {told}".strip()[:200], trouble in _NEVER, trouble, wait)


_NEVER: Final = frozenset({"signature", "template", "content", "number", "blocked", "unfollowed"})


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _local(text: object, form: str = "%Y-%m-%d %H:%M:%S") -> datetime | None:
    try:
        return datetime.strptime(str(text), form).replace(tzinfo=CHINA).astimezone(UTC)
    except ValueError:
        return None


def _list_in(body: bytes) -> list[dict[str, Any]]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Forged("no JSON") from None
    found = told if isinstance(told, list) else [told]
    if not all(isinstance(one, dict) for one in found):
        raise Forged("no list of receipts")
    return found


# ---------------------------------------------------------------------------- Aliyun

_ALIYUN: Final[Mapping[str, Trouble]] = {
    "SignatureDoesNotMatch": "credentials", "InvalidAccessKeyId": "credentials", "Forbidden": "credentials",
    "isp.RAM_PERMISSION_DENY": "credentials", "InvalidTimeStamp": "clock", "SignatureNonceUsed": "clock",
    "isv.AMOUNT_NOT_ENOUGH": "account", "isv.OUT_OF_SERVICE": "account", "isv.ACCOUNT_ABNORMAL": "account",
    "isv.PRODUCT_UN_SUBSCRIPT": "account", "isv.PRODUCT_UNSUBSCRIBE": "account",
    "isv.SMS_SIGNATURE_ILLEGAL": "signature", "isv.SMS_SIGN": "signature", "isv.SMS_TEMPLATE": "template",
    "isv.TEMPLATE": "template", "isv.INVALID_PARAMETERS": "template", "isv.PARAM_LENGTH_LIMIT": "template",
    "isv.INVALID_JSON_PARAM": "template", "isv.PARAM_NOT_SUPPORT_URL": "template",
    "isv.BLACK_KEY_CONTROL_LIMIT": "content", "isv.SMS_CONTENT": "content", "isv.MOBILE": "number",
    "isv.BUSINESS_LIMIT_CONTROL": "flood", "isv.DAY_LIMIT_CONTROL": "flood", "isv.MONTH_LIMIT_CONTROL": "flood",
    "Throttling": "flood", "isp.": "unreachable", "ServiceUnavailable": "unreachable", "InternalError": "unreachable",
}  # fmt: skip

OPERATORS: Final[Mapping[str, Trouble]] = {
    "MOBILE_NOT_ON_SERVICE": "off", "MOBILE_TERMINAL_ERROR": "off", "EXPIRED": "off", "MOBILE_SEND_LIMIT": "flood",
    "MOBILE_IN_BLACK": "blocked", "MOBILE_ACCOUNT_ABNORMAL": "number", "INVALID_NUMBER": "number",
    "CONTENT_KEYWORD": "content", "CONTENT_ERROR": "content", "SIGNATURE_BLACKLIST": "signature",
    "REJECTD": "blocked", "REJECT": "blocked", "MK:0001": "number", "MK:0005": "off", "MN:0001": "number",
    "MI:0013": "off", "MI:0024": "off", "MB:1042": "flood", "MB:0069": "blocked", "DB:0141": "blocked",
    "DB:0142": "flood", "UNDELIV": "operator",
}  # fmt: skip


def _arrival(code: str, told: str = "") -> dict[str, Any]:
    known = max((one for one in OPERATORS if code.startswith(one)), key=len, default="")
    return {"reason": f"{code} {told}".strip()[:200], "trouble": OPERATORS.get(known, "operator")}


class Aliyun(HttpCarrier):
    def __init__(self, section: AliyunSection, now: Callable[[], datetime]) -> None:
        super().__init__(section, section.endpoint, now)
        self._section, self.longest = section, section.longest_value

    async def deliver(self, notice: OutboxMessage) -> Taken:
        assert notice.filled is not None
        pieces = parts(notice.text)
        if notice.tries > 1 and notice.created is not None:
            for at in {notice.created.astimezone(CHINA).date(), self._now().astimezone(CHINA).date()}:
                for one in await self._details(notice.to, {"SendDate": f"{at:%Y%m%d}", "PageSize": "50"}):
                    if one.get("OutId") == notice.id:
                        return Taken("", pieces)
        values = json.dumps(dict(notice.filled.values), ensure_ascii=False)
        told = await self._call("SendSms", {
            "PhoneNumbers": notice.to, "SignName": notice.text.signature, "TemplateCode": notice.filled.code,
            "TemplateParam": values, "OutId": notice.id,
        })  # fmt: skip
        if not isinstance(told.get("BizId"), str):
            raise NotDelivered("answered OK, and told no BizId", trouble="unreachable")
        return Taken(told["BizId"], pieces)

    async def asked(self, awaited: Sequence[Awaited]) -> Sequence[Receipt]:
        found = []
        for one in awaited:
            wanted = {"SendDate": f"{one.sent_at.astimezone(CHINA):%Y%m%d}", "PageSize": "50"}
            if one.reference:
                wanted["BizId"] = one.reference
            for told in await self._details(one.to, wanted):
                mine = told.get("OutId") == one.message or (one.reference and not told.get("OutId"))
                if not mine or told.get("SendStatus") not in (2, 3):
                    continue
                arrived, at = told["SendStatus"] == 3, _local(told.get("ReceiveDate"))
                why = {} if arrived else _arrival(str(told.get("ErrCode", "")))
                found.append(Receipt(arrived, one.message, at=at, **why))
        return found

    def pushed(self, secret: str, query: Mapping[str, str], body: bytes) -> tuple[Sequence[Receipt], str]:
        """SmsReport by HTTP in batches."""
        self._own(secret)
        found = []
        for one in _list_in(body):
            arrived = one.get("success") is True
            why = {} if arrived else _arrival(str(one.get("err_code", "")), str(one.get("err_msg", "")))
            at, id_ = _local(one.get("report_time")), str(one.get("out_id") or "")
            found.append(Receipt(arrived, id_, str(one.get("biz_id") or ""), at, **why))
        return found, json.dumps({"code": 0, "msg": "OK"})

    async def _details(self, phone: str, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
        told = await self._call("QuerySendDetails", {"PhoneNumber": phone, "CurrentPage": "1", **wanted})
        rows = (told.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO")
        return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []

    async def _call(self, action: str, fields: Mapping[str, str]) -> dict[str, Any]:
        query = "&".join(f"{_encoded(name)}={_encoded(fields[name])}" for name in sorted(fields))
        headers = self._signed(action, query)
        told = await self._ask("POST", f"{self._endpoint}/?{query}", headers)
        if (code := str(told.get("Code", ""))) != "OK":
            raise refusal(code, _ALIYUN)
        return told

    def _signed(self, action: str, query: str) -> dict[str, str]:
        headers = {
            "host": self.host,
            "x-acs-action": action,
            "x-acs-content-sha256": _sha(b""),
            "x-acs-date": f"{self._now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-version": "2017-05-25",
        }
        names, mac = acs3(self._section.access_key_secret.read(), query, headers)
        credential = f"Credential={self._section.access_key_id},SignedHeaders={names},Signature={mac}"
        return {**headers, "Authorization": f"ACS3-HMAC-SHA256 {credential}"}


def acs3(secret: str, query: str, headers: Mapping[str, str]) -> tuple[str, str]:
    """Which headers are signed, and the signature of a POST without a body."""
    names = ";".join(sorted(headers))
    told = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join(("POST", "/", query, told, names, _sha(b"")))
    to_sign = f"ACS3-HMAC-SHA256\n{_sha(request.encode())}"
    return names, hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


# ---------------------------------------------------------------------------- Tencent Cloud

_TENCENT: Final[Mapping[str, Trouble]] = {
    "AuthFailure": "credentials", "AuthFailure.SignatureExpire": "clock", "UnauthorizedOperation": "credentials",
    "FailedOperation.SignatureIncorrectOrUnapproved": "signature", "FailedOperation.Template": "template",
    "InvalidParameterValue.Template": "template", "InvalidParameterValue.ContentLengthLimit": "template",
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": "template",
    "FailedOperation.ContainSensitiveWord": "content", "FailedOperation.PhoneNumberInBlacklist": "blocked",
    "FailedOperation.InsufficientBalanceInSmsPackage": "account", "FailedOperation.NotEnterpriseCertification":
    "account", "InvalidParameterValue.IncorrectPhoneNumber": "number", "UnsupportedOperation": "number",
    "LimitExceeded": "flood", "RequestLimitExceeded": "flood", "InternalError": "unreachable",
    "FailedOperation.FailResolvePacket": "unreachable",
}  # fmt: skip


class Tencent(HttpCarrier):
    def __init__(self, section: TencentSection, now: Callable[[], datetime]) -> None:
        super().__init__(section, section.endpoint, now)
        self._section, self.longest = section, section.longest_value

    async def deliver(self, notice: OutboxMessage) -> Taken:
        assert notice.filled is not None
        if notice.tries > 1 and notice.created is not None:
            for one in await self._statuses(notice.to, notice.created):
                if one.get("SessionContext") == notice.id:
                    return Taken(str(one.get("SerialNo") or ""), parts(notice.text))
        told = await self._call("SendSms", {
            "PhoneNumberSet": [f"+86{notice.to}"], "SmsSdkAppId": self._section.app_id,
            "SignName": notice.text.signature, "TemplateId": notice.filled.code,
            "TemplateParamSet": [value for _, value in notice.filled.values], "SessionContext": notice.id,
        })  # fmt: skip
        rows = told.get("SendStatusSet")
        if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
            raise NotDelivered("answered without saying of the one number", trouble="unreachable")
        row = rows[0]
        if row.get("Code") != "Ok":
            raise refusal(str(row.get("Code", "")), _TENCENT)
        fee = row.get("Fee")
        return Taken(str(row.get("SerialNo") or ""), fee if isinstance(fee, int) and fee else parts(notice.text))

    async def asked(self, awaited: Sequence[Awaited]) -> Sequence[Receipt]:
        found = []
        for one in awaited:
            for told in await self._statuses(one.to, one.sent_at):
                if told.get("SerialNo") == one.reference and told.get("ReportStatus") in ("SUCCESS", "FAIL"):
                    at = told.get("UserReceiveTime")
                    when = datetime.fromtimestamp(at, UTC) if isinstance(at, int) and at > 0 else None
                    arrived = told["ReportStatus"] == "SUCCESS"
                    why = {} if arrived else _arrival(str(told.get("Description") or ""))
                    found.append(Receipt(arrived, one.message, at=when, **why))
        return found

    def pushed(self, secret: str, query: Mapping[str, str], body: bytes) -> tuple[Sequence[Receipt], str]:
        self._own(secret)
        found = []
        for one in _list_in(body):
            arrived = one.get("report_status") == "SUCCESS"
            why = {} if arrived else _arrival(str(one.get("errmsg", "")), str(one.get("description", "")))
            at = _local(one.get("user_receive_time"))
            found.append(Receipt(arrived, reference=str(one.get("sid") or ""), at=at, **why))
        return found, json.dumps({"result": 0, "errmsg": "OK"})

    async def _statuses(self, phone: str, since: datetime) -> list[dict[str, Any]]:
        """It keeps them for seven days."""
        earliest = max(since, self._now() - timedelta(days=7))
        told = await self._call("PullSmsSendStatusByPhoneNumber", {
            "BeginTime": int(earliest.timestamp()), "EndTime": int(self._now().timestamp()) + 1, "Offset": 0,
            "Limit": 100, "PhoneNumber": f"+86{phone}", "SmsSdkAppId": self._section.app_id,
        })  # fmt: skip
        rows = told.get("PullSmsSendStatusSet")
        return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []

    async def _call(self, action: str, fields: Mapping[str, object]) -> dict[str, Any]:
        body = json.dumps(fields, ensure_ascii=False).encode()
        told = (await self._ask("POST", f"{self._endpoint}/", self._signed(action, body), body)).get("Response")
        if not isinstance(told, dict):
            raise NotDelivered("answered without a Response", trouble="unreachable")
        if isinstance(error := told.get("Error"), dict):
            raise refusal(str(error.get("Code", "")), _TENCENT)
        return told

    def _signed(self, action: str, body: bytes) -> dict[str, str]:
        at, kind = self._now().astimezone(UTC), "application/json; charset=utf-8"
        names, scope = "content-type;host;x-tc-action", f"{at:%Y-%m-%d}/sms/tc3_request"
        told = f"content-type:{kind}\nhost:{self.host}\nx-tc-action:{action.lower()}\n"
        request = "\n".join(("POST", "/", "", told, names, _sha(body)))
        stamp = str(int(at.timestamp()))
        to_sign = "\n".join(("TC3-HMAC-SHA256", stamp, scope, _sha(request.encode())))
        key = ("TC3" + self._section.secret_key.read()).encode()
        for part in (f"{at:%Y-%m-%d}", "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        mac = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        credential = f"Credential={self._section.secret_id}/{scope}, SignedHeaders={names}, Signature={mac}"
        return {
            "Authorization": f"TC3-HMAC-SHA256 {credential}",
            "Content-Type": kind,
            "Host": self.host,
            "X-TC-Action": action,
            "X-TC-Version": "2021-01-11",
            "X-TC-Timestamp": stamp,
            "X-TC-Region": self._section.region,
        }


# ---------------------------------------------------------------------------- China Mobile

_MAS: Final[Mapping[str, Trouble]] = {
    "IllegalMac": "credentials", "InvalidUsrOrPwd": "credentials", "IllegalSignId": "signature",
    "NoSignId": "signature",
    "InvalidMessage": "content", "IllegalTemplate": "template", "TooManyMobiles": "number",
}  # fmt: skip


class Mas(HttpCarrier):
    def __init__(self, section: MasSection, now: Callable[[], datetime]) -> None:
        super().__init__(section, section.endpoint, now)
        self._section, self.longest = section, section.longest_value if section.templates else None

    async def deliver(self, notice: OutboxMessage) -> Taken:
        own, filled = self._section, notice.filled
        said = {"ecName": own.ec_name, "apId": own.ap_id}
        if filled is not None:
            values = json.dumps([value for _, value in filled.values], ensure_ascii=False)
            said |= {"templateId": filled.code, "mobiles": notice.to, "params": values}
        else:
            said |= {"mobiles": notice.to, "content": notice.text.unsigned}
        said |= {"sign": own.sign, "addSerial": own.serial}
        order = list(said.values())
        order.insert(2, own.secret_key.read())
        said["mac"] = hashlib.md5("".join(order).encode(), usedforsecurity=False).hexdigest()
        body = base64.b64encode(json.dumps(said, ensure_ascii=False).encode())
        where = "tmpsubmit" if filled is not None else "norsubmit"
        told = await self._ask("POST", f"{self._endpoint}/{where}", {"Content-Type": "application/json"}, body)
        if told.get("rspcod") != "success" or told.get("success") is not True:
            raise refusal(str(told.get("rspcod", "")), _MAS)
        return Taken(str(told.get("msgGroup") or ""), parts(notice.text))

    def pushed(self, secret: str, query: Mapping[str, str], body: bytes) -> tuple[Sequence[Receipt], str]:
        self._own(secret)
        found = []
        for one in _list_in(body):
            arrived = one.get("reportStatus") == "CM:0000" or one.get("errorCode") == "DELIVRD"
            why = {} if arrived else _arrival(str(one.get("errorCode") or one.get("reportStatus") or ""))
            at = _local(one.get("receiveDate"), "%Y%m%d%H%M%S")
            found.append(Receipt(arrived, reference=str(one.get("msgGroup") or ""), at=at, **why))
        return found, "success"
