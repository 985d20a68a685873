"""How far a seal reaches, said as it is: three levels, each with the sentence that papers carry. Pure.

Who vouches for a certificate cannot be computed from it: the office says who issued it, and a certificate that its own
owner issued is never more than "own". Only a sealing platform makes seals of the unified system (State Council Order
716 Art 9): what this program makes itself is no seal structure of GB/T 38540.
"""

from __future__ import annotations

from typing import Final, Literal

Assurance = Literal["own", "provider", "unified"]
LONGEST: Final = 120  # characters of a certifier's name


def sentence(assurance: Assurance, certifier: str) -> str:
    """For a Chinese paper."""
    match assurance:
        case "own":
            return (
                "本文书的电子印章使用本机关自行管理的密钥和证书，可以证明文书出自本机关、盖章后未被改动；"
                "该证书未登记为依法设立的电子认证服务机构所签发，本印章也不是国家统一电子印章。"
                "需要加盖实物印章的，请向本机关领取纸质件。"
            )
        case "provider":
            return (
                f"本文书的电子印章使用{certifier}签发的数字证书，可以证明文书出自本机关、盖章后未被改动；"
                "符合《中华人民共和国电子签名法》第十三条规定条件的，依照该法第十四条与盖章具有同等的法律效力。"
                "本印章不是国家统一电子印章。需要加盖实物印章的，请向本机关领取纸质件。"
            )
        case "unified":
            return (
                f"本文书由{certifier}加盖国家统一电子印章，"
                "依照《国务院关于在线政务服务的若干规定》第九条，与加盖实物印章具有同等法律效力。"
            )


SIGNATURES: Final = (
    "当事人的签名由其在手机或者电脑上作出，按签名处所注方式核对身份；验证码由本系统生成和核对，发送至本机关登记的手机号码；"
    "签名不使用签名人专属的数字证书。是否属于可靠的电子签名，依照《中华人民共和国电子签名法》第十三条认定。"
)
"""Under what parties signed: who controls what the signature is made with."""
